"""Peer groups from behaviour, where the directory knows nobody: people who mostly use the same program.

A program used by few is no group; those who use such programs (service accounts mostly have one of their own) are a
group together.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline.codec import Reader, Writer

NOBODY: Final = 0
"""Crowd of those of whom no program is known: they are judged among all."""
LONERS: Final = 1
DAYS_LOOKED_AT: Final = 7
"""Active days whose main program decides."""
_LEAST_MEMBERS: Final = 5
_MOST_CROWDS: Final = 256
_CROWD: Final = struct.Struct("<I")


class Crowds:
    """How many employees mostly use each program; programs are numbers of 32 bits."""

    __slots__ = ("_members", "dirty")

    def __init__(self) -> None:
        self._members: dict[int, int] = {}
        self.dirty = False

    def move(self, before: int, after: int) -> None:
        """Note that an employee mostly uses another program than before."""
        if before == after:
            return
        members = self._members
        if members.get(before, 0) > 1:
            members[before] -= 1
        else:
            members.pop(before, None)
        if after != NOBODY:
            if after not in members and len(members) >= _MOST_CROWDS:
                del members[min(members, key=members.__getitem__)]
            members[after] = members.get(after, 0) + 1
        self.dirty = True

    def group_of(self, program: int) -> int:
        """Return the number of the group that the users of a program are judged in."""
        if program == NOBODY:
            return NOBODY
        return program if self._members.get(program, 0) >= _LEAST_MEMBERS else LONERS

    def write(self, out: Writer) -> None:
        """Append to an entry."""
        out.count(len(self._members))
        for program, members in self._members.items():
            out.fields(_CROWD, program)
            out.count(members)

    @classmethod
    def read(cls, source: Reader) -> Crowds:
        """Restore what :meth:`write` wrote."""
        new = cls()
        for _ in range(source.count()):
            (program,) = source.fields(_CROWD)
            new._members[program] = source.count()
        return new


class Programs:
    """Which program an employee mostly uses: statements of the open day by program, and the main one of recent days.

    Attributes
    ----------
    crowd
        The main program of the days looked at, as of the last closed one.
    """

    __slots__ = ("_current", "_recent", "_since", "_today", "crowd")

    def __init__(self) -> None:
        self.crowd = NOBODY
        self._recent: list[int] = []
        self._today: dict[int, int] = {}
        self._current = NOBODY
        self._since = 0

    def use(self, program: int, statements: int) -> None:
        """Note that from the next statement on a program is used.

        Parameters
        ----------
        program
            Its number.
        statements
            How many there were today before.
        """
        self._count(statements)
        self._current = program

    def clear(self) -> None:
        """Forget everything: the directory knows the group."""
        self.crowd = self._current = NOBODY
        self._since = 0
        self._recent.clear()
        self._today.clear()

    def close_day(self, statements: int) -> int:
        """Close a day of so many statements; return the crowd."""
        self._count(statements)
        if self._today:
            main = max(self._today, key=self._today.__getitem__)
            self._recent = [*self._recent[1 - DAYS_LOOKED_AT :], main]
            self.crowd = _most_frequent(self._recent)
        self._today, self._since, self._current = {}, 0, NOBODY
        return self.crowd

    def write(self, out: Writer, statements: int) -> None:
        """Append to an entry, with what was counted up to so many statements of the open day."""
        self._count(statements)
        out.fields(_CROWD, self.crowd)
        out.fields(_CROWD, self._current)
        out.count(self._since)
        out.raw(struct.pack(f"<{len(self._recent)}I", *self._recent))
        out.count(len(self._today))
        for program, used in self._today.items():
            out.fields(_CROWD, program)
            out.count(used)

    @classmethod
    def read(cls, source: Reader) -> Programs:
        """Restore what :meth:`write` wrote."""
        new = cls()
        (new.crowd,), (new._current,), new._since = source.fields(_CROWD), source.fields(_CROWD), source.count()
        packed = source.raw()
        new._recent = list(struct.unpack(f"<{len(packed) // 4}I", packed))
        for _ in range(source.count()):
            (program,) = source.fields(_CROWD)
            new._today[program] = source.count()
        return new

    def _count(self, statements: int) -> None:
        """Give the statements since the last change to the program of then."""
        if self._current != NOBODY and statements > self._since:
            self._today[self._current] = self._today.get(self._current, 0) + statements - self._since
        self._since = statements


def _most_frequent(programs: Sequence[int]) -> int:
    """Return the program of most days, the latest among equals."""
    return max(list(reversed(programs)), key=programs.count)
