"""The open day's signs beyond volume: largest values, novelties, odd hours, scans, people, as whole tenths of a nat.

All of them only rise while the day lasts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.baseline.chains import Chains
from streamguard.baseline.habits import ATTRIBUTES
from streamguard.baseline.measure import LARGEST, SHARE, SHARE_OCTAVES
from streamguard.baseline.people import People
from streamguard.baseline.volume import BELOW

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer
    from streamguard.baseline.volume import Volume

_MOST_TOTAL: Final = 2**62
SHARE_PLACE: Final = LARGEST.index(SHARE)
_ROUNDING: Final = 1e-9


class Aside:
    """Rows that were taken under odd circumstances (something new, an odd hour), and how unusual that is.

    Attributes
    ----------
    tenths
        Surprise of the circumstances alone, tenths of a nat.
    rows
        Taken under them today.
    residual
        Tenths of a standard deviation that these rows alone are above the usual day.
    next_rows
        The rows that make ``residual`` grow; not part of the state.
    """

    __slots__ = ("next_rows", "residual", "rows", "tenths")

    def __init__(self) -> None:
        self.tenths = 0
        self.rows = 0
        self.residual = BELOW
        self.next_rows = -1.0

    def add(self, rows: int, volume: Volume) -> bool:
        """Take in a statement's rows; return whether they are more unusual now, by the ``volume`` of a day's rows."""
        total = self.rows = min(self.rows + rows, _MOST_TOTAL)
        if self.next_rows < 0.0:
            self.next_rows = volume.value_above(self.residual)
        if total <= self.next_rows:
            return False
        self.residual = max(self.residual, volume.residual_of(total))
        self.next_rows = volume.value_above(self.residual)
        return True

    def write(self, out: Writer) -> None:
        """Append to an entry."""
        for number in (self.tenths, self.rows, self.residual - BELOW):
            out.count(number)

    def read(self, source: Reader) -> None:
        """Replace the content by what :meth:`write` wrote."""
        self.tenths, self.rows, self.residual = source.count(), source.count(), source.count() + BELOW


class Signs:
    """Everything noted of an employee's open day that is no volume.

    Attributes
    ----------
    octaves, rarities
        Octave of the day's largest value and its surprise in tenths of a nat, for each of ``LARGEST``.
    chains, longest_chain
        Sequential scans under way, and the length of the longest.
    people
        Different data subjects.
    news
        Tenths of a nat by attribute; ``novelty`` is what they amount to, and the rows taken amid them.
    is_news
        Whether the day brought something new at all, by attribute.
    hours, odd_hours
        Bit mask of the local hours seen, and tenths of a nat of those in which this employee was not expected; ``hour``
        is the oddest of them, and the rows taken in such hours.
    honey
        Whether a planted record was touched.
    next_share
        The share of a table below which nothing rises; not part of the state.
    """

    __slots__ = (
        "chains",
        "honey",
        "hour",
        "hours",
        "is_news",
        "longest_chain",
        "news",
        "next_share",
        "novelty",
        "octaves",
        "odd_hours",
        "people",
        "rarities",
    )

    def __init__(self) -> None:
        self.octaves = [0] * len(LARGEST)
        self.rarities = [0] * len(LARGEST)
        self.chains = Chains()
        self.longest_chain = 0
        self.people = People()
        self.news = [0] * len(ATTRIBUTES)
        self.is_news = 0
        self.novelty = Aside()
        self.hours = 0
        self.odd_hours: dict[int, int] = {}
        self.hour = Aside()
        self.honey = False
        self.next_share = 0.0

    def set_next_share(self) -> None:
        """Work out the share of a table from which on the next octave may begin."""
        reached = self.octaves[SHARE_PLACE]
        self.next_share = 0.0 if not reached else 2.0 ** (reached - SHARE_OCTAVES + 1) * (1.0 - _ROUNDING)

    def write(self, out: Writer) -> None:
        """Append the signs to an entry."""
        for numbers in (self.octaves, self.rarities, self.news):
            for number in numbers:
                out.count(number)
        for number in (self.longest_chain, self.is_news, self.hours, int(self.honey)):
            out.count(number)
        out.raw(bytes(number for odd in self.odd_hours.items() for number in odd))
        for aside in (self.novelty, self.hour):
            aside.write(out)
        self.chains.write(out)
        self.people.write(out)

    @classmethod
    def read(cls, source: Reader) -> Signs:
        """Restore what :meth:`write` wrote."""
        new = cls()
        for numbers in (new.octaves, new.rarities, new.news):
            numbers[:] = [source.count() for _ in numbers]
        new.longest_chain, new.is_news, new.hours = source.count(), source.count(), source.count()
        new.honey = bool(source.count())
        packed = source.raw()
        new.odd_hours = dict(zip(packed[::2], packed[1::2], strict=True))
        for aside in (new.novelty, new.hour):
            aside.read(source)
        new.chains = Chains.read(source)
        new.people = People.read(source)
        new.set_next_share()
        return new
