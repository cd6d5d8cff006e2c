"""Who moves to another peer shard with which change of the directory: a function of the log of changes.

A change moves the employee it speaks of, if it names another group. Where it makes a group so much larger or smaller
that the group is spread over another number of shards, it moves those of the group whom that concerns. Who joins or
leaves the directory moves nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.exposure.directory import shard_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamguard.exposure.addresses import Addresses

LATEST_ARRIVAL_MS: Final = 7 * 24 * 60 * 60 * 1000
"""What an old shard hands over later than this (the usual retention of the activity topic) is not waited for."""


class Move(NamedTuple):
    """An employee belongs to another peer shard from now on.

    Attributes
    ----------
    employee
        Who.
    from_shard, to_shard
        From where to where.
    after
        (offset, index) of the move that brought the employee to ``from_shard``; None: that was not lately.
    """

    employee: str
    from_shard: str
    to_shard: str
    after: tuple[int, int] | None = None


class _Past(NamedTuple):
    """When somebody moved last."""

    position: tuple[int, int]
    moment_ms: int


class Moves:
    """Finds moves. What it says of an offset never changes.

    Parameters
    ----------
    addresses
        Of the directory with its history; changes that are applied to it are seen from then on.
    """

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._history = addresses.history
        self._version = 0
        self._moves: dict[int, list[Move]] = {}
        self._past: dict[str, _Past] = {}

    def at(self, offset: int) -> list[Move]:
        """Return whom the change at an offset of the log of changes moved, ordered by id."""
        while self._version < self._history.latest.version:
            self._version += 1
            self._look_at(self._version)
        return self._moves.get(offset, [])

    def _look_at(self, version: int) -> None:
        change = self._history.change(version)
        found: dict[str, Move] = {}
        groups = {self._history.group_of(at, change.employee) for at in (version - 1, version)}
        found.update(self._moved(version, change.moment_ms, [change.employee]))
        for group in groups:
            if group is not None and self._is_spread_anew(version, group):
                found.update(self._moved(version, change.moment_ms, self._history.members(version, group)))
        moves = [found[employee] for employee in sorted(found)]
        for index, move in enumerate(moves):
            self._past[move.employee] = _Past((change.offset, index), change.moment_ms)
        if moves:
            self._moves[change.offset] = moves

    def _moved(self, version: int, moment_ms: int, employees: Iterable[str]) -> Iterator[tuple[str, Move]]:
        for employee in employees:
            before, now = self._shard(version - 1, employee), self._shard(version, employee)
            if before is not None and now is not None and before != now:
                past = self._past.get(employee)
                if past is not None and moment_ms - past.moment_ms >= LATEST_ARRIVAL_MS:
                    past = None
                yield employee, Move(employee, before, now, None if past is None else past.position)

    def _is_spread_anew(self, version: int, group: str) -> bool:
        return self._addresses.shards(version - 1, group) != self._addresses.shards(version, group)

    def _shard(self, version: int, employee: str) -> str | None:
        group = self._history.group_of(version, employee)
        return None if group is None else shard_of(employee, group, self._addresses.shards(version, group))
