"""Which texts are not given to the parser, because it would not come back.

sqlglot tries one reading after the other and reads again what is inside. Where such a place holds another one the time
doubles: a text of a hundred characters keeps it busy for longer than anybody waits. Nothing can interrupt it, so what
doubles is counted beforehand. Found by fuzzing sqlglot 30.30 with every keyword of every dialect, nested and in a row.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from sqlglot.dialects.dialect import Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_DEPTH: Final = 40
"""Nesting beyond this is not parsed. The parser needs some three levels of recursion each, and whether it has
them must not depend on how deep the caller is: the same text must always give the same answer."""
_MAX_BRACKET_DEPTH: Final = 4
"""sqlglot takes exponential time in nested brackets (forty of them never end) and quadratic time in a row."""
_MAX_BRACKETS: Final = 200
_MAX_READ_CHARACTERS: Final = 96 * 1024
"""Characters that the parser reads, those counted twice that it reads twice: a second's work at most."""
_MOST_DOUBLINGS: Final = 40
"""More are as good as these."""

_CHAINS: Final = re.compile(
    r"(?:\bnot\b ?){9}|(?:[-+~@!] ?){9}|(?:\[[^\[\]]*\] ?){9}|(?:\binterval\b ?){9}|(?:\bexists ?\( ?){9}"
    r"|\[[^\[\]]*:[^\[\]]*:"
    # Identifiers have at most 255 characters; a longer one times many columns would fill the memory.
    r"|(?<![\w$])[\w$]{256}"
)
_TOKEN: Final = re.compile(r"[^\W\d][\w$]*+|\"[^\"]*+\"?|`[^`]*+`?|[()\[\]]")
_WITHOUT_CONDITION: Final = frozenset({"cross", "natural"})
_END_OF_JOINS: Final = frozenset({
    "select", "from", "where", "group", "order", "having", "qualify", "window", "union", "except", "intersect", "set",
    "values",
})  # fmt: skip


@cache
def _doubling_words(dialect: str | None) -> Mapping[str, int]:
    """Return the words before a parenthesis whose inside is read twice, and how often the time doubles.

    A type (``date(...)``) may be a function, too; a number of rows may be a query.
    """
    found = Dialect.get_or_raise(dialect)
    words = (word for word, mark in found.tokenizer_class.KEYWORDS.items() if mark in found.parser_class.TYPE_TOKENS)
    # Of several the last stands before the parenthesis: ``double precision``, ``user-defined``.
    return {re.split("[ -]", word.lower())[-1]: 1 for word in words} | {"limit": 1, "offset": 1, "binary": 2}


def is_hostile(query: str, dialect: str | None) -> bool:
    """Whether the nesting of a normalised query would cost the parser its stack or exponential time.

    Parameters
    ----------
    query
        What is to be parsed.
    dialect
        One that sqlglot knows; None: its own.
    """
    if query.count("[") > _MAX_BRACKETS or _CHAINS.search(query):
        return True
    return _takes_too_long(query, _doubling_words(dialect))


def _takes_too_long(query: str, doubling: Mapping[str, int]) -> bool:
    around: list[tuple[int, int]] = []
    doublings = joins = 0  # of what is around this place; of the joins before it that have no condition yet
    cases = brackets = read = position = 0
    before = ""
    for match in _TOKEN.finditer(query):
        mark = match[0]
        read += (match.end() - position) << min(doublings + joins, _MOST_DOUBLINGS)
        position = match.end()
        if mark == "(":
            around.append((doublings, joins))
            doublings, joins = doublings + joins + doubling.get(before, 0), 0
        elif mark == ")":
            doublings, joins = around.pop() if around else (0, 0)
        elif mark in {"join", "straight_join"}:
            joins += before not in _WITHOUT_CONDITION
        elif mark in {"on", "using"}:
            joins = max(0, joins - 1)
        elif mark in _END_OF_JOINS:
            joins = 0
        elif mark in {"case", "end"}:
            cases += 1 if mark == "case" else -1
        elif mark in {"[", "]"}:
            brackets += 1 if mark == "[" else -1
        before = mark
        if len(around) + cases > _MAX_DEPTH or brackets > _MAX_BRACKET_DEPTH or read > _MAX_READ_CHARACTERS:
            return True
    return False
