"""How early could we have known: when each channel and each budget would have spoken, and what left since.

A finding comes when the alert level of the configured budget is passed. A larger budget would have told it sooner, a
smaller one later or never; and one channel may have been surprised enough by itself long before all of them together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from math import log10
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from streamguard.detect.clock import DAY_MS, HOUR_MS, behavioural_day
from streamguard.detect.combine import LN10

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from streamguard.activity import Exposure, Finding
    from streamguard.detect import DetectConfig
    from streamguard.findings import Standing

BUDGETS: Final = (1.0, 5.0, 10.0)
"""Cases per 1000 employee-days that are looked at besides the configured one."""
LOOK_BACK_DAYS: Final = 30


class Mark(NamedTuple):
    """What could have spoken: ``budget`` with a number, or ``channel`` with its name."""

    kind: str
    name: str


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """When a mark would have spoken first, and what left between that and the finding.

    Attributes
    ----------
    kind, name
        Of the mark.
    time_ms
        Event time; None: not in the time that was looked at.
    hours_before
        Event time until the finding; negative: it would have come so much later.
    rows
        Records that left after the earlier and up to and including the later of the two.
    uncounted
        Statements among them whose rows the log does not count.
    people_at_least
        Different data subjects among them that the log names.
    """

    kind: str
    name: str
    time_ms: int | None = None
    hours_before: float | None = None
    rows: int = 0
    uncounted: int = 0
    people_at_least: int = 0


class HowEarly(msgspec.Struct, frozen=True, kw_only=True):
    """Of one finding: everything that could have spoken, the earliest first."""

    finding_uid: str
    employee: str
    time_ms: int
    marks: tuple[Spoken, ...]


class _Event(msgspec.Struct, frozen=True):
    time_ms: int
    rows: int | None
    subjects: tuple[str, ...]
    marks: tuple[Mark, ...]


class _Past:
    """The statements of one employee: those of the time that is looked back on, and all since the first finding."""

    def __init__(self) -> None:
        self.events: deque[_Event] = deque()
        self.dropped = 0
        self.day: int | None = None
        self.spoken: set[Mark] = set()
        self.findings: dict[str, int] = {}
        """Uid and the number of the event that made it."""


class Hindsight:
    """Watches a replay; says in the end how early each finding could have come.

    Memory grows with the statements of thirty days.

    Parameters
    ----------
    config
        Of the detectors; a channel alone would have spoken at the configured budget.
    budgets
        That are looked at besides the configured one.
    known
        By employee, event times at which findings were told, by uid: of these the reports are, whatever is told in the
        replay, and nobody else is watched. None: of everything that the replay tells.
    """

    def __init__(
        self,
        config: DetectConfig,
        budgets: Collection[float] = BUDGETS,
        known: Mapping[str, Mapping[str, int]] | None = None,
    ) -> None:
        self._config = config
        self._known = known
        self._levels = {
            Mark("budget", f"{budget:g}"): log10(1000.0 / budget)
            for budget in sorted({*budgets, config.budget_per_1000}, reverse=True)
        }
        self._channel_nats = config.alert_level * LN10
        self._channels: dict[str, None] = {}
        self._pasts: dict[str, _Past] = {}

    def take(self, exposure: Exposure, standing: Standing | None, findings: Iterable[Finding]) -> None:
        """Take in a statement after it was judged.

        Parameters
        ----------
        exposure
            The statement.
        standing
            How the employee's day stands now; None: the detector is still warming up.
        findings
            What was told because of it.
        """
        if not self.watches(exposure.employee):
            return
        past = self._pasts.setdefault(exposure.employee, _Past())
        activity = exposure.activity
        day = behavioural_day(activity.time_ms, exposure.utc_offset_minutes, self._config.day_start_local_hours)
        if past.day is None or (day is not None and day > past.day):
            past.day, past.spoken = day, set()
        marks = tuple(mark for mark in self._speaking(standing) if mark not in past.spoken)
        past.spoken.update(marks)
        subjects = tuple(value for _, values in activity.subjects for value in values)
        past.events.append(_Event(activity.time_ms, activity.rows, subjects, marks))
        for finding in findings if self._known is None else ():
            past.findings.setdefault(finding.uid, past.dropped + len(past.events) - 1)
        told_ms = activity.time_ms if self._known is None else min(self._known[exposure.employee].values())
        oldest_ms = min(activity.time_ms, told_ms) - LOOK_BACK_DAYS * DAY_MS
        while not past.findings and past.events[0].time_ms < oldest_ms:
            past.events.popleft()
            past.dropped += 1

    def watches(self, employee: str) -> bool:
        """Whether it looks at this employee at all."""
        return self._known is None or employee in self._known

    def reports(self) -> list[HowEarly]:
        """Return what is known of every finding, in the order of their times."""
        found = [report for employee, past in self._pasts.items() for report in self._reports(employee, past)]
        return sorted(found, key=lambda report: (report.time_ms, report.finding_uid))

    def _speaking(self, standing: Standing | None) -> Iterable[Mark]:
        if standing is None:
            return
        for mark, level in self._levels.items():
            if standing.strangeness >= level:
                yield mark
        for channel, nats in standing.surprises.items():
            self._channels[channel] = None
            if nats >= self._channel_nats:
                yield Mark("channel", channel)

    def _reports(self, employee: str, past: _Past) -> Iterator[HowEarly]:
        """Yield the report of each finding. What a finding before it told was known, as long as its case was open."""
        events = list(past.events)
        known_ms = events[0].time_ms
        findings = past.findings if self._known is None else _placed(past, self._known[employee])
        for uid, number in findings.items():
            alert = number - past.dropped
            alert_ms = events[alert].time_ms
            yield self._report(employee, uid, alert, events, max(known_ms, alert_ms - LOOK_BACK_DAYS * DAY_MS))
            known_ms = alert_ms + self._config.case_hours * HOUR_MS

    def _report(self, employee: str, uid: str, alert: int, events: list[_Event], from_ms: int) -> HowEarly:
        alert_ms = events[alert].time_ms
        first: dict[Mark, int] = {}
        for number, event in enumerate(events):
            if event.time_ms >= from_ms:
                for mark in event.marks:
                    first.setdefault(mark, number)
        marks = [*self._levels, *(Mark("channel", channel) for channel in self._channels)]
        spoken = [_spoken(mark, first.get(mark), alert, events) for mark in marks]
        never = float("inf")
        spoken.sort(key=lambda one: never if one.time_ms is None else one.time_ms)
        return HowEarly(finding_uid=uid, employee=employee, time_ms=alert_ms, marks=tuple(spoken))


def _placed(past: _Past, told: Mapping[str, int]) -> dict[str, int]:
    """Return the numbers of the events that made the findings: the last ones until they were told."""
    times = [event.time_ms for event in past.events]
    places = {uid: bisect_right(times, told_ms) - 1 for uid, told_ms in sorted(told.items(), key=lambda one: one[::-1])}
    return {uid: past.dropped + place for uid, place in places.items() if place >= 0}


def _spoken(mark: Mark, number: int | None, alert: int, events: list[_Event]) -> Spoken:
    if number is None:
        return Spoken(kind=mark.kind, name=mark.name)
    between = events[min(number, alert) + 1 : max(number, alert) + 1]
    return Spoken(
        kind=mark.kind,
        name=mark.name,
        time_ms=events[number].time_ms,
        hours_before=(events[alert].time_ms - events[number].time_ms) / HOUR_MS,
        rows=sum(event.rows for event in between if event.rows is not None),
        uncounted=sum(event.rows is None for event in between),
        people_at_least=len({subject for event in between for subject in event.subjects}),
    )
