"""A bounded cache whose value is not a function of its key alone."""

from __future__ import annotations

from typing import Generic, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Memory(Generic[_Key, _Value]):
    """A cache of two generations: what was not used while the younger one filled up is forgotten.

    Cheaper than keeping the order of use, and ``functools.lru_cache`` cannot be asked without a way to compute.

    Parameters
    ----------
    size
        Entries at most; below 2 nothing is remembered.
    """

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, size: int) -> None:
        self._half = size // 2
        self._young: dict[_Key, _Value] = {}
        self._old: dict[_Key, _Value] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: _Key) -> _Value | None:
        """Return what was put under a key, None if it is not there (any more)."""
        found = self._young.get(key)
        if found is None and (found := self._old.pop(key, None)) is not None:
            self.put(key, found)
        return found

    def put(self, key: _Key, value: _Value) -> None:
        """Remember a value."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        if self._half:
            self._young[key] = value
