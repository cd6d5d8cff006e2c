"""The query inside a statement: what a cursor, a COPY or a CREATE TABLE AS takes its rows from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.sources.statement.batches import is_alone
from streamguard.sources.statement.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME: Final = r"(?:[\w$]+|\"[^\"]*\"|`[^`]*`)(?: ?\. ?(?:[\w$]+|\"[^\"]*\"|`[^`]*`))*"
_QUERY: Final = r"(?=[( ]*(?:select|with|values|table)\b)"
_COPY_TABLE: Final = re.compile(rf"copy (?:binary )?(?P<table>{_NAME})(?: ?\((?P<columns>[^()]*)\) ?| )to\b")
_COPY_STAGE: Final = re.compile(
    rf"copy into [@?]\S* (?:\([^()]*\) ?)?(?:[a-z_]+ ?= ?(?:\([^()]*\)|[^\s()]+) ?)*"
    rf"from (?:(?P<query>\(.*)|(?P<table>{_NAME}))"
)
_CLONE: Final = re.compile(rf"create .*?\b(?:clone|copy) (?P<table>{_NAME})")
_CURSOR: Final = re.compile(rf"(?:declare|open) .*?\b(?:for|is) {_QUERY}")
_WAY_OUT: Final = re.compile(
    rf"(?:insert (?:overwrite (?:local )?directory|into (?:table )?function|into open\w+)\b|export to\b).*?\b{_QUERY}"
)
_EXPORT_TABLE: Final = re.compile(rf"export table (?P<table>{_NAME})")
_VARIABLES: Final = re.compile(r" into @[\w$.]+(?: ?, ?@[\w$.]+)*")
_AS: Final = re.compile(rf"(?:create|prepare|export data)\b.*?\bas ?{_QUERY}")
_DATA: Final = re.compile(r" with (?:no )?data$")
_OUTFILE: Final = re.compile(r" ?\binto (?:out|dump)file \?(?:(?! from\b).)*")
_NO_MARK: Final = re.compile(r"[^?]+")
_WRITES_ONLY: Final = re.compile(r"\b(?:returning|select|with|table|output|exec|execute|call)\b")
_REPLACE: Final = re.compile(r"replace (?:low_priority |delayed )?(?:into )?")
_APPEND: Final = re.compile(rf"alter table {_NAME} append from (?P<table>{_NAME})")
_CREATE_SELECT: Final = re.compile(
    r"create [^?]*?\btable\b.*?(?=(?: |\()\(*(?:select|with [\w$\"`]+ ?(?:\([^()]*\) ?)?as ?\())"
)
_PARENTHESES: Final = re.compile(r"[()]")

_TOLD_BY_QUERY: Final = words("SELECT VALUES INSERT REPLACE UPDATE DELETE MERGE COPY PREPARE") | {
    "DECLARE CURSOR",
    "CREATE TABLE AS",
    "CREATE MATERIALIZED VIEW",
    "SELECT INTO",
    "EXPORT DATA",
    "EXPORT",
    "UNLOAD",
}
_OPAQUE: Final = words("FETCH HANDLER GET BACKUP CALL CLONE DECLARE DO EXECUTE REFRESH LOAD SHARE UNKNOWN")


class Body(NamedTuple):
    """What of a statement is to be parsed."""

    query: str | None
    """Text for the grammar; None if there is nothing that a grammar could tell."""
    silent: bool
    """With no query: whether the statement is known to return no data of any table."""
    marks_before: int = 0
    """How many marks of literals stand before the query."""


def body_of(text: str, verb: str) -> Body:
    """Find the query that decides what a normalised statement reveals.

    Parameters
    ----------
    text
        One normalised statement.
    verb
        Its command, from :func:`streamguard.sources.statement.verbs.classify`.
    """
    if verb in _OPAQUE or (verb == "SET" and "select" in text):
        return Body(None, silent=False)
    if match := _APPEND.match(text):
        return Body(_whole(match["table"]), silent=False)
    if verb not in _TOLD_BY_QUERY:
        return Body(None, silent=is_alone(text))
    find = _FINDERS.get(verb, _plain)
    return find(text, verb)


def _plain(text: str, verb: str) -> Body:
    """Return the statement itself, without what only says where the rows go."""
    if verb == "INSERT" and _WAY_OUT.match(text):
        return _after(_WAY_OUT, text)
    # No grammar has REPLACE; it reveals what an INSERT does.
    query = _REPLACE.sub("insert into ", text, count=1) if verb == "REPLACE" else text
    if "file" in text:
        query = _OUTFILE.sub(_only_marks, query)
    if " into @" in text:
        query = _VARIABLES.sub("", query)
    return Body(query, silent=writes_only(text, verb))


def writes_only(text: str, verb: str) -> bool:
    """Whether a statement that no grammar understood certainly returns and copies nothing."""
    if verb in {"UPDATE", "DELETE", "MERGE"}:
        return "returning" not in text and "output" not in text and not text.startswith("with") and is_alone(text)
    return verb in {"INSERT", "REPLACE"} and not _WRITES_ONLY.search(text) and is_alone(text)


def _unloaded(text: str, _: str) -> Body:
    query = _inside(text, text.find("("))
    # The text of the query may be a literal.
    is_query = query is not None and query.strip() != "?"
    return _part(text, text.find("(") + 1, query) if is_query else Body(None, silent=False)


def _exported(text: str, _: str) -> Body:
    match = _EXPORT_TABLE.match(text)
    return _after(_WAY_OUT, text) if match is None else Body(_whole(match["table"]), silent=False)


def _cursor(text: str, _: str) -> Body:
    return _after(_CURSOR, text)


def _created(text: str, verb: str) -> Body:
    clone = _CLONE.match(text) if verb == "CREATE TABLE AS" and not _AS.match(text) else None
    if clone:
        return Body(_whole(clone["table"]), silent=False)
    query = _DATA.sub("", text)
    return _after(_AS if verb != "CREATE TABLE AS" or _AS.match(query) else _CREATE_SELECT, query)


def _after(pattern: re.Pattern[str], text: str) -> Body:
    match = pattern.match(text)
    return _part(text, match.end(), text[match.end() :]) if match else Body(None, silent=False)


def _part(text: str, start: int, query: str | None) -> Body:
    """Return a query that begins at a place of the text."""
    return Body(query, silent=False, marks_before=text.count("?", 0, start))


def _only_marks(match: re.Match[str]) -> str:
    """Leave of a part that no grammar needs a comment with its marks, so that those behind keep their number."""
    return f" /*{_NO_MARK.sub('', match[0])}*/"


def _copied(text: str, _: str) -> Body:
    start = text.find("(")
    if text.startswith(("copy (", "copy(")):
        return _part(text, start + 1, _inside(text, start))
    if match := _COPY_TABLE.match(text):
        return Body(_whole(match["table"], match["columns"] or "*"), silent=False)
    if match := _COPY_STAGE.match(text):
        if match["query"]:
            return _part(text, match.start("query") + 1, _inside(match["query"], 0))
        return Body(_whole(match["table"]), silent=False)
    return Body(None, silent=is_alone(text))


def _whole(table: str, columns: str = "*") -> str:
    """Write a table as the query that it stands for; it is parsed and never run."""
    return f"select {columns} from {table}"  # noqa: S608


def _inside(text: str, start: int) -> str | None:
    """Return what is between a parenthesis and its partner; None without a partner."""
    depth = 0
    for match in _PARENTHESES.finditer(text, start) if start >= 0 else ():
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return text[start + 1 : match.start()]
    return None


_FINDERS: Final[dict[str, Callable[[str, str], Body]]] = {
    "COPY": _copied,
    "UNLOAD": _unloaded,
    "EXPORT": _exported,
    "DECLARE CURSOR": _cursor,
    "CREATE TABLE AS": _created,
    "CREATE MATERIALIZED VIEW": _created,
    "PREPARE": _created,
    "EXPORT DATA": _created,
}
