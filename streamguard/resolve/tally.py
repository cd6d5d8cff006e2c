"""How many people, by category and region: each counted once over all statements, exact where every statement is.

Of exact statements the people are known. Of a bounded one they are among those of its answer, and no more than its
rows: so at most everybody in it, and at most that many who are not known already. What is gone from the database, or
cannot be asked at all, adds what the log bounds it by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from streamguard.activity import Verdict
from streamguard.resolve.plan import Outcome
from streamguard.scope.report import UNKNOWN_REGION, Bounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from streamguard.resolve.people import Answer, People
    from streamguard.resolve.settle import Settled


class Tally:
    """Counts the people of settled statements.

    Parameters
    ----------
    people
        Everybody named.
    settled
        The statements.
    """

    def __init__(self, people: People, settled: Sequence[Settled]) -> None:
        self._people = people
        self._settled = settled
        self._regions, self._region_of = people.regions()

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that somebody is in, and the unknown one, sorted."""
        return tuple(sorted({*self._regions, UNKNOWN_REGION}))

    def certain(self, category: str | None = None) -> NDArray[np.bool_]:
        """Return for each person whether their data of a category certainly left; None: of any category."""
        wanted = self._bits(category)
        found = np.zeros(len(self._people), np.bool_)
        for one in self._settled:
            if one.outcome is Outcome.EXACT and one.answer is not None:
                found[one.answer.people[(one.answer.seen & wanted) != 0]] = True
        return found

    def possible(self, category: str | None = None) -> NDArray[np.bool_]:
        """Return for each person whether their data of a category left or may have left."""
        wanted = self._bits(category)
        found = np.zeros(len(self._people), np.bool_)
        for one in self._settled:
            if one.answer is not None:
                found[one.answer.people[((one.answer.seen | one.answer.doubtful) & wanted) != 0]] = True
        return found

    def without_value(self, category: str) -> int:
        """Return of how many people whose data of a category certainly left there is none: the field is empty."""
        bit = self._bits(category)
        found = self.certain(category)
        for one in self._settled:
            if one.outcome is Outcome.EXACT and one.answer is not None:
                found[one.answer.people[(one.answer.seen & one.answer.values & bit) != 0]] = False
        return int(found.sum())

    def count(self, category: str | None = None, region: str | None = None) -> Bounds:
        """Return how many people of a region had their data of a category exposed.

        Parameters
        ----------
        category
            None: of any category.
        region
            None: of any region.
        """
        inside = np.ones(len(self._people), np.bool_)
        if region is not None:
            inside = self._region_of == (self._regions.index(region) if region in self._regions else -1)
        certain = self.certain(category) & inside
        lower = known = int(certain.sum())
        added: int | None = 0
        beyond: int | None = 0
        for one in self._settled:
            if not self._concerns(one, category):
                continue
            if one.answer is None:
                beyond = _plus(beyond, _bound_of(one))
                continue
            beyond = _plus(beyond, one.gone)
            among = self._among(one.answer, category)
            new = int((inside[among] & ~certain[among]).sum())
            if one.outcome is Outcome.BOUNDED or not self._is_seen(one, category):
                at_most = one.plan.people_at_most
                added = _plus(added, new if at_most is None else min(new, at_most))
                if region is None and self._is_seen(one, category):
                    lower = max(lower, known + _certainly_new(one, len(among), new))
        everybody = int((self.possible(category) & inside).sum())
        upper = _plus(everybody if added is None else min(everybody, known + added), beyond)
        return Bounds(lower, upper)

    def _bits(self, category: str | None) -> np.uint64:
        return np.uint64(self._people.bits(self._people.categories if category is None else (category,)))

    def _among(self, answer: Answer, category: str | None) -> NDArray[np.uint32]:
        among: NDArray[np.uint32] = answer.people[((answer.seen | answer.doubtful) & self._bits(category)) != 0]
        return among

    @staticmethod
    def _concerns(one: Settled, category: str | None) -> bool:
        told = one.plan.exposure.categories
        verdicts = told.values() if category is None else [told.get(category, Verdict.NOT_SEEN)]
        return any(verdict is not Verdict.NOT_SEEN for verdict in verdicts)

    @staticmethod
    def _is_seen(one: Settled, category: str | None) -> bool:
        told = one.plan.exposure.categories
        return Verdict.SEEN in (told.values() if category is None else [told.get(category)])


def _certainly_new(one: Settled, among: int, new: int) -> int:
    """Return how many people of a bounded statement are certainly not known: rows that are one person each."""
    rows = None if one.plan.rows is None else one.plan.rows - one.gone
    if rows is None or one.answer is None or one.answer.rows != among or one.plan.is_opaque:
        return 0
    return max(0, min(rows, among) - (among - new))


def _bound_of(one: Settled) -> int | None:
    """Return the bound of a statement that could not be asked: its rows, else the size of its tables."""
    at_most = one.plan.people_at_most
    return one.plan.exposure.subjects_at_most if at_most is None else at_most


def _plus(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b
