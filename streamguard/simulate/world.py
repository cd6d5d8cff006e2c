"""The whole company at once: everybody's sessions, merged into one stream in the order of event time.

Days are made one after the other and given as soon as nothing earlier can come, so that a simulation of any length
needs the memory of about two days.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from streamguard.simulate.attacks import Incident, incidents
from streamguard.simulate.files import identities_yaml, identity_changes
from streamguard.simulate.habits import habits
from streamguard.simulate.moment import CLOSE_AFTER_MS, OPEN_BEFORE_MS, Moment, OpenSession
from streamguard.simulate.render import FORMATS
from streamguard.simulate.schema import catalogue_text
from streamguard.simulate.staff import staff
from streamguard.simulate.truth import Attack, attack_of, truth_file
from streamguard.simulate.workday import sessions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.simulate.config import WorldConfig
    from streamguard.simulate.habits import Habits
    from streamguard.simulate.staff import Person
    from streamguard.simulate.workday import Session

# Attacks are numbered apart, so that an attack changes no byte of anybody else's lines.
_FIRST_ATTACK: Final = 1_000_000_000
# No time zone is further ahead of UTC: a local day never begins earlier than this before the UTC one.
_AHEAD_OF_UTC: Final = timedelta(hours=14)


class World:
    """One simulated company: what its people do, what is stolen from it, and the files that describe it.

    The same configuration gives the same bytes, on every machine.

    Parameters
    ----------
    config
        Seed, size, length, and what happens.

    Raises
    ------
    ValueError
        When there are too few people for what is to happen.

    Examples
    --------
    >>> from streamguard.simulate import Headcount, WorldConfig
    >>> world = World(WorldConfig(days=1, headcount=Headcount(1, 0, 0, 0, 0, 0, 0), plots=()))
    >>> next(world.activities())[:34]
    b'{"class_uid":6005,"category_uid":6'
    """

    def __init__(self, config: WorldConfig) -> None:
        self.config = config
        self.people: tuple[tuple[Person, Habits], ...] = tuple(
            (person, habits(person, config)) for person in staff(config.headcount)
        )
        self.incidents: tuple[Incident, ...] = tuple(incidents(config, self.people))
        """What happens, with its sessions, in the order of the plots."""

    def activities(self) -> Iterator[bytes]:
        """Yield everybody's statements as OCSF Datastore Activity (6005), one JSON text each, in event-time order."""
        return self.lines("ocsf")

    def lines(self, form: str) -> Iterator[bytes]:
        """Yield the company's log in one of `FORMATS`: records without line ends, in event-time order."""
        writer = FORMATS[form].make(self.config.seed)
        for moment in self.moments():
            yield from writer.lines(moment)

    def truth(self) -> dict[str, Any]:
        """Return the truth about the attacks, as ``truth.json`` holds it."""
        return truth_file(self.config, self.attacks)

    def identities_yaml(self) -> str:
        """Return the directory as it is when the simulation begins, with everybody who joins later."""
        return identities_yaml(self.config, self.people)

    def identity_changes(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield what changes in the directory: (milliseconds, key, value) as records of the identities topic."""
        return identity_changes(self.config, self.people)

    def catalogue_yaml(self, form: str = "ocsf") -> str:
        """Return the catalogue of the company's database, for a log in one of `FORMATS`."""
        return catalogue_text(has_schemas=FORMATS[form].has_schemas)

    @cached_property
    def attacks(self) -> tuple[Attack, ...]:
        """The truth about each attack, in the order of their beginning."""
        found = []
        number = count(_FIRST_ATTACK)
        for incident in self.incidents:
            opened = [OpenSession.of(next(number), session) for session in incident.sessions]
            found.append(attack_of(incident, opened, self.config.seed))
        return tuple(sorted(found, key=lambda attack: (attack.start_ms, attack.scenario, attack.employees)))

    def moments(self) -> Iterator[Moment]:
        """Yield everything that happens, in the order of time, then of the session, then within it."""
        waiting: list[Moment] = []
        for day, found in enumerate(self._days()):
            for number, session in found:
                waiting.extend(_moments(number, session))
            waiting.sort(key=_place)
            horizon_ms = self._earliest_ms(day + 1) - OPEN_BEFORE_MS
            ready = sum(moment.time_ms < horizon_ms for moment in waiting)
            yield from waiting[:ready]
            del waiting[:ready]
        yield from waiting

    def _days(self) -> Iterator[list[tuple[int, Session]]]:
        """Yield, for every day of the simulation, everybody's sessions of their own local day, numbered."""
        config, numbers = self.config, count(1)
        attacks = list(enumerate((s for incident in self.incidents for s in incident.sessions), start=_FIRST_ATTACK))
        for day in range(config.days):
            found = [
                (next(numbers), session)
                for person, habit in self.people
                for session in sessions(person, habit, day, config)
            ]
            # An attack is made with the first day whose lines are not all written before it.
            end_ms = self._earliest_ms(day + 1)
            found += [(number, session) for number, session in attacks if session.work[0][0] < end_ms]
            attacks = [(number, session) for number, session in attacks if session.work[0][0] >= end_ms]
            yield found
        if attacks:
            yield attacks

    def _earliest_ms(self, day: int) -> int:
        """Return the time before which nothing of a day of the simulation happens, anywhere on earth."""
        midnight = datetime.combine(self.config.start + timedelta(days=day), time(), UTC)
        return int((midnight - _AHEAD_OF_UTC).timestamp() * 1000)


def _place(moment: Moment) -> tuple[int, int, int]:
    return moment[:3]


def _moments(number: int, session: Session) -> Iterator[Moment]:
    """Turn a session into moments: it opens, its statements run, it closes."""
    opened = OpenSession.of(number, session)
    yield Moment(opened.opened_ms, number, 0, opened, None)
    for order, (time_ms, statement) in enumerate(session.work, start=1):
        yield Moment(time_ms, number, order, opened, statement)
    yield Moment(session.work[-1][0] + CLOSE_AFTER_MS, number, len(session.work) + 1, opened, None)
