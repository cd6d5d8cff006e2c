"""When two findings belong together: a question about the two alone, whatever else there is.

That makes grouping independent of the order in which findings come. So what is common must be told from the findings
themselves: tools and shapes of statements count only where both employees had never used them and few of their peers
or none had, people only where the samples say that one statement's people are mostly the other's, and a narrow time
only together with something that was new to both. Everybody works at nine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamguard.findings.links import HASH_DIGITS, SAMPLED_SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.incidents.incident import Member, Sighting

KINDS = ("employee", "subjects", "shape", "tool", "window")
"""Ways to belong together, the most telling first."""
LEAST_SHARED_PEOPLE = 3
"""One customer whom two employees look up is their work."""
LEAST_SHARED_PART = 0.5
"""Of the people of the statement with fewer of them, as far as the samples can show."""
_DAY_MS, _MINUTE_MS = 86_400_000, 60_000
_LAST_HASH = "f" * HASH_DIGITS


@dataclass(frozen=True)
class LinkRules:
    """How far apart findings may be and still be one incident, in event time.

    Attributes
    ----------
    employee_days
        Between two findings of one employee.
    shared_days
        Between findings of two employees who share people, a shape of statement or a tool.
    window_minutes
        Between the deciding statements of two employees who met something new together.
    """

    employee_days: float = 7.0
    shared_days: float = 14.0
    window_minutes: float = 30.0


def link(one: Member, other: Member, rules: LinkRules) -> str | None:
    """Return the most telling way in which two findings belong together, one of `KINDS`; None: they do not.

    It never goes away when either finding is told again: what once belonged together stays together.
    """
    if one.employee == other.employee and _gap(one, other) <= rules.employee_days * _DAY_MS:
        return KINDS[0]
    found = [
        kind for seen in one.sightings for other_seen in other.sightings for kind in _kinds(seen, other_seen, rules)
    ]
    return min(found, key=KINDS.index, default=None)


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


def traces(member: Member) -> set[tuple[str, str]]:
    """Return what a finding can be found by: findings that share none of it do not belong together."""
    found = {("employee", member.employee)}
    for seen in member.sightings:
        found.update(("subject", value) for value in seen.subjects)
        found.update(("shape", name) for name in seen.shapes)
        found.update(("tool", name) for name in seen.tools)
        found.update(("new", name) for name in seen.news)
    return found


def _kinds(one: Sighting, other: Sighting, rules: LinkRules) -> Iterator[str]:
    if _distance(one.first_ms, one.time_ms, other.first_ms, other.time_ms) <= rules.shared_days * _DAY_MS:
        if share_people(one.subjects, other.subjects):
            yield "subjects"
        if not set(one.shapes).isdisjoint(other.shapes):
            yield "shape"
        if not set(one.tools).isdisjoint(other.tools):
            yield "tool"
    is_near = abs(one.time_ms - other.time_ms) <= rules.window_minutes * _MINUTE_MS
    if is_near and not set(one.news).isdisjoint(other.news):
        yield "window"


def _gap(one: Member, other: Member) -> int:
    return _distance(one.first_ms, one.last_ms, other.first_ms, other.last_ms)


def _distance(first: int, last: int, other_first: int, other_last: int) -> int:
    """Return the time between two spans; 0 if they overlap."""
    return max(0, other_first - last, first - other_last)


def _reach(sample: tuple[str, ...]) -> str:
    return sample[-1] if len(sample) >= SAMPLED_SUBJECTS else _LAST_HASH
