"""The habits of one employee: octaves, hours and novelties of closed days, all forgetting at one pace."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from streamguard.baseline.measure import LARGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline.codec import Reader, Writer

ATTRIBUTES = ("table", "categories", "client", "program", "statement")
"""What can be new: a table, a set of categories of personal data, a client's network, a program, a statement shape."""
HOURS = 24
NEWCOMER_DAYS = 7
"""Active days in which everything is still new to an employee, and so is no sign."""
_KEPT_AFTER_CHANGE = 0.1
_LEAST_WEIGHT = 1e-3
_SHORT = struct.Struct("<f")


class Habits:
    """Decayed counts of the employee's own closed days.

    Attributes
    ----------
    days
        Days learned, each as far as it still counts.
    last_day
        The newest of them.
    tenure
        Closed active days since the employee was first seen, learned or not.
    octaves
        Days by the octave of their largest value, for each of :data:`~streamguard.baseline.measure.LARGEST`.
    hours
        Days on which the employee was active in a local hour.
    news_days, news
        Days beyond the newcomer's time, and how many of them brought something new, by attribute.
    """

    __slots__ = ("days", "hours", "last_day", "news", "news_days", "octaves", "tenure")

    def __init__(self) -> None:
        self.days = 0.0
        self.last_day = 0
        self.tenure = 0
        self.octaves: tuple[dict[int, float], ...] = tuple({} for _ in LARGEST)
        self.hours: dict[int, float] = {}
        self.news_days = 0.0
        self.news = [0.0] * len(ATTRIBUTES)

    @property
    def is_newcomer(self) -> bool:
        """Whether everything is still new to the employee."""
        return self.tenure < NEWCOMER_DAYS

    def learn(
        self, day: int, half_life_days: float, octaves: Sequence[int], hours: Sequence[int], news: Sequence[bool]
    ) -> None:
        """Take in a closed day.

        Parameters
        ----------
        day
            Its number; days do not go back.
        half_life_days
            After so many days a day counts half.
        octaves
            Of the day's largest values.
        hours
            Local hours in which the employee was active.
        news
            Whether the day brought something new, by attribute.
        """
        if day > self.last_day:
            self._fade(2.0 ** ((self.last_day - day) / half_life_days))
            self.last_day = day
        self.days += 1.0
        for own, octave in zip(self.octaves, octaves, strict=True):
            own[octave] = _short(own.get(octave, 0.0) + 1.0)
        for hour in hours:
            self.hours[hour] = _short(self.hours.get(hour, 0.0) + 1.0)
        if not self.is_newcomer:
            self.news_days += 1.0
            self.news = [count + new for count, new in zip(self.news, news, strict=True)]

    def change_role(self) -> None:
        """Keep a tenth of everything: the person is the same, the work is not."""
        self._fade(_KEPT_AFTER_CHANGE)

    def write(self, out: Writer) -> None:
        """Append the habits to an entry."""
        out.signed(self.last_day)
        out.count(self.tenure)
        out.doubles([self.days, self.news_days, *self.news])
        for weights in (*self.octaves, self.hours):
            out.count(len(weights))
            for place, weight in weights.items():
                out.count(place)
                out.fields(_SHORT, weight)

    @classmethod
    def read(cls, source: Reader) -> Habits:
        """Restore what :meth:`write` wrote."""
        new = cls()
        new.last_day, new.tenure = source.signed(), source.count()
        new.days, new.news_days, *new.news = source.doubles(2 + len(ATTRIBUTES))
        for weights in (*new.octaves, new.hours):
            for _ in range(source.count()):
                place = source.count()
                (weights[place],) = source.fields(_SHORT)
        return new

    def _fade(self, share: float) -> None:
        self.days *= share
        self.news_days *= share
        self.news = [count * share for count in self.news]
        for weights in (*self.octaves, self.hours):
            for place, weight in list(weights.items()):
                if weight * share < _LEAST_WEIGHT:
                    del weights[place]
                else:
                    weights[place] = _short(weight * share)


def _short(weight: float) -> float:
    """Round to what four bytes hold: there are many weights, and days need no more digits."""
    return float(_SHORT.unpack(_SHORT.pack(weight))[0])
