"""One statement text without its literals, in two ways of different cost, and the literals themselves.

`shape_of` is the fast way, for the texts that hold no comment, no backslash and nothing else that is rare: what it
returns is equal for texts of the same tokens but other literals, and nobody reads it. `scan` reads every text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from streamguard.sources.statement.lexicon import Lexicon

Mark: TypeAlias = str | int | None
"""What a ``?`` of a text without literals stands for: the literal as written, the number of a bind parameter
(from 1), or None: neither (the name of a thing, an operator)."""

_COMMENT_MARK: Final = re.compile(r"/\*|\*/")
_HARMLESS_NAME: Final = re.compile(r"[^\W\d][\w $()/%#*-]{0,62}(?:\.[\w $()/%#*-]{1,63}){0,3}")
"""Quoted names that stay. Others (with an @, starting with a digit, too long) could be values by mistake."""
_PLACEHOLDER: Final = re.compile(r"(?:(?<=[=(,<>])|(?<=[=(,<>] ))%s\b")
"""How Python's drivers write a bind parameter."""
_LITERALS: Final = frozenset({None, "tag", "again", "anew", "delimiter"})
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_DOLLARS: Final = re.compile(r"\$(\w*)\$(.*?)(?:\$\1\$)?", re.DOTALL)
_STRING: Final = re.compile(r"'((?:[^']|'')*+)(?:'|\Z)")
_CLOSING: Final = {"[": "]", "{": "}", "(": ")", "<": ">"}


class Scan(NamedTuple):
    """A text read token by token."""

    bare: str
    """The text with ``?`` in place of literals and of names that could be values, and without comments."""
    marks: list[Mark]
    """One for every ``?`` in ``bare``."""
    comment: str | None
    """The first comment as written, without the marks around it."""


def shape_of(sql: str, lexicon: Lexicon) -> str | None:
    """Return what is left of a text without literals, as a key; None: the text needs `scan`.

    Parameters
    ----------
    sql
        Statement text.
    lexicon
        Of the text's dialect.
    """
    for mark in lexicon.rare:
        if mark in sql:
            return None
    pieces = sql.split("'")
    if not len(pieces) & 1:
        return None
    # Between strings there is nothing but code; a doubled quote inside a string leaves an empty piece.
    code = pieces[::2]
    shape = "'".join(code)
    quote = lexicon.name_quote
    if quote in shape:
        # No name may hold what starts a string, nor what looks like a number.
        for piece in code:
            if piece.count(quote) & 1:
                return None
        if lexicon.numbers.search(quote.join(shape.split(quote)[1::2])):
            return None
    return lexicon.numbers.sub("?", shape)


def literals_of(sql: str, lexicon: Lexicon) -> list[Mark]:
    """Return the literals of a text that has a shape, as `scan` would."""
    quote = lexicon.name_quote
    found: list[Mark] = lexicon.literals.findall(sql)
    return [token for token in found if token[0] != quote] if quote in sql else found  # type: ignore[index]


def peel_comment(sql: str) -> tuple[str, str | None]:
    """Return a text without the one comment before or behind it that tools write there, and that comment.

    A comment behind is certain only if the rest has a shape: then no string is open where it begins.
    """
    if sql.startswith("/*") and (end := sql.find("*/", 2)) > 0:
        inside = sql[2:end]
        if inside[:1] not in {"!", "M", "+"} and "/*" not in inside:
            return sql[end + 2 :], inside
    elif sql.startswith("--"):
        line, _, rest = sql[2:].partition("\n")
        if "\r" not in line:
            return rest, line
    elif sql.endswith("*/") and (start := sql.rfind("/*")) > 0:
        inside = sql[start + 2 : -2]
        if inside[:1] not in {"!", "M", "+"} and "*/" not in inside:
            return sql[:start], inside
    return sql, None


def scan(sql: str, lexicon: Lexicon) -> Scan:
    """Read a text token by token.

    Parameters
    ----------
    sql
        Statement text; it may be cut anywhere, even inside a literal.
    lexicon
        Of the text's dialect.
    """
    parts: list[str] = []
    marks: list[Mark] = []
    comment: str | None = None
    placeholders = position = 0
    search = lexicon.pattern.search
    while match := search(sql, position):
        start = match.start()
        placeholders = _copy(sql[position:start], parts, marks, placeholders)
        position = match.end()
        kind = match.lastgroup
        if kind in _LITERALS:
            parts.append("?")
            marks.append(_mark(match[0], sql[start - 1 : start], lexicon))
        elif kind == "contains":
            # PostgreSQL's jsonb operators ?, ?| and ?& are doubled (as JDBC does), to stay apart from literals.
            parts.append(f"?{match[0]}")
            marks += (None, None)
        elif kind in {"comment", "block"}:
            if kind == "block":
                position = _end_of_block(sql, position)
            parts.append(" ")
            comment = _comment(sql[start:position]) if comment is None else comment
        else:
            name = match[kind] if kind is not None else ""
            # Every dialect that writes [name] also understands "name".
            quote = '"' if kind == "bracket" else match[0][0]
            is_harmless = _HARMLESS_NAME.fullmatch(name) is not None
            parts.append(f"{quote}{name if is_harmless else '?'}{quote}")
            marks += () if is_harmless else (None,)
    _copy(sql[position:], parts, marks, placeholders)
    # What MySQL runs of a comment ends with its mark; literals are gone, so it cannot be anything else.
    return Scan("".join(parts).replace("*/", "  "), marks, comment)


def value_of(mark: str) -> str:
    """Return the value of a literal as written."""
    quote = mark[:1]
    if quote == "$":
        match = _DOLLARS.fullmatch(mark)
        return mark if match is None else match[2]
    if quote in {"q", "Q"}:
        return mark[3:].removesuffix("'").removesuffix(_CLOSING.get(mark[2:3], mark[2:3]))
    if quote == "t":
        return mark[4:].removesuffix(mark[1:4])
    if quote in {"e", "E"}:
        return _ESCAPE.sub(r"\1", value_of(mark[1:]))
    return _quoted(mark, quote) if quote in {"'", '"'} else mark


def _quoted(mark: str, quote: str) -> str:
    if quote == "'" and "\n" in mark and "\\" not in mark:
        # PostgreSQL's strings that continue behind a line end.
        return "".join(_STRING.findall(mark)).replace("''", "'")
    return mark[1:-1].replace(quote * 2, quote) if mark[-1:] == quote else mark[1:]


def _copy(code: str, parts: list[str], marks: list[Mark], placeholders: int) -> int:
    """Append text between tokens; return the number of question marks that stand for parameters so far."""
    if "%s" in code:
        code = _PLACEHOLDER.sub("?", code)
    parts.append(code)
    here = code.count("?")
    if here:
        marks.extend(range(placeholders + 1, placeholders + here + 1))
    return placeholders + here


def _mark(token: str, before: str, lexicon: Lexicon) -> Mark:
    first = token[0]
    if first in "$:" and token[1:].isdigit() and token.isascii():
        return int(token[1:]) if len(token) < 8 else None
    if first == "'" and before in {"q", "Q"} and lexicon.escapes is False:
        return f"q{token}"
    if lexicon.triples and token.startswith(("'''", '"""')):
        token = f"t{token}"
    if "\\" in token and (lexicon.escapes or before in {"e", "E"}):
        return f"e{token}"
    return token


def _comment(text: str) -> str | None:
    """Return what is inside the marks of a comment; None for a hint and for what MySQL executes."""
    if text.startswith(("/*!", "/*M!", "/*+")):
        return None
    if text.startswith("/*"):
        return text[2:].removesuffix("*/")
    return text[1:] if text.startswith("#") else text[2:]


def _end_of_block(sql: str, position: int) -> int:
    depth = 1
    for match in _COMMENT_MARK.finditer(sql, position):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(sql)
