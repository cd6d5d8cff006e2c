"""What an employee has used before: tables, sets of categories, clients, programs, statement shapes, as short hashes.

The least recently used are forgotten first, so that no input can make an entry large. What is new stays young for
three active days: who begins to explore a table at night and returns with an export is still somebody new there.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from streamguard.baseline.habits import ATTRIBUTES

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer

MOST_KNOWN: Final[tuple[int, ...]] = (64, 128, 32, 16, 256)
"""By attribute."""
AGE_WEIGHTS: Final[tuple[float, ...]] = (1.0, 0.6, 0.35)
"""What a novelty is still worth on its first, second and third active day."""
_MOST_YOUNG: Final = 24
_BITS: Final = 32
_MASK: Final = 0xFFFFFFFF
_SYMBOL: Final = struct.Struct("<IB")


class Symbols:
    """Symbols of one employee; a symbol is a number of 32 bits, above which stands its attribute.

    Attributes
    ----------
    touched
        Those used on the open day.
    young
        (Age in active days, surprise when it was new in tenths of a nat) by symbol.
    """

    __slots__ = ("_known", "touched", "young")

    def __init__(self) -> None:
        self._known: tuple[dict[int, None], ...] = tuple({} for _ in ATTRIBUTES)
        self.touched: set[int] = set()
        self.young: dict[int, tuple[int, int]] = {}

    def touch(self, symbol: int) -> bool:
        """Note that a symbol is used today; return whether it was never used before.

        On a day on which more different symbols are used than are remembered, the rest goes unnoticed: what happened
        to be forgotten must not decide what is new.
        """
        touched = self.touched
        if symbol in touched:
            return False
        attribute = symbol >> _BITS
        known = self._known[attribute]
        is_new = symbol not in known
        if not is_new:
            del known[symbol]
        elif len(known) >= MOST_KNOWN[attribute]:
            oldest = next(iter(known))
            if oldest in touched:
                return False
            del known[oldest]
        known[symbol] = None
        touched.add(symbol)
        return is_new

    def note_young(self, symbol: int, tenths: int) -> None:
        """Keep a new symbol's surprise for the days on which it is still young, if there is room."""
        if len(self.young) < _MOST_YOUNG:
            self.young[symbol] = (0, tenths)

    def open_day(self) -> None:
        """Begin an active day: nothing is used yet, and what was young is a day older."""
        self.touched.clear()
        if self.young:
            self.young = {
                symbol: (age + 1, tenths) for symbol, (age, tenths) in self.young.items() if age + 1 < len(AGE_WEIGHTS)
            }

    def accept_young(self) -> None:
        """Make everything young an old acquaintance."""
        self.young.clear()

    def forget_young(self) -> list[int]:
        """Forget everything young, as if it had never been used; return it."""
        forgotten = list(self.young)
        for symbol in forgotten:
            self._known[symbol >> _BITS].pop(symbol, None)
            self.touched.discard(symbol)
        self.young.clear()
        return forgotten

    def write(self, out: Writer) -> None:
        """Append the symbols to an entry."""
        for known in self._known:
            # Those used today stand last, so that their number tells which they are.
            out.count(sum(symbol in self.touched for symbol in known))
            out.raw(struct.pack(f"<{len(known)}I", *(symbol & _MASK for symbol in known)))
        out.count(len(self.young))
        for symbol, (age, tenths) in self.young.items():
            out.fields(_SYMBOL, symbol & _MASK, symbol >> _BITS)
            out.count(age)
            out.count(tenths)

    @classmethod
    def read(cls, source: Reader) -> Symbols:
        """Restore what :meth:`write` wrote."""
        new = cls()
        for attribute, known in enumerate(new._known):
            today = source.count()
            packed = source.raw()
            numbers = struct.unpack(f"<{len(packed) // 4}I", packed)
            symbols = [attribute << _BITS | number for number in numbers]
            known.update(dict.fromkeys(symbols))
            new.touched.update(symbols[len(symbols) - today :])
        for _ in range(source.count()):
            number, attribute = source.fields(_SYMBOL)
            new.young[attribute << _BITS | number] = (source.count(), source.count())
        return new
