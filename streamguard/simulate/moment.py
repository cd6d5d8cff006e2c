"""The neutral stream: who did what when, before any log format has a word for it."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from streamguard.simulate.staff import Person
    from streamguard.simulate.statement import Statement
    from streamguard.simulate.workday import Session

OPEN_BEFORE_MS: Final = 40
CLOSE_AFTER_MS: Final = 1_500


class OpenSession(NamedTuple):
    """One database session."""

    number: int
    """A number that no other session of the simulation has."""
    person: Person
    program: str
    """The client program's name for itself."""
    client: str
    """The client's address."""
    opened_ms: int

    @classmethod
    def of(cls, number: int, session: Session) -> OpenSession:
        """Open a session a moment before its first statement."""
        return cls(number, session.person, session.program, session.client, session.work[0][0] - OPEN_BEFORE_MS)


class Moment(NamedTuple):
    """Something that happens in a session; its place in the stream is its time, then the session, then the order."""

    time_ms: int
    number: int
    order: int
    session: OpenSession
    statement: Statement | None
    """None: the session opens (order 0) or closes."""


def activity_id(seed: int, number: int, order: int) -> str:
    """Return the id of a statement by its place: 16 hexadecimal digits that tell nothing of the place."""
    return blake2b(b"%d/%d/%d" % (seed, number, order), digest_size=8).hexdigest()
