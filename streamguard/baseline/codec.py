"""Plain numbers to bytes and back: the alphabet of every state entry.

An entry begins with two bytes, the version of its layout and the kind of thing it holds (a fixed list,
:class:`Kind`); entries of older versions are read, only the newest is written. What follows is little-endian struct
fields, variable-length integers and short texts.
Doubles travel as their eight bytes, so ``decode(encode(x))`` is lossless. Nothing here can name a class or
run code, which is why it is not pickle.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Any, Final

VERSION: Final = 2
OLDEST_VERSION: Final = 1


class Kind(IntEnum):
    """What an entry holds. Numbers are for ever: never reuse one."""

    EMPLOYEE = 1
    GROUP = 2
    MEMBERS = 3
    DAY = 4
    TAIL = 5
    USUAL = 6
    NEWS = 7
    KNOWN = 8
    STEERING = 9
    POOL = 10
    CROWDS = 11
    SEASONS = 12


class StateError(ValueError):
    """A state entry cannot be read: truncated, of an unknown version, or of another kind than its key says.

    Raised rather than skipped: to forget an employee silently would hide what the employee does next.
    """


def clip(text: str, most_bytes: int) -> str:
    """Cut ``text`` so that its UTF-8 form has at most ``most_bytes`` bytes; lone surrogates become ``?``."""
    raw = text.encode("utf-8", "replace")
    return raw[:most_bytes].decode("utf-8", "ignore")


class Writer:
    """Builds one entry, front to back.

    Parameters
    ----------
    kind
        What the entry holds.
    """

    def __init__(self, kind: Kind) -> None:
        self._out = bytearray((VERSION, kind))

    def fields(self, layout: struct.Struct, *values: Any) -> None:
        """Append the fields of ``layout``, which should be little-endian."""
        self._out += layout.pack(*values)

    def count(self, value: int) -> None:
        """Append an integer >= 0 in 7-bit groups, low group first (LEB128)."""
        out = self._out
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        out.append(value)

    def signed(self, value: int) -> None:
        """Append an integer of either sign (zigzag, then LEB128)."""
        self.count(value << 1 if value >= 0 else (-value << 1) - 1)

    def doubles(self, values: tuple[float, ...] | list[float]) -> None:
        """Append doubles without their number."""
        self._out += struct.pack(f"<{len(values)}d", *values)

    def raw(self, value: bytes) -> None:
        """Append bytes after their length."""
        self.count(len(value))
        self._out += value

    def text(self, value: str) -> None:
        """Append a text after the length of its UTF-8 form."""
        self.raw(value.encode("utf-8", "replace"))

    def bytes(self) -> bytes:
        """Return the finished entry."""
        return bytes(self._out)


class Reader:
    """Takes one entry apart, front to back.

    Parameters
    ----------
    data
        The entry.
    kind
        What it has to hold.

    Raises
    ------
    StateError
        Here or in any method, if the entry is not what it should be.
    """

    def __init__(self, data: bytes, kind: Kind) -> None:
        if len(data) < 2 or not OLDEST_VERSION <= data[0] <= VERSION or data[1] != kind:
            head = tuple(data[:2])
            raise StateError(f"state entry begins with {head}, expected {(VERSION, int(kind))}")
        self.version: int = data[0]
        """Of the layout that the entry was written in."""
        self._data = data
        self._at = 2

    def fields(self, layout: struct.Struct) -> tuple[Any, ...]:
        """Read the fields of ``layout``."""
        return layout.unpack(self._take(layout.size))

    def count(self) -> int:
        """Read an integer >= 0."""
        value = shift = 0
        while True:
            byte = self._take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self) -> int:
        """Read an integer of either sign."""
        value = self.count()
        return -((value + 1) >> 1) if value & 1 else value >> 1

    def doubles(self, number: int) -> tuple[float, ...]:
        """Read ``number`` doubles."""
        return struct.unpack(f"<{number}d", self._take(8 * number))

    def raw(self) -> bytes:
        """Read bytes after their length."""
        return self._take(self.count())

    def text(self) -> str:
        """Read a text after the length of its UTF-8 form."""
        return self.raw().decode("utf-8", "replace")

    def end(self) -> None:
        """Check that nothing is left over."""
        if self._at != len(self._data):
            raise StateError(f"{len(self._data) - self._at} bytes left over at the end of a state entry")

    def _take(self, number: int) -> bytes:
        end = self._at + number
        if end > len(self._data):
            raise StateError(f"state entry ends after {len(self._data)} bytes, {end} expected")
        taken = self._data[self._at : end]
        self._at = end
        return taken
