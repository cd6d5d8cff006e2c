"""The memory of one peer shard over a store of encoded entries that it reads lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.crowds import NOBODY, Crowds
from streamguard.baseline.employee import EmployeeMemory
from streamguard.baseline.employee_codec import decode_employee, employee_key, encode_employee
from streamguard.baseline.group import GroupMemory
from streamguard.baseline.members import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable

_CROWDS_KEY: Final = b"g:crowds"
MOST_DECODED: Final = 64
"""Employees kept decoded over a drain (some 10 KB each); the others are bytes in the caller's store alone."""


class ShardMemory:
    """Employees and their peer group, decoded on demand, encoded when they changed.

    Parameters
    ----------
    load
        Reads a stored entry by key, None if there is none. It should give what :meth:`drain` returned
        once the caller has stored it: until then the employee stays decoded here.
    """

    def __init__(self, load: Callable[[bytes], bytes | None]) -> None:
        self._load = load
        self._decoded: dict[str, EmployeeMemory] = {}
        self._encoded: dict[str, bytes] = {}
        self._groups: dict[int, GroupMemory] = {}
        self._crowds: Crowds | None = None
        self.changed: dict[str, EmployeeMemory] = {}
        """Employees that the next drain will give."""

    def group(self, crowd: int = NOBODY) -> GroupMemory:
        """Return the memory of a group, read at first use.

        Parameters
        ----------
        crowd
            Number of a group that formed from behaviour; ``NOBODY``: the shard's, which all belong to.
        """
        found = self._groups.get(crowd)
        if found is None:
            prefix = b"g:" if crowd == NOBODY else b"g:%08x:" % crowd
            found = self._groups[crowd] = GroupMemory(self._load, prefix)
        return found

    @property
    def crowds(self) -> Crowds:
        """Groups from behaviour, read at first use."""
        if self._crowds is None:
            data = self._load(_CROWDS_KEY)
            if data is None:
                self._crowds = Crowds()
            else:
                source = Reader(data, Kind.CROWDS)
                self._crowds = Crowds.read(source)
                source.end()
        return self._crowds

    @property
    def decoded(self) -> int:
        """Employees held decoded at the moment."""
        return len(self._decoded)

    def employee(self, employee: str) -> EmployeeMemory:
        """Return an employee's memory for a change; the next drain will give it."""
        memory = self.changed.get(employee)
        if memory is None:
            memory = self.peek(employee)
            if memory is None:
                memory = self._decoded[employee] = EmployeeMemory()
            self.changed[employee] = memory
        return memory

    def peek(self, employee: str) -> EmployeeMemory | None:
        """Return an employee's memory for reading only; None for somebody never seen."""
        memory = self._decoded.get(employee)
        if memory is None:
            data = self._load(employee_key(employee))
            if data is not None:
                memory = self._decoded[employee] = decode_employee(data)
                self._encoded[employee] = data
        return memory

    def hand_over(self, employee: str) -> bytes | None:
        """Return what another shard needs to go on with an employee; None for somebody never seen."""
        memory = self.peek(employee)
        return None if memory is None else encode_employee(memory)

    def adopt(self, employee: str, state: bytes) -> None:
        """Take over what another shard handed over. What was seen of the employee here meanwhile stays.

        Raises
        ------
        StateError
            If it cannot be read.
        """
        theirs = decode_employee(state)
        known = self.peek(employee)
        memory = self.employee(employee)
        if known is None:
            self._decoded[employee] = self.changed[employee] = theirs
            # Places among the members are the group's own.
            theirs.slot = theirs.shard_slot = ABSENT
            theirs.crowd = theirs.opening = NOBODY
        else:
            memory.adopt(theirs)

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the entries changed since the last drain, sorted by key; let go of idle employees."""
        entries: list[tuple[bytes, bytes]] = []
        for employee, memory in self.changed.items():
            data = self._encoded[employee] = encode_employee(memory)
            entries.append((employee_key(employee), data))
            # To the end: the order of this dictionary is the order of the last change.
            self._decoded[employee] = self._decoded.pop(employee)
        self.changed.clear()
        for group in self._groups.values():
            entries.extend(group.drain())
        if self._crowds is not None and self._crowds.dirty:
            out = Writer(Kind.CROWDS)
            self._crowds.write(out)
            entries.append((_CROWDS_KEY, out.bytes()))
            self._crowds.dirty = False
        entries.sort()
        self._forget()
        return entries

    def _forget(self) -> None:
        """Let go of the employees that changed longest ago, if the caller's store has them as they are."""
        for employee in list(self._decoded)[: max(0, len(self._decoded) - MOST_DECODED)]:
            if self._load(employee_key(employee)) == self._encoded.get(employee):
                del self._decoded[employee], self._encoded[employee]
