"""The habits of one employee: octaves, hours and novelties of closed days, all forgetting at one pace."""

from __future__ import annotations

import struct
from math import floor
from typing import TYPE_CHECKING, Final

from streamguard.baseline.measure import LARGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamguard.baseline.codec import Reader, Writer

ATTRIBUTES: Final[tuple[str, ...]] = ("table", "categories", "client", "program", "statement")
"""What can be new: a table, a set of categories of personal data, a client's network, a program, a statement shape."""
HOURS: Final = 24
NEWCOMER_DAYS: Final = 7
"""Active days in which everything is still new to an employee, and so is no sign."""
_REBASE_HALF_LIVES: Final = 32.0
_LEAST_SHARE: Final = 1e-3
_KEPT_AFTER_CHANGE: Final = 0.1
_SHORT: Final = struct.Struct("<f")


class Habits:
    """Decayed counts of the employee's own closed days.

    Forward decay, as in :class:`~streamguard.baseline.level.Level`: a day enters with the weight
    ``2 ** ((day - day0) / half_life)``; ``fading`` brings weights back to days, as of the open day.

    Attributes
    ----------
    weight
        Of all days learned.
    fading
        What a weight of 1 still counts on the open day.
    tenure
        Closed active days since the employee was first seen, learned or not.
    octaves
        Weight of the days by the octave of their largest value, for each of ``LARGEST``.
    hours
        Weight of the days on which the employee was active in a local hour.
    news_weight, news
        Of the days beyond the newcomer's time, and of those of them that brought something new, by attribute.
    """

    __slots__ = ("_day0", "fading", "hours", "news", "news_weight", "octaves", "tenure", "weight")

    def __init__(self) -> None:
        self.weight = 0.0
        self.fading = 1.0
        self.tenure = 0
        self.octaves: tuple[dict[int, float], ...] = tuple({} for _ in LARGEST)
        self.hours = [0.0] * HOURS
        self.news_weight = 0.0
        self.news = [0.0] * len(ATTRIBUTES)
        self._day0 = 0

    @property
    def days(self) -> float:
        """Days learned, each as far as it still counts."""
        return self.weight * self.fading

    @property
    def is_newcomer(self) -> bool:
        """Whether everything is still new to the employee."""
        return self.tenure < NEWCOMER_DAYS

    def open_day(self, day: int, half_life_days: float) -> None:
        """Begin a day: from now on weights count as of it."""
        if not self.weight:
            self._day0 = day
        age = (day - self._day0) / half_life_days
        if age > _REBASE_HALF_LIVES:
            half_lives = floor(age)
            self._day0 += round(half_lives * half_life_days)
            self._scale(2.0**-half_lives)
            age = (day - self._day0) / half_life_days
        self.fading = 2.0**-age

    def learn(self, octaves: Sequence[int], hours: Iterable[int], news: int, share: float = 1.0) -> None:
        """Take in the open day, which is over, or one of before.

        Parameters
        ----------
        octaves
            Of the day's largest values.
        hours
            Local hours in which the employee was active.
        news
            Bit mask of the attributes of which the day brought something new.
        share
            What the day still counts.
        """
        weight = share / self.fading
        self.weight += weight
        for own, octave in zip(self.octaves, octaves, strict=True):
            _add(own, octave, weight)
        for hour in hours:
            self.hours[hour] += weight
        if not self.is_newcomer:
            self.news_weight += weight
            for attribute in range(len(ATTRIBUTES)):
                if news >> attribute & 1:
                    self.news[attribute] += weight

    def change_role(self) -> None:
        """Keep a tenth of everything, and be a newcomer: the person is the same, the work is not."""
        self._scale(_KEPT_AFTER_CHANGE)
        self.tenure = 0

    def write(self, out: Writer) -> None:
        """Append the habits to an entry."""
        out.signed(self._day0)
        out.count(self.tenure)
        out.doubles([self.weight, self.fading, self.news_weight, *self.news])
        for weights in self.octaves:
            out.count(len(weights))
            for place, weight in weights.items():
                out.count(place)
                out.fields(_SHORT, weight)
        out.count(sum(1 << hour for hour, weight in enumerate(self.hours) if weight))
        out.doubles([weight for weight in self.hours if weight])

    @classmethod
    def read(cls, source: Reader) -> Habits:
        """Restore what :meth:`write` wrote."""
        new = cls()
        new._day0, new.tenure = source.signed(), source.count()
        new.weight, new.fading, new.news_weight, *new.news = source.doubles(3 + len(ATTRIBUTES))
        for weights in new.octaves:
            for _ in range(source.count()):
                place = source.count()
                (weights[place],) = source.fields(_SHORT)
        seen = source.count()
        for hour in range(HOURS):
            if seen >> hour & 1:
                (new.hours[hour],) = source.doubles(1)
        return new

    def _scale(self, factor: float) -> None:
        self.weight *= factor
        self.news_weight *= factor
        self.news = [count * factor for count in self.news]
        self.hours = [weight * factor for weight in self.hours]
        for weights in self.octaves:
            for place, weight in weights.items():
                weights[place] = _short(weight * factor)


def _add(weights: dict[int, float], place: int, weight: float) -> None:
    before = weights.get(place)
    if before is None:
        # Room for the new one: what was last seen months ago counts no more.
        for old, known in list(weights.items()):
            if known < _LEAST_SHARE * weight:
                del weights[old]
        before = 0.0
    weights[place] = _short(before + weight)


def _short(weight: float) -> float:
    """Round to what four bytes hold: there are many weights, and days need no more digits."""
    return float(_SHORT.unpack(_SHORT.pack(weight))[0])
