"""Values that stand in a statement as bare words: passwords, keys, arguments of EXEC, paths, pasted rows.

Found in normalised text, each search behind a cheap look for a word that must be there; every pattern is linear and
finds a question mark again where it put one, so that doing it twice changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from streamguard.sources.statement.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD: Final = r"(?:\"[^\"]*\"|[^\s;,]+)"
_IDENTIFIED: Final = re.compile(
    rf"\bidentified (?:with \S+ )?(?:by|as) (?:values |password )?(?!null\b|expire\b)"
    rf"(?P<secret>{_WORD}(?: ?, ?{_WORD}(?! identified\b)(?=[\s;,]|\Z))*+)(?: replace (?P<old>{_WORD}))?"
)
_PASSWORD: Final = re.compile(
    r"(?:(?<=\bpassword )|\bpassword ?= ?)(?!null\b|expire\b|= ?)(?P<secret>\"[^\"]*\"|[^\s;,]+)"
)
_ACCOUNT: Final = re.compile(
    r"(?:^|;) ?(?:create|alter|grant|set|change)\b[^;]*?\b(?:user|role|group|login|password|identified)\b"
)
_CONNECT: Final = re.compile(r"(?:^|;) ?conn(?:ect)? (?!by\b)(?P<secret>[^;]*[^;\s])")
_KEY: Final = re.compile(
    r"\b(?:access_key_id|secret_access_key|session_token|aws_key_id|aws_secret_key|aws_token|master_symmetric_key"
    r"|encryption_key|credentials) ?(?:= ?|(?<= )|as )(?!(?:from|as|to|is|in|and|or|not|like)\b|=)"
    r"(?P<secret>[^\s;,()=<>!]+)"
)
_COPIES: Final = re.compile(r"(?:^|;) ?(?:copy|unload)\b")
_STAGE: Final = re.compile(
    r"(?:\b(?:from|into|get|list|ls|rm|remove)|(?:^|;) ?put [^;@]*) @[^\s/;,()]*/(?P<secret>[^\s;,()]+)"
)
_FILE: Final = re.compile(r"\bfile://(?P<secret>[^;\s?](?:[^;\s]| (?![@\s]))*)")
_PASTED: Final = re.compile(
    r"(?:^|;) ?copy (?>[^;]*? from stdin\b)[^;]*+;"
    r"(?! ?(?:select|copy|insert|update|delete|with|table|begin|commit|rollback|end|set|create|drop|alter|truncate"
    r"|analyze|vacuum|execute|fetch|declare)\b) ?(?P<secret>\S(?:.*\S)?)"
)
_CALL: Final = (
    r" (?!(?:immediate|on|as|function|procedure|into|using)\b)(?:@\w+ ?= ?)?|(?:^|;) ?(?=(?:[\w\"]+\.+)*[sx]p_))"
    r"(?:[\w$#]+|\"[^\"]*\")(?:\.+(?:[\w$#]+|\"[^\"]*\"))*+(?= )"
)
_EXEC: Final = re.compile(rf"(?:(?:^|;) ?(?:begin )?exec(?:ute)?{_CALL}")
_EXEC_ANYWHERE: Final = re.compile(rf"(?:\bexec(?:ute)?{_CALL}")
"""Where it is a reserved word, and needs no semicolon before it."""
_ARGUMENT: Final = re.compile(
    r" ?(?:@[\w$#]+ ?= ?)?(?:(?P<secret>[^\W\d@][\w$#@.\\/-]*)|\"[^\"]*\"|[^\s;,()\"]+)"
    r"(?: out(?:put)?\b)? ?(?P<more>,)?"
)
_ENDS: Final = words(
    "select insert update delete with exec execute declare set if begin end commit rollback print return go use drop"
    " create alter truncate while else fetch open close deallocate merge goto throw raiserror waitfor revert at using"
    " into as from for where to on out output null default kill grant deny revoke backup restore"
)

_SEARCHES: Final = (
    ("identified", _IDENTIFIED, None),
    ("password", _PASSWORD, _ACCOUNT),
    ("conn", _CONNECT, None),
    ("_key", _KEY, _COPIES),
    ("_token", _KEY, _COPIES),
    ("credentials", _KEY, _COPIES),
    (" @", _STAGE, None),
    ("file://", _FILE, None),
    ("from stdin", _PASTED, None),
)
"""What has to be in a text, what is searched then, and what has to be found before."""

Spans: TypeAlias = list[tuple[int, int]]
"""Begin and end, in characters."""


def secrets_in(text: str, *, in_batches: bool) -> Spans:
    """Return where values stand as bare words in a normalised text, from first to last, apart from each other.

    Parameters
    ----------
    text
        The text but for these values normalised.
    in_batches
        Whether its dialect takes statements without anything between them.
    """
    found: Spans = [
        span
        for mark, pattern, around in _SEARCHES
        if mark in text and (around is None or around.search(text))
        for span in _spans(pattern, text)
    ]
    if "exec" in text or "sp_" in text or "xp_" in text:
        found += _arguments(text, _EXEC_ANYWHERE if in_batches else _EXEC)
    if len(found) < 2:
        return found
    apart: Spans = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        # What touches is one: two question marks in a row would be read as one word the next time.
        if not apart or start > apart[-1][1]:
            apart.append((start, end))
        elif end > apart[-1][1]:
            apart[-1] = (apart[-1][0], end)
    return apart


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text):
        for group, value in match.groupdict().items():
            if value is not None and value != "?":
                yield match.span(group)


def _arguments(text: str, calls: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Find the bare words among the arguments of EXEC; the next statement of a batch is none."""
    for call in calls.finditer(text):
        position = call.end()
        while match := _ARGUMENT.match(text, position):
            word = match["secret"]
            if word in _ENDS and word not in {"null", "default"}:
                break
            if word is not None and word not in _ENDS:
                yield match.span("secret")
            if not match["more"]:
                break
            position = match.end()
