"""How often something new is met in a group, and how known what is new usually is to the others.

Day units of the new-edge models (Sanna Passino and Heard, 2019): P(something new today), times P(as little known or
less, given that it is new).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Final

from river import proba

from streamguard.baseline.habits import ATTRIBUTES
from streamguard.baseline.popularity import FAMES

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer
    from streamguard.baseline.habits import Habits
    from streamguard.baseline.popularity import Fame

_PRIOR_ESTABLISHED: Final = (1.0, 30.0)
_PRIOR_NEWCOMER: Final = (2.0, 4.0)
_PRIOR_FAMES: Final[tuple[float, ...]] = (1.0, 2.0, 7.0)
_PEER_DAYS: Final = 8.0
_TENTHS: Final = 10.0


@dataclass(frozen=True)
class NewsRates:
    """P(new today) for newcomers and for others, and P(as known or less | new), by attribute."""

    newcomers: tuple[float, ...]
    established: tuple[float, ...]
    fames: tuple[tuple[float, ...], ...]

    def surprise(self, attribute: int, fame: Fame, habits: Habits) -> int:
        """Return -ln P(something new and as little known today) in whole tenths of a nat, rounded down.

        What spreads among the members these days is taken up with the share of those who just did, if that is more.
        """
        if habits.is_newcomer:
            # Of the very first day everything is new.
            rate = self.newcomers[attribute] if habits.tenure else 1.0
        else:
            own = habits.fading * habits.news[attribute] + _PEER_DAYS * self.established[attribute]
            rate = min(1.0, own / (habits.fading * habits.news_weight + _PEER_DAYS))
        return int(-_TENTHS * log(max(rate * self.fames[attribute][fame.level], fame.spreading)))


class NewsCounts:
    """What the rates are learned from: a :class:`river.proba.Beta` for each attribute, and counts by fame."""

    __slots__ = ("_established", "_fames", "_newcomers", "dirty")

    def __init__(self) -> None:
        self._newcomers = [proba.Beta(*_PRIOR_NEWCOMER) for _ in ATTRIBUTES]
        self._established = [proba.Beta(*_PRIOR_ESTABLISHED) for _ in ATTRIBUTES]
        self._fames = [list(_PRIOR_FAMES) for _ in ATTRIBUTES]
        self.dirty = False

    def learn_day(self, news: int, *, is_newcomer: bool) -> None:
        """Take in a closed day of a member: a bit mask of the attributes of which it brought something new."""
        for attribute, beta in enumerate(self._newcomers if is_newcomer else self._established):
            beta.update(bool(news >> attribute & 1))
        self.dirty = True

    def learn_fame(self, attribute: int, fame: int) -> None:
        """Take in how known a symbol was that was new to a member."""
        self._fames[attribute][fame] += 1.0
        self.dirty = True

    def rates(self) -> NewsRates:
        """Return the rates as of now."""
        return NewsRates(
            tuple(_mean(beta) for beta in self._newcomers),
            tuple(_mean(beta) for beta in self._established),
            tuple(_shares(counts) for counts in self._fames),
        )

    def write(self, out: Writer) -> None:
        """Append the counts to an entry."""
        for beta in (*self._newcomers, *self._established):
            out.doubles((beta.alpha, beta.beta))
        for counts in self._fames:
            out.doubles(counts)

    @classmethod
    def read(cls, source: Reader) -> NewsCounts:
        """Restore what :meth:`write` wrote."""
        new = cls()
        for betas in (new._newcomers, new._established):
            betas[:] = [proba.Beta(*source.doubles(2)) for _ in ATTRIBUTES]
        new._fames = [list(source.doubles(FAMES)) for _ in ATTRIBUTES]
        return new


def _mean(beta: proba.Beta) -> float:
    return float(beta.alpha / (beta.alpha + beta.beta))


def _shares(counts: list[float]) -> tuple[float, ...]:
    """Return the share of each fame together with those below it."""
    total: float = sum(counts)
    shares: list[float] = []
    for fame in range(FAMES):
        up_to: float = sum(counts[: fame + 1])
        shares.append(up_to / total)
    return tuple(shares)
