"""The answer to a person who asks whether he is affected."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Affected(StrEnum):
    """Whether somebody's data left."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot_tell"


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """A shape of statements that bears on an answer."""

    uid: str
    """Of the evidence, as in the scope report of the same exposures."""
    fingerprint: str | None
    statement: str | None
    """Without literals."""
    answer: Affected
    why: str
    """One sentence, in plain words."""
    statements: int
    first_ms: int
    last_ms: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said to one person. It does not hold who that is: answers come in the order of the questions."""

    answer: Affected
    categories: dict[str, Affected]
    """By category of personal data, sorted; every one that left, or may have left, of anybody."""
    because: tuple[Because, ...]
    """The statements behind a yes; else those that leave it open; none behind a no."""
