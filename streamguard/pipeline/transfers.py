"""Employees who come to a peer shard and leave it: each one's history is handed over in the order of the moves.

Who moves from A to B and on to C is told to A and to B at about the same time, so B may hear that somebody leaves
before A has handed anything over. Every `Departure` therefore says after which move it comes, and waits for what that
one brings. An old shard answers even if it knows nothing, so that nobody waits in vain.

What was handed over is taken if its move is later than the one that was taken last: what comes again, or by a way
that another reading of the directory's log made up, changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.activity import Departure, Handover, Origin

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_WAITING: Final = 8
"""Departures of one employee that wait, at most: more can only mean that what they wait for will never come."""
_KEY: Final = b"m:"
_NOTHING: Final = (-1, -1)


class _Moves(msgspec.Struct, array_like=True):
    """What one shard remembers of one employee's moves.

    Attributes
    ----------
    log
        Log of the directory that ``taken`` is a place in.
    taken
        (offset, index) of the newest move that brought the employee here.
    waiting
        Departures that must wait, in the order of the moves.
    """

    log: str = ""
    taken: tuple[int, int] = _NOTHING
    waiting: list[Departure] = []


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Moves).decode


class Transfers:
    """Moves into one peer shard and out of it.

    Parameters
    ----------
    load
        Reads a stored entry by key, None if there is none.
    hand_over
        Returns what the shard knows of an employee, None if it knows nothing.
    """

    def __init__(self, load: Callable[[bytes], bytes | None], hand_over: Callable[[str], bytes | None]) -> None:
        self._load = load
        self._hand_over = hand_over
        self._moves: dict[str, _Moves] = {}
        self._changed: set[str] = set()

    def leave(self, departure: Departure) -> list[Handover]:
        """Return what is handed over now, which is nothing if something must come first."""
        known = self._known(departure.employee)
        if _may_leave(departure, known):
            return [self._handover(departure)]
        known.waiting = [*known.waiting, departure][-MOST_WAITING:]
        self._changed.add(departure.employee)
        return []

    def come(self, handover: Handover) -> bool:
        """Tell whether a handover is news, and remember it. If so, `release` must be called once it was taken over."""
        known, log = self._known(handover.employee), _log(handover.origin)
        if known.log == log and handover.origin.position <= known.taken:
            return False
        known.log, known.taken = log, handover.origin.position
        self._changed.add(handover.employee)
        return True

    def release(self, employee: str) -> list[Handover]:
        """Return what can be handed over now that something has come."""
        known = self._known(employee)
        ready = [departure for departure in known.waiting if _may_leave(departure, known)]
        if ready:
            known.waiting = [departure for departure in known.waiting if departure not in ready]
            self._changed.add(employee)
        return [self._handover(departure) for departure in ready]

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the entries changed since the last call."""
        entries = [(_key(employee), _encode(self._moves[employee])) for employee in sorted(self._changed)]
        self._changed.clear()
        return entries

    def _known(self, employee: str) -> _Moves:
        known = self._moves.get(employee)
        if known is None:
            stored = self._load(_key(employee))
            known = self._moves[employee] = _decode(stored) if stored else _Moves()
        return known

    def _handover(self, departure: Departure) -> Handover:
        # It is no record of the directory's log, so it gets a log of the old shard's own.
        origin = departure.origin._replace(topic=f"{departure.origin.topic}/{departure.shard}")
        state = self._hand_over(departure.employee) or b""
        return Handover(origin=origin, shard=departure.to_shard, employee=departure.employee, state=state)


def _may_leave(departure: Departure, known: _Moves) -> bool:
    return departure.after is None or (known.log == _log(departure.origin) and known.taken >= departure.after)


def _log(origin: Origin) -> str:
    """Return the log of the directory that a departure or a handover is of. Kafka's topic names hold no slash."""
    return origin._replace(topic=origin.topic.partition("/")[0]).log


def _key(employee: str) -> bytes:
    return _KEY + employee.encode("utf-8", "surrogatepass")
