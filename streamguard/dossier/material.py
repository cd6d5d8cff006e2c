"""Everything the sections are written from: the case, and what one pass over the exposures gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamguard.detect.clock import behavioural_day
from streamguard.dossier.atoms import Figure, Moment
from streamguard.dossier.days import Days
from streamguard.dossier.deeds import Deeds
from streamguard.dossier.proofs import Proofs
from streamguard.dossier.sources import Sources
from streamguard.ledger import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.activity import Exposure, RowsQuality
    from streamguard.dossier.case import Case
    from streamguard.dossier.deeds import Person
    from streamguard.dossier.sources import SourceHealth
    from streamguard.scope import Bounds


@dataclass(frozen=True)
class Material:
    """What the sections take.

    Attributes
    ----------
    case
        As it was given.
    proofs
        The anchors of the appendix.
    days
        What is usual.
    people
        What each employee of the incident did.
    qualities
        Statements of the incident by what their row count is worth.
    sources
        Health of the log.
    exposures
        How many were looked at.
    earliest_ms
        Of the first of them.
    from_day, to_day, told_day
        Behavioural days of the incident and of its first finding.
    """

    case: Case
    proofs: Proofs
    days: Days
    people: list[Person]
    qualities: dict[RowsQuality, int]
    sources: list[SourceHealth]
    exposures: int
    earliest_ms: int | None
    from_day: int
    to_day: int
    told_day: int

    @property
    def first_ms(self) -> int:
        """When the first statement was run that exposed, or may have exposed, personal data."""
        told = self.case.report.first_ms
        return self.case.incident.span.from_ms if told is None else told

    @property
    def last_ms(self) -> int:
        """When the last one was."""
        told = self.case.report.last_ms
        return self.case.incident.span.to_ms - 1 if told is None else told

    def bounded(self, key: str, bounds: Bounds, evidence: tuple[str, ...], unit: str = "") -> Figure:
        """Return a bounded count as a figure."""
        return Figure(key=key, lower=bounds.lower, upper=bounds.upper, unit=unit, evidence=evidence)


def count(key: str, value: int, evidence: tuple[str, ...], unit: str = "") -> Figure:
    """Return an exact count as a figure."""
    return Figure(key=key, lower=value, upper=value, unit=unit, evidence=evidence)


def length(key: str, length_ms: int, evidence: tuple[str, ...]) -> Figure:
    """Return a length of time as a figure."""
    return Figure(key=key, lower=length_ms, upper=length_ms, unit="ms", evidence=evidence)


def moment(key: str, time_ms: int, evidence: tuple[str, ...] = ()) -> Moment:
    """Return a point in time."""
    return Moment(key=key, time_ms=time_ms, evidence=evidence)


def gather(case: Case, exposures: Iterable[Exposure]) -> Material:
    """Look once at every exposure.

    Parameters
    ----------
    case
        What else is known.
    exposures
        Of the incident's employees and of their peers, before and during the incident, in the order of time.
    """
    span = Span(case.report.from_ms, case.report.to_ms)
    days = Days(case.incident.employees, case.day_start_local_hours)
    deeds, sources = Deeds(case.incident.employees, span), Sources(span)
    offset, seen, earliest_ms = 0, 0, None
    for exposure in exposures:
        seen += 1
        earliest_ms = exposure.activity.time_ms if earliest_ms is None else earliest_ms
        if exposure.employee == case.incident.employees[0]:
            offset = exposure.utc_offset_minutes
        sources.take(exposure)
        if exposure.is_personal:
            deeds.take(exposure, days.take(exposure))

    def day(time_ms: int) -> int:
        return behavioural_day(time_ms, offset, case.day_start_local_hours) or 0

    whole = case.incident.span
    first_ms = whole.from_ms if case.report.first_ms is None else case.report.first_ms
    last_ms = whole.to_ms - 1 if case.report.last_ms is None else case.report.last_ms
    return Material(
        case=case,
        proofs=Proofs(case),
        days=days,
        people=deeds.people(),
        qualities=deeds.qualities,
        sources=sources.all(),
        exposures=seen,
        earliest_ms=earliest_ms,
        from_day=day(first_ms),
        to_day=day(last_ms),
        told_day=day(case.incident.aware_ms),
    )
