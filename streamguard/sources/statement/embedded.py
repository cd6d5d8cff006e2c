"""Queries inside string literals: UNLOAD ('select ...'), EXECUTE IMMEDIATE '...', dblink, OPENQUERY and the like."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_RUNS_HERE: Final = re.compile(
    r"(?:unload ?\( ?|(?:execute immediate|exec(?:ute)?) ?\(? ?|prepare [\w$`]+ from |do (?:language \"?plpgsql\"? )?"
    r"|open [\w$]+ for |exec(?:ute)? (?:\w+\.)*sp_executesql (?:@\w+ ?= ?)?)(?P<mark>\?)"
)
"""The statement does nothing but run what is in the literal."""
_RUNS_ELSEWHERE: Final = re.compile(
    r"\b(?:dblink\w* ?\((?: ?\? ?,)?|openquery ?\([^,()]*,|openrowset ?\( ?\? ?[,;](?: ?\? ?[,;]){0,3}"
    r"|external_query ?\( ?\? ?,|system\.query ?\( ?query ?=>|query_to_xml\w* ?\("
    r"|(?P<command>xp_cmdshell)|(?P<table>table_to_xml\w* ?\()) ?(?P<mark>\?)"
)
"""A function runs what is in the literal, often in another database."""
_BULK_COPY: Final = re.compile(r"\bbcp(?:\.exe)?\s+(?:\"([^\"]*)\"|(\S+))\s+(queryout|out)\b", re.IGNORECASE)
"""SQL Server's export program."""
_NAME: Final = re.compile(r"\s*(?:[^\W\d][\w$]*|\"[^\"]*\")(?:\.(?:[^\W\d][\w$]*|\"[^\"]*\"))*\s*")
_OTHER_LANGUAGE: Final = re.compile(r"do \? ?language (?!\"?plpgsql\b)")
_MAX_QUERIES: Final = 8


class Embedded(NamedTuple):
    """Where a statement holds a query in a literal."""

    mark: int
    """Number of the mark that stands for the literal."""
    is_all: bool
    """Whether the statement does nothing else."""
    kind: str = "query"
    """What the literal is: a ``query``, a ``command`` line, the name of a ``table``."""


def embedded_in(text: str, start: int) -> tuple[Embedded, ...]:
    """Return the places of the queries inside one normalised statement.

    Parameters
    ----------
    text
        The statement.
    start
        Number of its first mark.
    """
    if _OTHER_LANGUAGE.match(text):
        return ()
    if match := _RUNS_HERE.match(text):
        return (Embedded(start + text.count("?", 0, match.start("mark")), is_all=True),)
    found = []
    for match in _RUNS_ELSEWHERE.finditer(text):
        kind = "command" if match["command"] else "table" if match["table"] else "query"
        found.append(Embedded(start + text.count("?", 0, match.start("mark")), is_all=False, kind=kind))
        if len(found) == _MAX_QUERIES:
            break
    return tuple(found)


def query_in(literal: str, kind: str) -> str:
    """Return the query of a literal: of a command line its export program's, if any, and nothing else of it."""
    if kind == "query":
        return literal
    if kind == "table":
        return f"select * from {literal}" if _NAME.fullmatch(literal) else ""  # noqa: S608 -- parsed, never run
    match = _BULK_COPY.search(literal)
    if match is None:
        return ""
    what = match[1] or match[2]
    return what if match[3].lower() == "queryout" else f"select * from {what}"  # noqa: S608 -- parsed, never run
