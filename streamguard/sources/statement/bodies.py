"""The query inside a statement: what a cursor, a COPY or a CREATE TABLE AS takes its rows from."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from streamguard.sources.statement.words import words

_NAME: Final = r"(?:[\w$]+|\"[^\"]*\"|`[^`]*`)(?: ?\. ?(?:[\w$]+|\"[^\"]*\"|`[^`]*`))*"
_QUERY: Final = r"(?=[( ]*(?:select|with|values|table)\b)"
_COPY_TABLE: Final = re.compile(rf"copy (?:binary )?(?P<table>{_NAME}) ?(?:\((?P<columns>[^()]*)\) ?)?to\b")
_COPY_STAGE: Final = re.compile(rf"copy into \S+ from (?:(?P<query>\(.*)|(?P<table>{_NAME}))")
_CLONE: Final = re.compile(rf"create .*?\b(?:clone|copy) (?P<table>{_NAME})")
_CURSOR: Final = re.compile(rf"declare .*? for {_QUERY}")
_AS: Final = re.compile(rf"(?:create|prepare|export data)\b.*?\bas ?{_QUERY}")
_DATA: Final = re.compile(r" with (?:no )?data$")
_OUTFILE: Final = re.compile(r" ?\binto (?:out|dump)file \?(?:(?! from\b).)*")
_WRITES_ONLY: Final = re.compile(r"\b(?:returning|select|with|table|output)\b")
_PARENTHESES: Final = re.compile(r"[()]")

_TOLD_BY_QUERY: Final = words("SELECT VALUES INSERT UPDATE DELETE MERGE COPY PREPARE") | {
    "DECLARE CURSOR",
    "CREATE TABLE AS",
    "CREATE MATERIALIZED VIEW",
    "SELECT INTO",
    "EXPORT DATA",
}
_OPAQUE: Final = words("FETCH HANDLER UNLOAD GET BACKUP CALL DO EXECUTE REFRESH LOAD UNKNOWN")


class Body(NamedTuple):
    """What of a statement is to be parsed."""

    query: str | None
    """Text for the grammar; None if there is nothing that a grammar could tell."""
    silent: bool
    """With no query: whether the statement is known to return no data of any table."""


def body_of(text: str, verb: str) -> Body:
    """Find the query that decides what a normalised statement reveals.

    Parameters
    ----------
    text
        One normalised statement.
    verb
        Its command, from :func:`streamguard.sources.statement.verbs.classify`.
    """
    if verb in _OPAQUE:
        return Body(None, silent=False)
    if verb not in _TOLD_BY_QUERY:
        return Body(None, silent=True)
    if verb == "COPY":
        return _copied(text)
    if verb == "DECLARE CURSOR":
        return _after(_CURSOR, text)
    if verb in {"CREATE TABLE AS", "CREATE MATERIALIZED VIEW", "PREPARE", "EXPORT DATA"}:
        clone = _CLONE.match(text) if verb == "CREATE TABLE AS" and not _AS.match(text) else None
        return Body(_whole(clone["table"]), silent=False) if clone else _after(_AS, _DATA.sub("", text))
    return Body(_OUTFILE.sub("", text) if "file" in text else text, silent=writes_only(text, verb))


def writes_only(text: str, verb: str) -> bool:
    """Whether a statement that no grammar understood certainly returns and copies nothing."""
    if verb in {"UPDATE", "DELETE", "MERGE"}:
        return "returning" not in text and "output" not in text and not text.startswith("with")
    return verb == "INSERT" and not _WRITES_ONLY.search(text)


def _after(pattern: re.Pattern[str], text: str) -> Body:
    match = pattern.match(text)
    return Body(text[match.end() :] if match else None, silent=False)


def _copied(text: str) -> Body:
    start = text.find("(")
    if text.startswith(("copy (", "copy(")):
        return Body(_inside(text, start), silent=False)
    if match := _COPY_TABLE.match(text):
        return Body(_whole(match["table"], match["columns"] or "*"), silent=False)
    if match := _COPY_STAGE.match(text):
        query = _inside(match["query"], 0) if match["query"] else _whole(match["table"])
        return Body(query, silent=False)
    return Body(None, silent=True)


def _whole(table: str, columns: str = "*") -> str:
    """Write a table as the query that it stands for; it is parsed and never run."""
    return f"select {columns} from {table}"  # noqa: S608


def _inside(text: str, start: int) -> str | None:
    """Return what is between a parenthesis and its partner; None without a partner."""
    depth = 0
    for match in _PARENTHESES.finditer(text, start):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return text[start + 1 : match.start()]
    return None
