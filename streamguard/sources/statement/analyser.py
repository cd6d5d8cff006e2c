"""From the text of a statement to what it reveals: caches in front, patterns before grammar."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

import sqlglot
from sqlglot import exp

from streamguard.sources.statement.bodies import body_of, writes_only
from streamguard.sources.statement.normalise import normalise
from streamguard.sources.statement.record import Statement
from streamguard.sources.statement.reveal import Tracer
from streamguard.sources.statement.tables import tables_by_pattern, tables_of
from streamguard.sources.statement.verbs import Command, classify, strongest

_CUT: Final = " ..."
_EXACT_CHARACTERS: Final = 2_048
"""Longer texts are not cached as they came: the bound of that cache's memory (and they rarely repeat)."""
_MAX_STATEMENTS: Final = 50
_MAX_DEPTH: Final = 40
"""Nesting beyond this is not parsed. The parser needs some three levels of recursion each, and whether it has
them must not depend on how deep the caller is: the same text must always give the same answer."""
_MAX_BRACKET_DEPTH: Final = 4
"""sqlglot takes exponential time in nested brackets (forty of them never end) and quadratic time in a row."""
_MAX_BRACKETS: Final = 200

_NESTING: Final = re.compile(r"[()\[\]]|\bcase\b|\bend\b")
_CHAINS: Final = re.compile(
    r"(?:\bnot\b ?){9}|(?:[-+~@!] ?){9}|(?:\[[^\[\]]*\] ?){9}|(?:\binterval\b ?){9}|(?:\bexists ?\( ?){9}"
    r"|\[[^\[\]]*:[^\[\]]*:"
)
_MARKS: Final = re.compile(r"\?\?(?:[|&](?![|&]))?|\?")


class _Part(NamedTuple):
    """What one statement of a text contributes."""

    command: Command
    tables: frozenset[str]
    columns: frozenset[str]
    known: bool
    parsed: bool


class Analyser:
    """Analyses statement texts; never raises, and its time is bounded for any text.

    Two caches of ``cache_size`` entries each stand before the parser: one by the text as it came, one by the
    normalised text, for which a hundred thousand different texts collapse to a few hundred.

    Parameters
    ----------
    cache_size
        Entries of each cache.
    max_statement_bytes
        Of a longer text only this prefix is analysed; its columns then count as not known.
    """

    def __init__(self, cache_size: int = 20_000, max_statement_bytes: int = 32 * 1024) -> None:
        self._max_bytes = max_statement_bytes
        self._by_text = lru_cache(maxsize=cache_size)(self._normalise_and_analyse)
        self._by_normalised = lru_cache(maxsize=cache_size)(_analyse)

    def analyse(self, sql: str, dialect: str) -> Statement:
        """Return what a statement is and reveals.

        Parameters
        ----------
        sql
            The text as logged; anything at all.
        dialect
            sqlglot's name of the SQL dialect, such as ``postgres``; an unknown one is read as generic SQL.
        """
        if len(sql) <= _EXACT_CHARACTERS:
            return self._by_text(sql, dialect)
        return self._normalise_and_analyse(sql, dialect)

    def _normalise_and_analyse(self, sql: str, dialect: str) -> Statement:
        prefix = _cut(sql, self._max_bytes)
        text = normalise(prefix, dialect)
        return self._by_normalised(text, dialect, len(prefix) < len(sql))


def _cut(sql: str, max_bytes: int) -> str:
    if len(sql) * 4 <= max_bytes:
        return sql
    encoded = sql.encode("utf-8", "replace")
    return sql if len(encoded) <= max_bytes else encoded[:max_bytes].decode("utf-8", "ignore")


def _analyse(text: str, dialect: str, was_cut: bool) -> Statement:
    # Literals are gone, and quoted names that hold a semicolon too, so it always separates.
    statements = [part for part in map(str.strip, text.split(";", _MAX_STATEMENTS)) if part]
    parts = [_analyse_one(part, dialect, parse=not was_cut) for part in statements]
    command = strongest([part.command for part in parts])
    told = text + _CUT if was_cut else text.rstrip("; ")
    return Statement(
        text=told,
        fingerprint=blake2b(told.encode(), digest_size=8).hexdigest(),
        verb=command.verb,
        export=command.export,
        tables=tuple(sorted(frozenset().union(*(part.tables for part in parts)))),
        columns=tuple(sorted(frozenset().union(*(part.columns for part in parts)))),
        columns_known=not was_cut and len(statements) <= _MAX_STATEMENTS and all(part.known for part in parts),
        parsed=bool(parts) and all(part.parsed for part in parts),
    )


def _analyse_one(text: str, dialect: str, *, parse: bool) -> _Part:
    command = classify(text)
    body = body_of(text, command.verb)
    if body.query is None:
        return _Part(command, frozenset(tables_by_pattern(text)), frozenset(), body.silent, parsed=body.silent)
    result = _understand(body.query, dialect) if parse and not _is_hostile(body.query) else None
    if result is None:
        silent = writes_only(text, command.verb)
        return _Part(command, frozenset(tables_by_pattern(text)), frozenset(), silent, parsed=False)
    tables, columns, known = result
    if command.verb in {"CREATE TABLE AS", "CREATE MATERIALIZED VIEW"}:
        tables |= tables_by_pattern(text[: text.find(body.query)])
    known = known and command.export != "server_function"
    return _Part(command, tables, columns, known, parsed=True)


def _understand(query: str, dialect: str) -> tuple[frozenset[str], frozenset[str], bool] | None:
    """Return tables, columns and whether they are complete; None for a text that the grammar does not have."""
    try:
        # As string literals the marks can stand wherever a literal can (date '?', interval '?').
        tree = sqlglot.parse_one(_MARKS.sub(_mark, query), read=dialect)
        if isinstance(tree, exp.Command):
            return None
        tracer = Tracer()
        columns = tracer.trace(tree)
        return frozenset(tables_of(tree)), columns, tracer.known
    except Exception:  # noqa: BLE001  (a compiled parser over attackers' texts: TypeError and more occur)
        return None


def _mark(match: re.Match[str]) -> str:
    return "'?'" if match[0] == "?" else "@>"


def _is_hostile(query: str) -> bool:
    """Whether the nesting of a query would cost the parser its stack or exponential time."""
    if query.count("[") > _MAX_BRACKETS or _CHAINS.search(query):
        return True
    depth = brackets = 0
    for match in _NESTING.finditer(query):
        mark = match[0]
        if mark in {"(", "case"}:
            depth += 1
        elif mark in {")", "end"}:
            depth -= 1
        else:
            brackets += 1 if mark == "[" else -1
        if depth > _MAX_DEPTH or brackets > _MAX_BRACKET_DEPTH:
            return True
    return False
