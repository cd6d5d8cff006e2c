"""The people that answers name, each once, whatever table and statement they come from. Held in memory only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from streamguard.scope.report import UNKNOWN_REGION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from streamguard.resolve.carriers import Carrier
    from streamguard.resolve.left import Left


class Answer(NamedTuple):
    """The people of one statement.

    The arrays belong together: a person, and, one bit for each category, which of them certainly left with the
    person's rows, which may have, and of which there is a value.
    """

    people: NDArray[np.uint32]
    seen: NDArray[np.uint64]
    doubtful: NDArray[np.uint64]
    values: NDArray[np.uint64]
    rows: int
    """How many rows the statement would give now."""


class People:
    """Everybody named so far, by a number of their own.

    Parameters
    ----------
    categories
        Of personal data, at most 64; their places are the bits.
    """

    def __init__(self, categories: Sequence[str]) -> None:
        self.categories = tuple(categories)
        self._bits = {category: 1 << place for place, category in enumerate(self.categories)}
        self._numbers: dict[str, dict[str, int]] = {}
        self._keys: list[tuple[str, str]] = []
        self._regions: list[str | None] = []

    def __len__(self) -> int:
        return len(self._keys)

    def bits(self, categories: Iterable[str]) -> int:
        """Return the bits of categories."""
        return sum(self._bits[category] for category in set(categories))

    def take(self, rows: Iterable[Sequence[object]], carriers: Sequence[Carrier], left: Mapping[str, Left]) -> Answer:
        """Take in the rows that a question gave; the last column counts the statement's rows.

        Parameters
        ----------
        rows, carriers
            Of the question.
        left
            What left of each table.
        """
        found: dict[int, tuple[int, int, int]] = {}
        bits = [(self.bits(left[c.table.name].seen), self.bits(left[c.table.name].doubtful)) for c in carriers]
        count = 0
        for row in rows:
            count += int(str(row[-1]))
            place = 0
            for carrier, (seen, doubtful) in zip(carriers, bits, strict=True):
                key = row[place]
                region = None if carrier.region is None else row[place + 1]
                place += 1 if carrier.region is None else 2
                flags = row[place : place + len(carrier.flags)]
                place += len(carrier.flags)
                # An outer join without a partner names nobody.
                if key is None:
                    continue
                number = self._number(carrier, str(key), region)
                valued = sum(self._bits[c] for (c, _), flag in zip(carrier.flags, flags, strict=True) if flag)
                before = found.get(number, (0, 0, 0))
                found[number] = (before[0] | seen, before[1] | doubtful, before[2] | valued)
        columns = np.array(list(found.values()), np.uint64).reshape(len(found), 3)
        return Answer(
            np.fromiter(found.keys(), np.uint32, len(found)), columns[:, 0], columns[:, 1], columns[:, 2], count
        )

    def _number(self, carrier: Carrier, key: str, region: object) -> int:
        # Two tables of one kind of people hold the same people; else each table has its own.
        kind = carrier.table.subject_type or carrier.table.name
        numbers = self._numbers.setdefault(kind, {})
        number = numbers.get(key)
        if number is None:
            number = numbers[key] = len(self._keys)
            self._keys.append((kind, key))
            self._regions.append(None)
        if self._regions[number] is None:
            told = carrier.table.region if region is None else str(region)
            self._regions[number] = told
        return number

    def homeless(self, kind: str) -> list[str]:
        """Return the keys of people of one kind whose region is not known yet."""
        return [key for key, number in self._numbers.get(kind, {}).items() if self._regions[number] is None]

    def settle(self, kind: str, key: str, region: str | None) -> None:
        """Note where somebody lives."""
        number = self._numbers.get(kind, {}).get(key)
        if number is not None:
            self._regions[number] = region

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of people there are, sorted."""
        return tuple(sorted(self._numbers))

    def regions(self) -> tuple[tuple[str, ...], NDArray[np.uint32]]:
        """Return the regions, sorted, and for each person the place of theirs among them."""
        told = [UNKNOWN_REGION if region is None else region for region in self._regions]
        names = tuple(sorted(set(told)))
        places = {name: place for place, name in enumerate(names)}
        return names, np.fromiter((places[name] for name in told), np.uint32, len(told))

    def keys(self, chosen: NDArray[np.bool_]) -> Iterator[tuple[str, str, str, int]]:
        """Yield (kind, key, region, number) of chosen people, sorted by kind and key."""
        numbers = sorted(np.flatnonzero(chosen).tolist(), key=lambda number: self._keys[number])
        for number in numbers:
            kind, key = self._keys[number]
            yield kind, key, self._regions[number] or UNKNOWN_REGION, number
