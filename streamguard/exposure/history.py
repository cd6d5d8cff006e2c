"""The directory at any moment: a base, and the changes that came since, each from its own time on.

A change takes effect for the audit records whose Kafka time is at or after its own. So who was behind a login is a
function of login and time alone: a record that is read again after a crash, or late, or by another worker finds the
same employee. What was said of a moment never changes, as long as nobody asks about moments for which changes may
still come: whoever reads the changes knows up to when they are complete.

Changes count in the order of their log. One whose time lies before that of an earlier change takes effect together
with that one: otherwise compaction, which keeps the last of each employee, could change what is said of the present.
Of two employees who claim one login, the one who did so last has it; the base's claims are the oldest.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from streamguard.exposure.directory import Directory, Employee, Owner, Person, shards_for
from streamguard.exposure.logins import Claim, LoginTable


class Snapshot(NamedTuple):
    """The directory at one version. Immutable: later changes make later versions."""

    history: DirectoryHistory
    version: int

    def identify(
        self, user: str, instance: str | None = None, database: str | None = None, source: str = ""
    ) -> Owner | None:
        """Return whom a login belongs to; None if it maps to nobody."""
        return self.history.owner(self.version, user, instance, database, source)

    def shards_of(self, group: str, shard_size: int) -> int:
        """Return over how many shards a peer group is spread."""
        return shards_for(self.history.group_size(self.version, group), shard_size)


class Change(NamedTuple):
    """What made a new version of the directory.

    Attributes
    ----------
    moment_ms
        From when on it holds.
    offset
        Its place in the log of changes.
    employee
        Of whom it speaks.
    """

    moment_ms: int
    offset: int
    employee: str


class DirectoryHistory:
    """A directory that changes. Changes are only ever added.

    Parameters
    ----------
    base
        What holds from the beginning, and for every employee of whom no change says anything.
    """

    def __init__(self, base: Directory) -> None:
        self.base = base
        self.next_offset = 0
        """Offset in the log of changes after the last one taken in."""
        self.newest_ms = 0
        """From when on the newest change takes effect."""
        self._moments_ms: list[int] = []
        self._places: list[tuple[int, str]] = []
        """Of each change that made a version: its offset, and of whom it speaks."""
        self._groups: dict[str, tuple[list[int], list[str | None]]] = {}
        """Versions at which an employee of whom changes speak came to another group, and which; None: to none."""
        self._people: dict[str, Person] = {}
        self._changed: dict[str, Person] = {}
        self._claims: dict[str, list[Claim[Owner]]] = {}
        self._sizes: dict[str, tuple[list[int], list[int]]] = {}
        self._table: LoginTable[Owner] = LoginTable(ignore_case=base.ignore_case)
        for account in base.shared:
            for login in account.logins:
                self._table.claim(login, account)
        # The base's claims are the oldest, and the first of them counts: whenever they come to count again.
        self._base_ranks = {person.employee.id: -place for place, person in enumerate(base.people, 1)}
        for person in base.people:
            self._enter(person, 0, self._base_ranks[person.employee.id])

    # -- looking

    def at(self, moment_ms: int) -> Snapshot:
        """Return the directory that audit records of a moment (Kafka time) are seen with."""
        return Snapshot(self, self.version_at(moment_ms))

    def version_at(self, moment_ms: int) -> int:
        """Return the number of that directory: how many changes had taken effect."""
        return bisect_right(self._moments_ms, moment_ms) if self._moments_ms else 0

    @property
    def latest(self) -> Snapshot:
        """The directory after all changes."""
        return Snapshot(self, len(self._moments_ms))

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody after all changes, ordered by id."""
        return tuple(self._people[key] for key in sorted(self._people))

    def changed(self, employee_id: str) -> Person | None:
        """Return what the changes say of an employee, None if nothing (or nothing any more)."""
        return self._changed.get(employee_id)

    @property
    def changed_people(self) -> tuple[Person, ...]:
        """Everybody of whom the changes say something, ordered by id."""
        return tuple(self._changed[key] for key in sorted(self._changed))

    def owner(self, version: int, user: str, instance: str | None, database: str | None, source: str) -> Owner | None:
        """Return whom a login belonged to at a version; None if it mapped to nobody."""
        return self._table.owner(user, instance, database, source, version)

    def normal(self, user: str) -> str:
        """Return the form of a login that is compared."""
        return self._table.normal(user)

    def group_size(self, version: int, group: str) -> int:
        """Return how many employees a peer group had at a version."""
        versions, sizes = self._sizes.get(group, ((), ()))
        place = bisect_right(versions, version)
        return sizes[place - 1] if place else 0

    def group_of(self, version: int, employee_id: str) -> str | None:
        """Return the peer group of an employee at a version; None if nobody had the id."""
        versions, groups = self._groups.get(employee_id, ((), ()))
        place = bisect_right(versions, version)
        if place:
            return groups[place - 1]
        person = self.base.person(employee_id)
        return None if person is None else person.employee.group

    def members(self, version: int, group: str) -> list[str]:
        """Return the ids of a peer group's employees at a version."""
        known = {person.employee.id for person in self.base.people} | self._groups.keys()
        return sorted(employee_id for employee_id in known if self.group_of(version, employee_id) == group)

    def change(self, version: int) -> Change:
        """Return the change that made a version, counted from 1."""
        return Change(self._moments_ms[version - 1], *self._places[version - 1])

    # -- changing

    def apply(self, offset: int, moment_ms: int, employee_id: str, person: Person | None) -> bool:
        """Take in one change.

        Parameters
        ----------
        offset
            Its place in the log of changes; one that was taken in before is passed over.
        moment_ms
            Its Kafka time.
        employee_id
            Of whom it speaks.
        person
            What is true from then on; None: the log says nothing of this employee any more, so the base does (or
            nobody). It cannot mean more than that: compaction removes such records in the end.

        Returns
        -------
        bool
            Whether it was taken in now.
        """
        if offset < self.next_offset:
            return False
        self.next_offset = offset + 1
        self.newest_ms = max(self.newest_ms, moment_ms)
        if person is None:
            self._changed.pop(employee_id, None)
        else:
            self._changed[employee_id] = person
        now = person if person is not None else self.base.person(employee_id)
        before = self._people.get(employee_id)
        # The record that takes a change back is gone after compaction, and must have made no difference: so the base's
        # claims get their old rank.
        rank = len(self._moments_ms) + 1 if person is not None else self._base_ranks.get(employee_id, 0)
        if now != before or (now is not None and self._matters(now, rank)):
            self._moments_ms.append(self.newest_ms)
            self._places.append((offset, employee_id))
            version = len(self._moments_ms)
            versions, groups = self._groups.setdefault(employee_id, ([], []))
            versions.append(version)
            groups.append(None if now is None else now.employee.group)
            if before is not None:
                self._leave(before, version)
            if now is not None:
                self._enter(now, version, rank)
        return True

    def advance(self, offset: int) -> None:
        """Say that everything before an offset was read: what stood there was no change."""
        self.next_offset = max(self.next_offset, offset)

    def _matters(self, person: Person, rank: int) -> bool:
        """Whether it matters that the claims of an employee are renewed: only if somebody has claimed the same since.

        A version for every repetition would empty the caches and grow the tables for ever.
        """
        version, claims = len(self._moments_ms), self._claims[person.employee.id]
        return any(
            self._table.matters(login, claim, rank, version) for login, claim in zip(person.logins, claims, strict=True)
        )

    def _enter(self, person: Person, version: int, rank: int) -> None:
        employee = person.employee
        self._people[employee.id] = person
        self._claims[employee.id] = [self._table.claim(login, employee, version, rank) for login in person.logins]
        self._resize(employee, version, 1)

    def _leave(self, person: Person, version: int) -> None:
        employee = person.employee
        del self._people[employee.id]
        for claim in self._claims.pop(employee.id):
            claim.until = version
        self._resize(employee, version, -1)

    def _resize(self, employee: Employee, version: int, difference: int) -> None:
        versions, sizes = self._sizes.setdefault(employee.group, ([], []))
        size = (sizes[-1] if sizes else 0) + difference
        if versions and versions[-1] == version:
            sizes[-1] = size
        else:
            versions.append(version)
            sizes.append(size)
