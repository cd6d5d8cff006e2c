"""The whole company at once: everybody's sessions, merged into one log in the order of event time.

Days are made one after the other and written as soon as nothing earlier can come, so that a simulation of
any length needs the memory of about two days.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from streamguard.simulate.journal import SessionJournal
from streamguard.simulate.leaks import leaking_sessions
from streamguard.simulate.workday import habits, sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamguard.simulate.config import SimulateConfig
    from streamguard.simulate.statements import Statement
    from streamguard.simulate.workday import Session

_OPEN_BEFORE_MS = 40
_CLOSE_AFTER_MS = 1_500
# Leaks are numbered apart, so that a leak changes no byte of anybody else's lines.
_FIRST_LEAK = 2_000_000
# No time zone is further ahead of UTC: a local day never begins earlier than this before the UTC one.
_AHEAD_OF_UTC = timedelta(hours=14)


class _Event(NamedTuple):
    """Something that a session writes; its place in the log is its time, then the session, then the order."""

    time_ms: int
    session: int
    order: int
    journal: SessionJournal
    statement: Statement | None
    """None: the first or the last event of the session."""

    def lines(self) -> Iterator[bytes]:
        if self.statement is not None:
            return self.journal.run(self.time_ms, self.statement)
        return self.journal.open() if self.order == 0 else self.journal.close(self.time_ms)


def simulate(config: SimulateConfig) -> Iterator[bytes]:
    """Yield the lines of the company's database log, without line ends, ordered by event time.

    The same configuration gives the same bytes, on every machine.

    Parameters
    ----------
    config
        Seed, first day, number of days, leaks, people.
    """
    waiting: list[_Event] = []
    for day, found in enumerate(_days(config)):
        for number, session in found:
            waiting.extend(_events(session, number))
        waiting.sort(key=lambda event: event[:3])
        horizon_ms = _earliest_ms(config, day + 1) - _OPEN_BEFORE_MS
        ready = sum(event.time_ms < horizon_ms for event in waiting)
        yield from _write(waiting[:ready])
        del waiting[:ready]
    yield from _write(waiting)


def _write(events: Iterable[_Event]) -> Iterator[bytes]:
    for event in events:
        yield from event.lines()


def _days(config: SimulateConfig) -> Iterator[list[tuple[int, Session]]]:
    """Yield, for every day of the simulation, everybody's sessions of their own local day, numbered."""
    everybody = [(person, habits(person, config)) for person in config.people]
    leaks = list(enumerate((session for _, session in leaking_sessions(config)), start=_FIRST_LEAK))
    numbers = count(1)
    for day in range(config.days):
        ordinary = (session for person, habit in everybody for session in sessions(person, habit, day, config))
        found = [(next(numbers), session) for session in ordinary]
        # A leak is made with the first day whose lines are not all written before it.
        end_ms = _earliest_ms(config, day + 1)
        found += [(number, session) for number, session in leaks if session.work[0][0] < end_ms]
        leaks = [(number, session) for number, session in leaks if session.work[0][0] >= end_ms]
        yield found
    if leaks:
        yield leaks


def _earliest_ms(config: SimulateConfig, day: int) -> int:
    """Return the time before which nothing of a day of the simulation happens, anywhere on earth."""
    midnight = datetime.combine(config.start + timedelta(days=day), time(), UTC)
    return int((midnight - _AHEAD_OF_UTC).timestamp() * 1000)


def _events(session: Session, number: int) -> Iterator[_Event]:
    """Turn a session into events: it opens, its statements run, it closes."""
    opened_ms = session.work[0][0] - _OPEN_BEFORE_MS
    journal = SessionJournal(session.person, session.application, number, opened_ms)
    yield _Event(opened_ms, number, 0, journal, None)
    for order, (time_ms, statement) in enumerate(session.work, start=1):
        yield _Event(time_ms, number, order, journal, statement)
    yield _Event(session.work[-1][0] + _CLOSE_AFTER_MS, number, len(session.work) + 1, journal, None)
