"""The directory of employees: who is behind a login, and who is compared with whom."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import msgspec

from streamguard.activity import Account
from streamguard.exposure.logins import LoginTable
from streamguard.exposure.shared import SharedAccount

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from streamguard.exposure.logins import Login

UNKNOWN_GROUP: Final = "unknown"
"""Peer group of logins that map to nobody."""
LOGIN_PREFIX: Final = "login:"
"""Employee id of a login that maps to nobody: ``login:<user>``."""


class Employee(msgspec.Struct, frozen=True):
    """One employee, or one service account.

    Parameters
    ----------
    id
        Employee id; it may be a pseudonym.
    group
        Peer group (role, team): whom the employee is compared with.
    time_zone
        IANA name.
    account
        Human or service.
    start_date
        First day of work, ISO 8601, if known.
    """

    id: str
    group: str
    time_zone: str = "UTC"
    account: Account = Account.HUMAN
    start_date: str | None = None


Owner: TypeAlias = Employee | SharedAccount
"""Whom a login belongs to."""


class Person(NamedTuple):
    """An employee with the logins."""

    employee: Employee
    logins: tuple[Login, ...]


class Directory:
    r"""Who is behind which login. Immutable; `streamguard.exposure.history` adds what changes while one runs.

    Parameters
    ----------
    employees
        Each employee with the logins. A login belongs to one employee; `LoginTable.owner` says which of several
        that match counts.
    shared
        Accounts that several people use.
    ignore_case
        Whether ``CORP\Bob``, ``BOB@corp`` and ``bob@corp`` are one login.

    Raises
    ------
    PatternError
        If a login is a pattern that cannot be used.
    """

    def __init__(
        self,
        employees: Iterable[tuple[Employee, Iterable[Login]]] = (),
        shared: Iterable[SharedAccount] = (),
        *,
        ignore_case: bool = False,
    ) -> None:
        people = [Person(employee, tuple(logins)) for employee, logins in employees]
        self._people = {person.employee.id: person for person in people}
        self.shared = tuple(shared)
        self.ignore_case = ignore_case
        self._group_sizes = Counter(person.employee.group for person in self._people.values())
        self._table: LoginTable[Owner] = LoginTable(ignore_case=ignore_case)
        for account in self.shared:
            for login in account.logins:
                self._table.claim(login, account)
        for person in people:
            for login in person.logins:
                self._table.claim(login, person.employee)

    @classmethod
    def empty(cls) -> Directory:
        """Return the directory that knows nobody: every login is its own employee."""
        return cls()

    @classmethod
    def load(cls, path: Path) -> Directory:
        """Read a directory from a YAML or CSV file.

        Raises
        ------
        ConfigurationError
            With every mistake in the file, each with its line.
        """
        # The file formats build on this class.
        from streamguard.exposure.identities import read_identities  # noqa: PLC0415

        return read_identities(path)

    @property
    def employees(self) -> tuple[Employee, ...]:
        """Everybody, ordered by id."""
        return tuple(person.employee for person in self.people)

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody with the logins, ordered by id."""
        return tuple(self._people[key] for key in sorted(self._people))

    def person(self, employee_id: str) -> Person | None:
        """Return an employee by id."""
        return self._people.get(employee_id)

    def identify(
        self, user: str, instance: str | None = None, database: str | None = None, source: str = ""
    ) -> Owner | None:
        """Return whom a login belongs to; None if it maps to nobody."""
        return self._table.owner(user, instance, database, source, 0)

    def shards_of(self, group: str, shard_size: int) -> int:
        """Return over how many shards a peer group is spread, see `shards_for`."""
        return shards_for(self._group_sizes[group], shard_size)


def shards_for(people: int, shard_size: int) -> int:
    """Return over how many shards so many people are spread: people / ``shard_size``, rounded up, at least 1."""
    return max(1, -(-people // shard_size))


def shard_of(employee: str, group: str, shards: int) -> str:
    """Return the peer shard of an employee, ``<group>/<n>``.

    The number is a hash (BLAKE2b) of the employee id: the same on every machine and in every run.

    Parameters
    ----------
    employee
        Employee id.
    group
        Peer group.
    shards
        Over how many shards the group is spread.
    """
    if shards == 1:
        return f"{group}/0"
    digest = blake2b(employee.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return f"{group}/{int.from_bytes(digest) % shards}"
