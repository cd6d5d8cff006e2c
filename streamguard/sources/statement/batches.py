"""Batches: statements in a row without anything between them, as SQL Server takes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamguard.sources.statement.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

_WITH: Final = r"with [\w#$\"]+ ?(?:\([^()]*\) ?)?as ?\("
_FURTHER: Final = re.compile(
    rf"[()]|(?<![\w$@#.\"`])(?:(?:select|exec|execute|fetch|returning|output|unload|call)"
    rf"(?![\w$@#.\"`])|{_WITH})"
)
_HOLDS_CODE: Final = re.compile(
    r"(?:create|alter)\b[^()]*?\b(?:view|proc|procedure|function|trigger|package|event|rule|policy|type|task|pipe"
    r"|alert)\b"
)
_PERMISSIONS: Final = re.compile(r"(?:grant|revoke|deny|alter default privileges)\b")
_MARKS: Final = re.compile(rf"[(),.=]|{_WITH}|\"[^\"]*\"?|`[^`]*`?|[@#]*[^\W\d][\w$@#]*|\?")
_STARTS: Final = words(
    "with select insert update delete exec execute declare use truncate drop create alter begin commit rollback merge"
    " set print fetch if else end while return kill open close deallocate grant deny revoke backup restore"
)
_MAIN: Final = words("select exec execute insert update delete merge")
"""What stands behind a WITH list, and in part behind INSERT."""
_CONTINUED: Final = words(
    "union all except intersect as for on then after before of instead grant deny revoke or and not by with into no"
    " explain default null add if exists else when key , = . ("
)
"""Behind one of these a word goes on with the same statement."""
_PARTS_OF: Final = {
    "update": words("set"),
    "merge": words("set update insert delete"),
    "alter": words("set drop alter with create if"),
    "drop": words("if"),
    "insert": words("set"),
    "create": words("set if"),
}
"""Words that a statement may have within itself, by its first word."""


def is_alone(text: str) -> bool:
    """Whether a normalised statement, which returns nothing by itself, certainly has no other one behind it.

    Linear time. Only what stands outside of all parentheses can be another statement; where they do not pair, nothing
    is certain.
    """
    if _HOLDS_CODE.match(text):
        return True
    is_permission = _PERMISSIONS.match(text) is not None
    depth = found = 0
    for match in _FURTHER.finditer(text):
        mark = match[0]
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
        elif depth <= 0 and not (is_permission and _is_privilege(text, match)):
            found += 1
        # The pattern of WITH ends with a parenthesis.
        depth += len(mark) > 1 and mark.endswith("(")
    # EXPLAIN and MariaDB's ANALYZE have one by their nature.
    return depth == 0 and (not found or text.startswith(("explain", "analyze")))


def _is_privilege(text: str, match: re.Match[str]) -> bool:
    """Whether a word is followed as a privilege is: ``grant select, execute on x``."""
    return text[match.end() : match.end() + 4].lstrip()[:1] in {",", "("} or text.startswith(" on ", match.end())


def split_batch(text: str) -> list[str]:
    """Split a normalised T-SQL text without semicolons before every statement that certainly begins there.

    What is not certain stays together, and then counts as not understood. The pieces joined give the text. A statement
    that holds code (CREATE PROCEDURE) has the rest of its batch.
    """
    starts = [0]
    before = first = ""
    has_query = False
    for word, start in _outer_words(text):
        if word == "values":
            has_query = True
        elif word in _STARTS:
            if before and _goes_on(word, before, first, has_query=has_query):
                if word in _MAIN:
                    first = word if first == "with" else first
                    has_query = word != "insert"
            else:
                starts.append(start)
                first, has_query = word, word == "select"
                if _HOLDS_CODE.match(text, start):
                    break
        before = word
    places = sorted({*starts})
    return [text[start:end] for start, end in zip(places, [*places[1:], len(text)], strict=True)]


def _outer_words(text: str) -> Iterator[tuple[str, int]]:
    """Return the words outside of parentheses and CASE, and where they begin; WITH only before a list of queries."""
    depth = cases = 0
    for match in _MARKS.finditer(text):
        mark = match[0]
        depth = max(0, depth - (mark == ")"))
        if depth == 0 and mark == "case":
            cases += 1
        elif depth == 0 and mark == "end" and cases:
            cases -= 1
        elif depth == cases == 0 and mark.startswith("with "):
            yield "with", match.start()
        elif depth == cases == 0 and mark != "(":
            yield ("" if mark == "with" else mark), match.start()
        depth += mark.endswith("(")


def _goes_on(word: str, before: str, first: str, *, has_query: bool) -> bool:
    """Whether a word that can begin a statement is within the one that ``first`` began."""
    if before in _CONTINUED:
        return not before == first == "else"
    # OFFSET ? ROWS FETCH NEXT ? ROWS ONLY
    if word in _PARTS_OF.get(first, ()) or (word == "fetch" and before in {"row", "rows"}):
        return True
    return first in {"insert", "with"} and not has_query and word in _MAIN
