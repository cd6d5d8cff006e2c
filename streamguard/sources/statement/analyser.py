"""From the text of a statement to what it reveals: caches in front, patterns before grammar."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from streamguard.sources.statement.combine import bounded, commented, sealed, with_inner
from streamguard.sources.statement.embedded import query_in
from streamguard.sources.statement.lexicon import Lexicon, lexicon_of
from streamguard.sources.statement.literals import Interests, Literals, subjects_and_scope
from streamguard.sources.statement.memory import Memory
from streamguard.sources.statement.normalise import Groups, tidy
from streamguard.sources.statement.reading import Reading
from streamguard.sources.statement.scan import Scan, literals_of, peel_comment, scan, shape_of
from streamguard.sources.statement.slices import slice_of
from streamguard.sources.statement.tables import tables_anywhere
from streamguard.sources.statement.template import Template, template_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.sealing import Sealer
    from streamguard.sources.statement.record import Statement

_EXACT_CHARACTERS: Final = 2_048
"""Longer texts are not cached as they came, nor by shape: the bound of those caches' memory (they rarely repeat)."""
_LONG_TEXTS: Final = 256
"""Normalised texts beyond that length that are remembered."""
_MAX_EMBEDDED: Final = 8
"""Queries read from the literals of one text."""
_NOTHING: Final = Interests()
_LAST_NUMBER: Final = re.compile(r"(?<![\w$.:'])\d{1,15}(?=[\s;]*\Z)", re.ASCII)
_TAIL_CHARACTERS: Final = 40


class _Text(NamedTuple):
    """One text on its way through the caches."""

    code: str
    """The text, without a comment that could be peeled off."""
    lexicon: Lexicon
    has_shape: bool
    scanned: Scan | None
    reading: Reading
    comment: str | None


class CacheUse(NamedTuple):
    """What the caches saved so far."""

    lookups: int
    """Texts analysed."""
    known_texts: int
    """Of those, texts that were there before, letter for letter."""
    parsed: int
    """Normalised texts that had to be parsed."""


class Analyser:
    """Analyses statement texts; never raises, and its time is bounded for any text.

    Three caches of ``cache_size`` entries each stand before the parser: by the text as it came, by its shape (the
    text without its literals, cheap to make), and by the normalised text, for which a hundred thousand different
    texts collapse to a few hundred.

    Parameters
    ----------
    cache_size
        Entries of each cache.
    max_statement_bytes
        Of a longer text only this prefix is analysed; its columns then count as not known.
    interests
        Which literals are read at all; by default none but the number of a LIMIT.
    sealer
        Seals the complete texts of statements that may return data; None: they are not kept.

    Examples
    --------
    >>> found = Analyser().analyse("SELECT email FROM customers WHERE name = 'x' LIMIT 5", "postgres")
    >>> found.columns, found.filters, found.rows_at_most
    (('customers.email',), ('customers.name',), 5)
    """

    def __init__(
        self,
        cache_size: int = 20_000,
        max_statement_bytes: int = 32 * 1024,
        interests: Interests = _NOTHING,
        sealer: Sealer | None = None,
    ) -> None:
        self._max_bytes = max_statement_bytes
        self._interests = interests
        self._sealer = sealer
        self._by_text = lru_cache(maxsize=cache_size)(self._analyse)
        self._by_shape: Memory[tuple[str, str, bool], Reading] = Memory(cache_size)
        self._by_bare: Memory[tuple[str, str, bool], Reading] = Memory(cache_size)
        self._by_normalised = lru_cache(maxsize=cache_size)(template_of)
        self._by_long = lru_cache(maxsize=min(cache_size, _LONG_TEXTS))(template_of)

    def analyse(self, sql: str, dialect: str, parameters: Sequence[str | None] = ()) -> Statement:
        """Return what a statement is and reveals.

        Parameters
        ----------
        sql
            The text as logged; anything at all.
        dialect
            sqlglot's name of the SQL dialect, such as ``postgres``; an unknown one is read as PostgreSQL's tokens
            in generic SQL.
        parameters
            Values of its bind parameters, from the first, as far as the log has them; read only where the literals
            in their place would be.
        """
        if parameters or len(sql) > _EXACT_CHARACTERS:
            return self._analyse(sql, dialect, parameters)
        return self._by_text(sql, dialect)

    @property
    def cache_use(self) -> CacheUse:
        """What the caches saved so far; texts too long for them, and those with parameters, are not counted."""
        texts = self._by_text.cache_info()
        parsed = self._by_normalised.cache_info().misses + self._by_long.cache_info().misses
        return CacheUse(texts.hits + texts.misses, texts.hits, parsed)

    def _analyse(self, sql: str, dialect: str, parameters: Sequence[str | None] = ()) -> Statement:
        statement, template = self._understand(sql, dialect, parameters)
        return statement if self._sealer is None else sealed(statement, template, sql, parameters, self._sealer)

    def _understand(self, sql: str, dialect: str, parameters: Sequence[str | None]) -> tuple[Statement, Template]:
        # What most texts are comes first: of a known shape, and with nothing to read.
        lexicon = lexicon_of(dialect)
        shape = shape_of(sql, lexicon) if len(sql) <= _EXACT_CHARACTERS and len(sql) * 4 <= self._max_bytes else None
        known = None if shape is None else self._by_shape.get((shape, dialect, False))
        if known is not None and not known.template.needs_literals:
            return known.template.statement, known.template
        text = self._look_up(sql, dialect) if known is None else _Text(sql, lexicon, True, None, known, None)
        reading = text.reading
        statement = reading.template.statement
        if text.comment is not None:
            statement = commented(statement, text.comment)
        if not reading.template.needs_literals:
            return statement, reading.template
        if reading.ends_with_limit and text.has_shape:
            number = _LAST_NUMBER.search(text.code, max(0, len(text.code) - _TAIL_CHARACTERS))
            if number is not None:
                return bounded(statement, int(number[0])), reading.template
        literals = Literals(_marks(text), reading.groups, parameters)
        statement = self._filled(statement, reading.template, literals)
        if reading.template.queries:
            statement = self._with_queries(statement, reading.template, literals, dialect)
        return statement, reading.template

    def _look_up(self, sql: str, dialect: str) -> _Text:
        """Find what is known of a text's shape, or find it out."""
        lexicon = lexicon_of(dialect)
        code = sql
        if len(_cut(sql, self._max_bytes)) < len(sql):
            # Long comments are no reason to cut; only a text with a comment before it is read twice.
            code = peel_comment(sql.lstrip())[0] if sql.lstrip()[:2] in {"/*", "--"} else sql
            if len(_cut(code, self._max_bytes)) < len(code):
                return self._look_up_long(sql, dialect)
            comment = peel_comment(sql.lstrip())[1]
            text = self._look_up(code.lstrip(), dialect)
            return text._replace(comment=comment)
        was_cut = False
        comment = None
        whole = code
        if code[:1] in {"/", "-"} or code[-1:] == "/":
            code, comment = peel_comment(code)
        shape = shape_of(code, lexicon)
        if shape is not None:
            key = (shape, dialect, was_cut)
            scanned = None
            reading = self._by_shape.get(key)
            if reading is None:
                scanned = scan(code, lexicon)
                reading = self._read(scanned, dialect, was_cut)
                if len(shape) <= _EXACT_CHARACTERS:
                    self._by_shape.put(key, reading)
            return _Text(code, lexicon, True, scanned, reading, comment)
        scanned = scan(whole, lexicon)
        key = (scanned.bare, dialect, was_cut)
        reading = self._by_bare.get(key)
        if reading is None:
            reading = self._read(scanned, dialect, was_cut)
            if len(scanned.bare) <= _EXACT_CHARACTERS:
                self._by_bare.put(key, reading)
        return _Text(whole, lexicon, False, scanned, reading, scanned.comment)

    def _look_up_long(self, sql: str, dialect: str) -> _Text:
        """Analyse the beginning of a text; its tables are looked for in all of it."""
        lexicon = lexicon_of(dialect)
        scanned = scan(sql, lexicon)
        normal = tidy(scanned.bare, dialect)
        template = self._by_long(_cut(normal, self._max_bytes), dialect, True, _NOTHING)
        tables = tuple(sorted({*template.statement.tables, *tables_anywhere(normal)}))
        template = Template(msgspec.structs.replace(template.statement, tables=tables))
        reading = Reading(template=template, groups=(), marks=len(scanned.marks), ends_with_limit=False)
        return _Text(sql, lexicon, False, scanned, reading, scanned.comment)

    def _read(self, scanned: Scan, dialect: str, was_cut: bool) -> Reading:
        normal = tidy(scanned.bare, dialect)
        by_normalised = self._by_normalised if len(normal) <= _EXACT_CHARACTERS else self._by_long
        template = by_normalised(normal, dialect, was_cut, self._interests)
        groups: Groups = []
        if template.needs_literals:
            groups = [(place,) for place in range(len(scanned.marks))]
            tidy(scanned.bare, dialect, groups)
        is_last = bool(groups) and template.limit == len(groups) - 1 and groups[-1] == (len(scanned.marks) - 1,)
        return Reading(
            template=template,
            groups=tuple(groups),
            marks=len(scanned.marks),
            ends_with_limit=is_last
            and scanned.bare.rstrip("; \n\t\r").endswith("?")
            and not (template.slots or template.queries or template.piece),
        )

    def _filled(self, statement: Statement, template: Template, literals: Literals) -> Statement:
        rows = statement.rows_at_most if template.limit is None else literals.number(template.limit)
        subjects, scope = subjects_and_scope(template.slots, literals, self._interests)
        piece = None if template.piece is None else slice_of(template.piece, literals, self._interests.key)
        if rows is None and not subjects and not scope and piece is None:
            return statement
        is_missing = (template.limit is not None and rows is None) or (template.piece is not None and piece is None)
        return msgspec.structs.replace(
            statement,
            rows_at_most=rows,
            subjects=subjects,
            scope=scope,
            slice=piece,
            takes_values=is_missing or bool(template.slots or template.queries),
        )

    def _with_queries(self, statement: Statement, template: Template, literals: Literals, dialect: str) -> Statement:
        """Add what the queries in literals reveal; queries in their literals are not looked for."""
        # A mark may stand for a whole list of literals, as in the rows of VALUES.
        queries = [
            (query, literal) for query in template.queries[:_MAX_EMBEDDED] for literal in literals.of(query.mark)
        ]
        for query, literal in queries[:_MAX_EMBEDDED]:
            text = self._look_up(query_in(literal, query.kind), dialect)
            inner = text.reading.template
            nothing_read = Literals(_marks(text), text.reading.groups, ())
            found = self._filled(inner.statement, inner, nothing_read)
            statement = with_inner(statement, found, query, len(queries))
        return statement


def _marks(text: _Text) -> Sequence[str | int | None]:
    """Return what the marks of a text stand for, in the cheapest way that is certain."""
    if text.scanned is not None:
        return text.scanned.marks
    literals = literals_of(text.code, text.lexicon)
    return literals if len(literals) == text.reading.marks else scan(text.code, text.lexicon).marks


def _cut(sql: str, max_bytes: int) -> str:
    if len(sql) * 4 <= max_bytes:
        return sql
    encoded = sql.encode("utf-8", "replace")
    return sql if len(encoded) <= max_bytes else encoded[:max_bytes].decode("utf-8", "ignore")
