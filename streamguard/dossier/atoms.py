"""What the sentences of a dossier are made of: words, and numbers that are more than words."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True, tag="figure"):
    """A number: what it counts, between which bounds the truth lies, and what shows it.

    The same key stands for the same number wherever it is told.
    """

    key: str
    """What it counts, such as ``people/email_address/DE``."""
    lower: int
    upper: int | None
    """None: nothing bounds it from above."""
    unit: str = ""
    """``person``, ``row``, ``statement``, ... in the singular; ``ms``: a time; ``permille``: a share; empty: the column
    of the table says it."""
    evidence: tuple[str, ...]
    """Anchors of the appendix, such as ``S1``."""

    @property
    def is_exact(self) -> bool:
        """Whether it is one number."""
        return self.lower == self.upper


class Moment(msgspec.Struct, frozen=True, kw_only=True, tag="moment"):
    """A point in event time, in milliseconds."""

    key: str
    time_ms: int
    evidence: tuple[str, ...] = ()


class Day(msgspec.Struct, frozen=True, tag="day"):
    """A behavioural day of an employee, counted from 1970-01-01."""

    number: int


class Name(msgspec.Struct, frozen=True, tag="name"):
    """Something told as it stands: an employee, a table, a statement, what somebody wrote."""

    text: str
    is_code: bool = False


class Law(msgspec.Struct, frozen=True, tag="law"):
    """A place in the law, such as ``Article 33(3)(a)``."""

    text: str


class Mark(msgspec.Struct, frozen=True, tag="mark"):
    """A word to be found at a glance."""

    text: str
    tone: str
    """``bad``, ``good``, ``doubt`` or ``plain``."""


Piece: TypeAlias = str | Figure | Moment | Day | Name | Law | Mark
"""A plain ``str`` holds no digits: numbers are figures, moments, names or law."""
Text: TypeAlias = tuple[Piece, ...]
