"""The turn of the month: what a whole group did then, is expected of it the next time.

Closing the books makes a finance team export what it never exports else. On the first such day the common mode needs
some of the team to have begun; afterwards the group remembers by how much that business day of the month stood out.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from streamguard.baseline.today import NOTHING_COMMON, PLACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline.codec import Reader, Writer

_TURN_DAYS: Final = 3
"""Business days at the end of a month, and at its beginning, that may be special."""
_FRIDAY: Final = 4
_EPOCH: Final = date(1970, 1, 1)
_FIRST_DAY: Final = -700_000
_LAST_DAY: Final = 2_900_000
_EXPECTED_SHARE: Final = 0.8
"""Of what was common the last time: this much is believed before anybody has begun."""
_FADING_SHARE: Final = 0.5


def turn_of_month(day: int) -> int:
    """Return which business day at the turn of the month a day is; 0: none.

    1 to 3 are the first business days of a month, -1 to -3 the last ones. Public holidays are not known here.

    Parameters
    ----------
    day
        Number of the behavioural day: days since 1970.

    Examples
    --------
    >>> [turn_of_month(20_360 + later) for later in range(4)]  # Monday 2025-09-29 to Thursday
    [-2, -1, 1, 2]
    """
    if not _FIRST_DAY <= day <= _LAST_DAY:
        return 0
    then = _EPOCH + timedelta(days=day)
    if then.weekday() > _FRIDAY:
        return 0
    before = sum(date(then.year, then.month, number).weekday() <= _FRIDAY for number in range(1, then.day))
    if before < _TURN_DAYS:
        return before + 1
    last = monthrange(then.year, then.month)[1]
    after = sum(date(then.year, then.month, number).weekday() <= _FRIDAY for number in range(then.day + 1, last + 1))
    return -after - 1 if after < _TURN_DAYS else 0


class Seasons:
    """What was common to a group on the business days at the turn of the month, in tenths, by place of its day."""

    __slots__ = ("_commons", "dirty")

    def __init__(self) -> None:
        self._commons: dict[int, tuple[int, ...]] = {}
        self.dirty = False

    def expect(self, day: int) -> tuple[int, ...]:
        """Return what is common at least, on a day that begins."""
        found = self._commons.get(turn_of_month(day))
        return NOTHING_COMMON if found is None else tuple(int(_EXPECTED_SHARE * value) for value in found)

    def learn(self, day: int, commons: Sequence[int]) -> None:
        """Take in what was common on a day that is over; what is not repeated fades by half a month."""
        turn = turn_of_month(day)
        if not turn:
            return
        before = self._commons.get(turn, NOTHING_COMMON)
        self._commons[turn] = tuple(
            max(value, int(_FADING_SHARE * old)) for value, old in zip(commons, before, strict=True)
        )
        self.dirty = True

    def write(self, out: Writer) -> None:
        """Append to an entry."""
        out.count(len(self._commons))
        for turn in sorted(self._commons):
            out.signed(turn)
            for value in self._commons[turn]:
                out.count(value)

    @classmethod
    def read(cls, source: Reader) -> Seasons:
        """Restore what :meth:`write` wrote."""
        new = cls()
        for _ in range(source.count()):
            turn = source.signed()
            new._commons[turn] = tuple(source.count() for _ in range(PLACES))
        return new
