"""To which peer shards a record about an employee or a group belongs, at a moment.

The answers are those of `streamguard.exposure.identify` for the same moment, so that what steers detection meets the
activities that it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Account
from streamguard.exposure.directory import LOGIN_PREFIX, UNKNOWN_GROUP, shard_of, shards_for
from streamguard.exposure.shared import SERVICE_PREFIX, SharedAccount

if TYPE_CHECKING:
    from streamguard.exposure.config import ExposureConfig
    from streamguard.exposure.history import DirectoryHistory


class Addresses:
    """Finds peer shards. Pure.

    Parameters
    ----------
    history
        Who is in which group, when.
    config
        Sharding.
    """

    def __init__(self, history: DirectoryHistory, config: ExposureConfig) -> None:
        self.history = history
        self._config = config

    def of_employee(self, employee: str, moment_ms: int) -> str | None:
        """Return the peer shard of an employee, a login that maps to nobody, or a shared account; None: not known."""
        if employee.startswith(LOGIN_PREFIX):
            return shard_of(employee, UNKNOWN_GROUP, self._config.unknown_shards)
        version = self.history.version_at(moment_ms)
        group = self.history.group_of(version, employee) or self._group_of_account(version, employee)
        return None if group is None else shard_of(employee, group, self.shards(version, group))

    def of_group(self, group: str, moment_ms: int) -> tuple[str, ...]:
        """Return all peer shards of a group; none: nobody is in it."""
        if group == UNKNOWN_GROUP:
            return tuple(f"{group}/{number}" for number in range(self._config.unknown_shards))
        version = self.history.version_at(moment_ms)
        accounts = self.history.base.shared
        if not self.history.group_size(version, group) and all(account.group != group for account in accounts):
            return ()
        return tuple(f"{group}/{number}" for number in range(self.shards(version, group)))

    def shards(self, version: int, group: str) -> int:
        """Return over how many shards a group is spread at a version of the directory."""
        return shards_for(self.history.group_size(version, group), self._config.shard_size)

    def _group_of_account(self, version: int, employee: str) -> str | None:
        """Return the group of a shared account behind which nobody was found."""
        for account in self.history.base.shared:
            if account.id == employee and account.otherwise is Account.SERVICE:
                return account.group
        if not employee.startswith(SERVICE_PREFIX):
            return None
        owner = self.history.owner(version, employee.removeprefix(SERVICE_PREFIX), None, None, "")
        return owner.group if isinstance(owner, SharedAccount) and owner.id is None else None
