"""How many different people an employee looked up today: a sketch over keyed hashes, never the hashes themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from datasketches import hll_sketch, tgt_hll_type

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer

_LG_REGISTERS: Final = 8
MOST_LISTED: Final = 4_096
"""Values of one statement that are looked at; a longer list is not counted to its end."""


class People:
    """HyperLogLog sketch (Flajolet et al., 2007; Apache DataSketches) of the open day's data subjects.

    Exact up to some twenty people, then within 7 %, in at most some 250 bytes.
    """

    __slots__ = ("_last", "_sketch", "count")

    def __init__(self) -> None:
        self.count = 0
        """Different people so far; it never falls."""
        self._sketch: hll_sketch | None = None
        self._last: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def add(self, subjects: tuple[tuple[str, tuple[str, ...]], ...]) -> bool:
        """Take in (column, keyed hashes) of a statement; return whether there are more people than before."""
        if subjects == self._last:
            return False
        self._last = subjects
        sketch = self._sketch
        if sketch is None:
            sketch = self._sketch = hll_sketch(_LG_REGISTERS, tgt_hll_type.HLL_4)
        for _, hashes in subjects:
            for value in hashes if len(hashes) <= MOST_LISTED else hashes[:MOST_LISTED]:
                sketch.update(value)
        count = int(sketch.get_estimate() + 0.5)
        if count <= self.count:
            return False
        self.count = count
        return True

    def write(self, out: Writer) -> None:
        """Append the sketch to an entry."""
        out.count(self.count)
        # The updatable form keeps the inner order, so that a restored sketch goes on bit for bit.
        out.raw(b"" if self._sketch is None else self._sketch.serialize_updatable())

    @classmethod
    def read(cls, source: Reader) -> People:
        """Restore what :meth:`write` wrote."""
        new = cls()
        new.count = source.count()
        packed = source.raw()
        if packed:
            new._sketch = hll_sketch.deserialize(packed)
        return new
