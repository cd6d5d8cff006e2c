"""The directory of employees: who is behind a login, and who is compared with whom."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.activity import Account

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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


class Login(msgspec.Struct, frozen=True, order=True):
    """A database principal; without instance or database it is the same person everywhere."""

    user: str
    instance: str | None = None
    database: str | None = None


class Directory:
    """Who is behind which login. Immutable.

    Parameters
    ----------
    employees
        Each employee with the logins. A login belongs to one employee; of several that match, the most specific
        counts: instance and database, then instance, then database, then the plain login.
    """

    def __init__(self, employees: Iterable[tuple[Employee, Iterable[Login]]] = ()) -> None:
        self._by_login: dict[tuple[str, str | None, str | None], Employee] = {}
        self._employees: dict[str, Employee] = {}
        for employee, logins in employees:
            self._employees[employee.id] = employee
            for login in logins:
                self._by_login[login.user, login.instance, login.database] = employee
        self._group_sizes = Counter(employee.group for employee in self._employees.values())
        self._has_scopes = any(instance or database for _, instance, database in self._by_login)

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

        return cls(read_identities(path))

    @property
    def employees(self) -> tuple[Employee, ...]:
        """Everybody, ordered by id."""
        return tuple(self._employees[key] for key in sorted(self._employees))

    def identify(self, user: str, instance: str | None = None, database: str | None = None) -> Employee | None:
        """Return the employee behind a login; None if it maps to nobody."""
        if not self._has_scopes:
            return self._by_login.get((user, None, None))
        for key in ((user, instance, database), (user, instance, None), (user, None, database), (user, None, None)):
            found = self._by_login.get(key)
            if found is not None:
                return found
        return None

    def shards_of(self, group: str, shard_size: int) -> int:
        """Return over how many shards a peer group is spread: people / ``shard_size``, rounded up, at least 1."""
        return max(1, -(-self._group_sizes[group] // shard_size))


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
