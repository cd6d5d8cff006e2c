"""Who is behind an activity: the owner of its login at its time, or the person who speaks through a shared account."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.activity import Account
from streamguard.exposure.directory import LOGIN_PREFIX, UNKNOWN_GROUP, Employee, shard_of
from streamguard.exposure.history import Snapshot
from streamguard.exposure.shared import SERVICE_PREFIX, Hint, SharedAccount

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.exposure.config import ExposureConfig
    from streamguard.exposure.history import DirectoryHistory


_CLAIMS: Final = 4_096
"""Texts whose claims are remembered: applications repeat themselves, comments often do not."""


class Identity(msgspec.Struct, frozen=True):
    """What of an exposure follows from who is behind it."""

    employee: str
    account: Account
    peer_group: str
    shard: str
    time_zone: str | None


class Identifier:
    """Finds who is behind activities. Pure; its cache never changes a result.

    Parameters
    ----------
    history
        Who is behind a login, when.
    config
        Sharding, and the size of the cache.
    """

    def __init__(self, history: DirectoryHistory, config: ExposureConfig) -> None:
        self._history = history
        self._config = config
        self._owned = lru_cache(maxsize=config.cache_size)(self._by_login)
        self._claimed = lru_cache(maxsize=min(config.cache_size, _CLAIMS))(Hint.login)

    def identify(self, activity: Activity) -> Identity:
        """Return who is behind an activity. Never raises."""
        version = self._history.version_at(moment_ms(activity))
        found = self._owned(version, activity.user, activity.instance, activity.database, activity.source)
        return found if isinstance(found, Identity) else self._behind(found, version, activity)[0]

    def explain(self, activity: Activity) -> tuple[Identity, Hint | SharedAccount | None]:
        """Return who is behind an activity, and by what: a hint, a shared account without any, or the login itself."""
        version = self._history.version_at(moment_ms(activity))
        found = self._owned(version, activity.user, activity.instance, activity.database, activity.source)
        return self._behind(found, version, activity) if isinstance(found, SharedAccount) else (found, None)

    def _behind(
        self, account: SharedAccount, version: int, activity: Activity
    ) -> tuple[Identity, Hint | SharedAccount]:
        for hint in account.person_from:
            said = hint.said(activity)
            login = self._claimed(hint, said) if said else None
            if login is None:
                continue
            found = self._owned(version, login, activity.instance, activity.database, activity.source)
            # Who claims to be a shared account, or somebody whom nobody knows, says nothing: the next hint may. Else a
            # client could make itself new employees. Whom the server names is somebody, known or not.
            if not isinstance(found, SharedAccount) and (found.account is not Account.UNKNOWN or hint.is_of_server):
                return found, hint
        return self._nobody_behind(account, version, activity.user), account

    def _nobody_behind(self, account: SharedAccount, version: int, user: str) -> Identity:
        if account.otherwise is Account.UNKNOWN:
            return self._unknown(user)
        name = account.id if account.id is not None else SERVICE_PREFIX + self._history.normal(user)
        return self._known(Employee(name, account.group, account.time_zone, Account.SERVICE), version)

    def _by_login(
        self, version: int, user: str, instance: str | None, database: str | None, source: str
    ) -> Identity | SharedAccount:
        owner = self._history.owner(version, user, instance, database, source)
        if isinstance(owner, SharedAccount):
            return owner
        return self._unknown(user) if owner is None else self._known(owner, version)

    def _unknown(self, user: str) -> Identity:
        name = LOGIN_PREFIX + self._history.normal(user)
        shard = shard_of(name, UNKNOWN_GROUP, self._config.unknown_shards)
        return Identity(name, Account.UNKNOWN, UNKNOWN_GROUP, shard, None)

    def _known(self, employee: Employee, version: int) -> Identity:
        shards = Snapshot(self._history, version).shards_of(employee.group, self._config.shard_size)
        shard = shard_of(employee.id, employee.group, shards)
        return Identity(employee.id, employee.account, employee.group, shard, employee.time_zone)


def moment_ms(activity: Activity) -> int:
    """Return the moment whose directory an activity is seen with: Kafka's, or its own where Kafka knows none."""
    produced_ms = activity.produced_ms
    return produced_ms if produced_ms is not None and produced_ms >= 0 else activity.time_ms
