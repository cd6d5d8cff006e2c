"""The answer to "who leaked these": employees by how well their access covers a list, and what that is worth."""

from __future__ import annotations

import msgspec

from streamguard.scope.report import Bounds


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """One employee whose statements cover some of a list."""

    employee: str
    covered: int
    """People of the list whose data their statements certainly showed."""
    selected: int
    """Of those, the ones whom statements showed that did not show everybody."""
    reach: Bounds
    """Distinct people in all whose data such statements certainly showed."""
    expected: float
    """People of a random list of the same length that the same statements would have shown, on average."""
    chance: float
    """Probability that somebody among all the employees covers a random list so well, whoever it is: 1 for those who
    read whole tables only, for they cover every list."""
    points: bool
    """Whether chance is no explanation."""
    worth: str
    """One sentence: what the coverage is worth as evidence."""
    covered_ms: int | None
    """When the last of the covered people had been shown for the first time."""
    could_have_all_ms: int | None
    """The earliest time at which their statements could have shown the whole list; None: they cannot have."""


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """Who had the people of a list."""

    listed: int
    """Different people on the list."""
    population: int
    """People that the list could have been drawn from."""
    suspects: tuple[Suspect, ...]
    """Employees who showed or may have shown any of them: those first for whom chance is the worst explanation."""
    together: tuple[str, ...]
    """The smallest group of those to whom the list points that covers as much of it as all of them; empty: it points
    to nobody."""
    together_covered: int
    """People whom the group covers by statements that did not show everybody."""
    together_ms: int | None
    """When the last of these had been shown for the first time."""
