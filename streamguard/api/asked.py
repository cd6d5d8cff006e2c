"""What a request asks for, in its query string; every mistake is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.api.pages import MOST_EXPOSURES
from streamguard.incidents import SEVERITIES, IncidentStatus
from streamguard.ledger import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from streamguard.incidents import Incident

_USUAL_EXPOSURES = 100
_EVER_MS = 2**62
STATUSES = tuple(status.name.lower() for status in IncidentStatus)


class AskedError(ValueError):
    """The query string is wrong; the message says where."""


class Filters(NamedTuple):
    """Which incidents; None: any."""

    status: IncidentStatus | None = None
    least_severity: int = 0
    employee: str | None = None

    def fit(self, incident: Incident) -> bool:
        """Tell whether an incident is asked for."""
        return (
            self.status in {None, incident.status}
            and SEVERITIES.index(incident.severity) >= self.least_severity
            and self.employee in {None, *incident.employees}
        )


class _Query:
    """Reads a query string and collects what is wrong with it."""

    def __init__(self, values: Mapping[str, str], known: Collection[str]) -> None:
        self._values = values
        self.mistakes = [f"{name}: not asked for here, but {', '.join(known)}" for name in values if name not in known]

    def word(self, name: str, words: Collection[str]) -> str | None:
        value = self._values.get(name)
        if value is None or value in words:
            return value
        self.mistakes.append(f"{name}: one of {', '.join(words)}")
        return None

    def number(self, name: str, otherwise: int, least: int, most: int) -> int:
        value = self._values.get(name)
        if value is None:
            return otherwise
        if value.removeprefix("-").isdecimal() and value.isascii() and len(value) < 20 and least <= int(value) <= most:
            return int(value)
        self.mistakes.append(f"{name}: a number from {least} to {most}")
        return otherwise

    def check(self) -> None:
        if self.mistakes:
            raise AskedError("; ".join(self.mistakes))


def filters(values: Mapping[str, str]) -> Filters:
    """Return which incidents are asked for.

    Raises
    ------
    AskedError
        With every mistake.
    """
    query = _Query(values, ("status", "severity", "employee"))
    status, severity = query.word("status", STATUSES), query.word("severity", SEVERITIES)
    query.check()
    return Filters(
        None if status is None else IncidentStatus[status.upper()],
        0 if severity is None else SEVERITIES.index(severity),
        values.get("employee"),
    )


def span(values: Mapping[str, str], incident: Incident, *others: str) -> Span:
    """Return the time that is asked for: the incident's own, unless ``from_ms`` or ``to_ms`` say something else.

    Raises
    ------
    AskedError
        With every mistake.
    """
    query = _Query(values, ("from_ms", "to_ms", *others))
    own = incident.span
    from_ms = query.number("from_ms", own.from_ms, -_EVER_MS, _EVER_MS)
    to_ms = query.number("to_ms", own.to_ms, -_EVER_MS, _EVER_MS)
    query.check()
    return Span(from_ms, to_ms)


def limit(values: Mapping[str, str]) -> int:
    """Return how many exposures a page may have.

    Raises
    ------
    AskedError
        If it is no such number.
    """
    query = _Query(values, tuple(values))
    found = query.number("limit", _USUAL_EXPOSURES, 1, MOST_EXPOSURES)
    query.check()
    return found
