"""Regular expressions over what clients say of themselves: linear in time, whatever the pattern and the text.

Application names and comments are chosen by whoever sends the statement, so a pattern that backtracks would let one
client stop a worker. RE2 (the ``google-re2`` package) matches in time linear in the text and refuses what would need
more: look-around, backreferences, repetitions of repetitions that explode. Texts are cut at `MAX_TEXT` characters.
"""

from __future__ import annotations

from typing import Any, Final

import re2

MAX_TEXT: Final = 200
"""Characters of a text that are looked at. Comments are cut there anyway."""
MAX_PATTERN: Final = 500
"""Characters of a pattern."""
LOGIN_GROUP: Final = "login"
"""The named group that holds the login of a person."""
_MEMORY_BYTES: Final = 1 << 20


class PatternError(ValueError):
    """A pattern that cannot be used; the message says why."""


class Pattern:
    """One compiled pattern, RE2 syntax. Equal to no other one.

    Parameters
    ----------
    text
        The regular expression.
    ignore_case
        Whether letters of either case match.

    Raises
    ------
    PatternError
        If RE2 does not take it.

    Examples
    --------
    >>> Pattern("^psql-(?P<login>[a-z.]+)$").login("psql-alice.smith")
    'alice.smith'
    >>> Pattern("svc_.*").is_whole("svc_billing")
    True
    """

    def __init__(self, text: str, *, ignore_case: bool = False) -> None:
        if len(text) > MAX_PATTERN:
            raise PatternError(f"the pattern has {len(text)} characters; at most {MAX_PATTERN} are allowed")
        options = re2.Options()
        options.case_sensitive = not ignore_case
        options.log_errors = False
        options.max_mem = _MEMORY_BYTES
        try:
            self._compiled: Any = re2.compile(text.encode("utf-8"), options)
        except (re2.error, UnicodeEncodeError) as error:
            raise PatternError(f"no pattern that can be matched in linear time (RE2): {_reason(error)}") from None
        self.text = text

    @property
    def captures_login(self) -> bool:
        """Whether the pattern has the named group ``login``."""
        return LOGIN_GROUP.encode() in self._compiled.groupindex

    def is_whole(self, text: str) -> bool:
        """Whether the whole text matches. A text that is longer than can be looked at never does."""
        return len(text) <= MAX_TEXT and self._compiled.fullmatch(_bytes(text)) is not None

    def login(self, text: str) -> str | None:
        """Return what the group ``login`` holds where the pattern is found in the text first; None if nothing."""
        found = self._compiled.search(_bytes(text[:MAX_TEXT]))
        held: bytes | None = found.group(LOGIN_GROUP.encode()) if found is not None else None
        return held.decode("utf-8", "replace") or None if held is not None else None


def _bytes(text: str) -> bytes:
    # Lone surrogates, which JSON can hold, are no UTF-8.
    return text.encode("utf-8", "replace")


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else error
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
