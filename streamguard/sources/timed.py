"""An audit record that tells how long a statement ran, before it is known whether it becomes an activity."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.sources.statement import Statement


_Outcome = TypeVar("_Outcome")


class Timed:
    """The last record of a statement, which nearly always adds nothing to the others but the time.

    Every second or third record is one where servers log durations, and the activity that it would be costs as much as
    all the rest of its reading. So it is made only if `Assembler.feed_timed` finds that it stands for itself.

    Parameters
    ----------
    offset
        Of the Kafka record, which holds nothing else.
    source, instance, session, time_ms, duration_ms, produced_ms
        As in `Activity`.
    statement
        What its text is.
    """

    __slots__ = ("duration_ms", "instance", "offset", "produced_ms", "session", "source", "statement", "time_ms")

    def __init__(  # noqa: PLR0917 -- names would cost as much as the rest of the call
        self,
        offset: int,
        source: str,
        instance: str | None,
        session: str | None,
        time_ms: int,
        duration_ms: float,
        produced_ms: int | None,
        statement: Statement,
    ) -> None:
        self.offset = offset
        self.source = source
        self.instance = instance
        self.session = session
        self.time_ms = time_ms
        self.duration_ms = duration_ms
        self.produced_ms = produced_ms
        self.statement = statement

    def activity(self) -> Activity:
        """Return what the record is if it stands for itself."""
        raise NotImplementedError


def settled(outcome: _Outcome | Timed) -> _Outcome | Activity:
    """Return the outcome of a record as it is if nothing takes it in."""
    return outcome.activity() if isinstance(outcome, Timed) else outcome
