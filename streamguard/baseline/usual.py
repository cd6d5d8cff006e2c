"""What is usual in a group, as of the beginning of its newest day: the parameters that all judging goes by.

They are fixed for the day, so that what an employee's day is compared with changes once a day and by the common mode
alone, and a restored memory goes on with the very same numbers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamguard.baseline.habits import ATTRIBUTES, HOURS
from streamguard.baseline.hours import ANY_HOUR
from streamguard.baseline.measure import HIGHEST_OCTAVE, LARGEST, VOLUMES
from streamguard.baseline.news import NewsCounts, NewsRates
from streamguard.baseline.peers import PeerLevel
from streamguard.baseline.popularity import FAMES
from streamguard.baseline.tail import Tail
from streamguard.baseline.today import PLACES

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer

COMBINED: Final = 0
"""The tail of the combined score; measures are numbered from 1."""
RESIDUALS: Final = tuple(measure.number for measure in VOLUMES)
CUSUMS: Final = tuple(measure.cusum_number for measure in VOLUMES)
TAILS: Final[tuple[int, ...]] = (COMBINED, *RESIDUALS, *CUSUMS)
"""Numbers of the pooled tails."""
HOURS_NUMBER: Final = 64
"""Of the histogram of hours; those of octaves have the numbers of ``LARGEST``."""
_PRIORS = {COMBINED: Tail(3.0, 15.0, 32.0)}
_PRIORS |= dict.fromkeys(RESIDUALS, Tail(0.0, 10.0, 22.0))
_PRIORS |= dict.fromkeys(CUSUMS, Tail(3.0, 18.0, 45.0))
_ONE_IN_FIVE: Final = 16
"""-ln 0.2 in tenths of a nat: surprises are of such size once in five days."""
_PEER: Final = struct.Struct("<Bddd")
_TAIL: Final = struct.Struct("<ddd")


@dataclass(frozen=True)
class Usual:
    """Parameters of a group.

    Attributes
    ----------
    members
        Active within two weeks.
    days
        Employee-days that the calibration is of, each as far as it still counts.
    peers
        Level of each volume; None before any day was closed.
    tails
        By number.
    reaches
        P(the largest of a day reaches an octave), for each of ``LARGEST``.
    hours
        P(active in a local hour).
    news
        How often, and how known, what is new is.
    """

    members: int
    days: float
    peers: tuple[PeerLevel | None, ...]
    tails: dict[int, Tail]
    reaches: tuple[tuple[float, ...], ...]
    hours: tuple[float, ...]
    news: NewsRates

    def typical(self) -> tuple[int, ...]:
        """Return what a fifth of the members exceed on an ordinary day, by place of the peers' day, in tenths."""
        return (
            *(max(0, round(self.tails[number].q80)) for number in RESIDUALS),
            *(_ONE_IN_FIVE,) * (PLACES - len(RESIDUALS)),
        )

    def write(self, out: Writer) -> None:
        """Append the parameters to an entry."""
        out.count(self.members)
        out.doubles((self.days,))
        for peer in self.peers:
            out.fields(_PEER, *((1, peer.mean, peer.within, peer.between) if peer else (0, 0.0, 0.0, 0.0)))
        for number in TAILS:
            tail = self.tails[number]
            out.fields(_TAIL, tail.q50, tail.q80, tail.q95)
        for reach in self.reaches:
            out.doubles(reach)
        out.doubles(self.hours)
        out.doubles(self.news.newcomers)
        out.doubles(self.news.established)
        for fames in self.news.fames:
            out.doubles(fames)

    @classmethod
    def read(cls, source: Reader) -> Usual:
        """Restore what :meth:`write` wrote."""
        members, (days,) = source.count(), source.doubles(1)
        peers: list[PeerLevel | None] = []
        for _ in VOLUMES:
            known, *level = source.fields(_PEER)
            peers.append(PeerLevel(*level) if known else None)
        tails = {number: Tail(*source.fields(_TAIL)) for number in TAILS}
        reaches = tuple(source.doubles(HIGHEST_OCTAVE + 1) for _ in LARGEST)
        hours = source.doubles(HOURS)
        newcomers, established = source.doubles(len(ATTRIBUTES)), source.doubles(len(ATTRIBUTES))
        fames = tuple(source.doubles(FAMES) for _ in ATTRIBUTES)
        return cls(members, days, tuple(peers), tails, reaches, hours, NewsRates(newcomers, established, fames))


NOTHING_KNOWN: Final = Usual(
    0,
    0.0,
    (None,) * len(VOLUMES),
    dict(_PRIORS),
    tuple(largest.prior for largest in LARGEST),
    ANY_HOUR,
    NewsCounts().rates(),
)
"""What is believed of a group of which nothing is known."""
