"""Statement texts alike: lower case, single spaces, lists of literals as one, no passwords."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from streamguard.sources.statement.lexicon import lexicon_of
from streamguard.sources.statement.scan import scan
from streamguard.sources.statement.secrets import secrets_in

Groups: TypeAlias = list[tuple[int, ...]]
"""For every ``?`` of a normalised text the places, among those of the bare text, that it stands for."""

_PREFIX: Final = re.compile(r"(?<![\w$])(?:[ebnxrq]|u&|rb|br|nq)(?=\?(?!\?))")
_PREFIXED: Final[tuple[str, ...]] = ("e?", "b?", "n?", "x?", "&?", "r?", "q?")
_EMAIL: Final = re.compile(r"\"?(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.-]+\"?")
_ITEM: Final = r"(?:[-+] ?)?(?:\?(?:::[\w.]+(?:\[\])*)?|null|default|true|false)"
_LIST: Final = re.compile(
    # Only after IN, VALUES or a bare parenthesis: the arguments of a function keep their number.
    rf"(\((?:(?<=\bin\()|(?<=\bvalues\()|(?<=[ (,]\()|(?<=^\())|\[) ?{_ITEM}(?: ?, ?{_ITEM})+(?: ?,)? ?(?=[)\]]|\Z)"
)
_ROWS: Final = re.compile(r"(\((?:[^()]|\([^()]*\))*+\))(?: ?, ?\1)+")


def normalise(sql: str, dialect: str) -> str:
    """Return the statement in lower case without literals, comments, passwords and superfluous space.

    Parameters
    ----------
    sql
        Statement text; it may be cut anywhere, even inside a literal.
    dialect
        sqlglot's name of the dialect; it decides what quotes a string and whether the backslash escapes.
    """
    return tidy(scan(sql, lexicon_of(dialect)).bare, dialect)


def tidy(bare: str, dialect: str, groups: Groups | None = None) -> str:
    """Return a text without literals in the form that all its variants share.

    Parameters
    ----------
    bare
        From `streamguard.sources.statement.scan.scan`.
    dialect
        sqlglot's name of the dialect.
    groups
        One entry for every ``?`` of ``bare``; becomes one entry for every ``?`` of what is returned.
    """
    text = " ".join(bare.lower().split())
    if "?" in text:
        if any(mark in text for mark in _PREFIXED):
            text = _PREFIX.sub("", text)
        if "?," in text or "? ," in text:
            text = _sub(_LIST, r"\1?", text, groups)
        if "), (" in text or "),(" in text or ") ,(" in text:
            text = _sub(_ROWS, r"\1", text, groups)
    if "@" in text:
        text = _sub(_EMAIL, "?", text, groups)
    if spans := secrets_in(text, in_batches=dialect == "tsql"):
        text = _put(text, [(start, end, "?") for start, end in spans], groups)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _sub(pattern: re.Pattern[str], template: str, text: str, groups: Groups | None) -> str:
    """Substitute, and join the groups of the marks that become one."""
    if groups is None:
        return pattern.sub(template, text)
    return _put(text, [(*match.span(), match.expand(template)) for match in pattern.finditer(text)], groups)


def _put(text: str, places: list[tuple[int, int, str]], groups: Groups | None) -> str:
    """Put other text in places from first to last; the marks in a place become those of its new text."""
    groups = [] if groups is None else groups
    parts = []
    joined: Groups = []
    position = mark = 0
    for start, end, new in places:
        parts.append(text[position:start])
        before = parts[-1].count("?")
        joined += groups[mark : mark + before]
        mark += before
        marks = text.count("?", start, end)
        inside = groups[mark : mark + marks]
        mark += marks
        parts.append(new)
        left = parts[-1].count("?")
        # The rows of VALUES repeat, so that every n-th mark falls on the same one of the row that stays.
        joined += [tuple(place for group in inside[first::left] for place in group) for first in range(left)]
        position = end
    parts.append(text[position:])
    groups[:] = joined + groups[mark:]
    return "".join(parts)
