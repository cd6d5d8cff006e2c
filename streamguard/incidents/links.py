"""When two findings belong together: a question about the two alone, whatever else there is.

That makes grouping independent of the order in which findings come. So what is common must be told from the findings
themselves: tools and shapes of statements count only where both employees had never used them and few of their peers
or none had, people only where the samples say that one statement's people are mostly the other's, and a narrow time
only together with something that was new to both. Everybody works at nine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from streamguard.findings.links import HASH_DIGITS, SAMPLED_SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.incidents.incident import Member

KINDS = ("employee", "subjects", "shape", "tool", "window")
"""Ways to belong together, the most telling first."""
LEAST_SHARED_PEOPLE = 3
"""One customer whom two employees look up is their work."""
LEAST_SHARED_PART = 0.5
"""Of the people of the statement with fewer of them, as far as the samples can show."""
DAY_MS, _MINUTE_MS = 86_400_000, 60_000
_LAST_HASH = "f" * HASH_DIGITS


@dataclass(frozen=True)
class IncidentRules:
    """How far apart findings may be and still be one incident, and for how long it is kept; all in event time.

    Attributes
    ----------
    employee_days
        Between two findings of one employee.
    shared_days
        Between findings of two employees who share people, a shape of statement or a tool.
    window_minutes
        Between the deciding statements of two employees who met something new together.
    retention_days
        From the last statement of an incident that is over to its removal.
    """

    employee_days: float = 7.0
    shared_days: float = 14.0
    window_minutes: float = 30.0
    retention_days: float = 400.0

    def slack_ms(self, kind: str) -> float:
        """Return how far apart two findings may be that belong together in one of the `KINDS`."""
        if kind == "employee":
            return self.employee_days * DAY_MS
        return self.window_minutes * _MINUTE_MS if kind == "window" else self.shared_days * DAY_MS


class Trace(NamedTuple):
    """Something by which two findings belong together if both left it at about the same time."""

    kind: str
    """One of `KINDS`, but not ``subjects``."""
    name: str
    start_ms: int
    end_ms: int


class Sample(NamedTuple):
    """People that a statement named, and when."""

    hashes: tuple[str, ...]
    """The smallest, sorted."""
    start_ms: int
    end_ms: int


def traces(member: Member) -> Iterator[Trace]:
    """Yield what a finding left: two that left one of a kind and name, near enough in time, belong together."""
    yield Trace("employee", member.employee, member.first_ms, member.last_ms)
    for seen in member.sightings:
        for name in seen.shapes:
            yield Trace("shape", name, seen.first_ms, seen.time_ms)
        for name in seen.tools:
            yield Trace("tool", name, seen.first_ms, seen.time_ms)
        for name in seen.news:
            yield Trace("window", name, seen.time_ms, seen.time_ms)


def samples(member: Member) -> Iterator[Sample]:
    """Yield the people of a finding's statements, where there are enough of them to link anybody."""
    for seen in member.sightings:
        if len(seen.subjects) >= LEAST_SHARED_PEOPLE:
            yield Sample(seen.subjects, seen.first_ms, seen.time_ms)


def alike(one: Sample, other: Sample, rules: IncidentRules) -> bool:
    """Tell whether two statements named the same people, near enough in time."""
    apart_ms = max(0, other.start_ms - one.end_ms, one.start_ms - other.end_ms)
    return apart_ms <= rules.slack_ms("subjects") and share_people(one.hashes, other.hashes)


def share_people(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tell whether two samples show that two statements named the same people.

    Parameters
    ----------
    one, other
        The smallest hashes, sorted. A full sample says nothing of hashes beyond its last one, so only those up to where
        both can speak are compared.
    """
    reach = min(_reach(one), _reach(other))
    seen, other_seen = ({value for value in sample if value <= reach} for sample in (one, other))
    shared = len(seen & other_seen)
    return shared >= LEAST_SHARED_PEOPLE and shared >= LEAST_SHARED_PART * min(len(seen), len(other_seen))


def _reach(sample: tuple[str, ...]) -> str:
    return sample[-1] if len(sample) >= SAMPLED_SUBJECTS else _LAST_HASH
