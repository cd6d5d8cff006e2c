"""From an activity to an exposure: directory, catalogue and local time put together."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec

from streamguard.activity import Account, Exposure, Verdict
from streamguard.exposure.config import ExposureConfig
from streamguard.exposure.directory import LOGIN_PREFIX, UNKNOWN_GROUP, Employee, shard_of
from streamguard.exposure.failures import exposed_nothing
from streamguard.exposure.judge import Judge, Judgement

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.exposure.catalogue import Catalogue
    from streamguard.exposure.directory import Directory

_QUARTER_MS: Final = 15 * 60 * 1000
"""Time zones change their offset at quarters of an hour only."""


class _Identity(msgspec.Struct, frozen=True):
    """What of an exposure follows from the login alone."""

    employee: str
    account: Account
    peer_group: str
    shard: str
    time_zone: str | None


class Exposer:
    """Sees activities with a directory and a catalogue. Pure; its caches never change a result.

    Parameters
    ----------
    directory
        Who is behind a login.
    catalogue
        What is personal data.
    config
        Search path and sharding.
    """

    def __init__(self, directory: Directory, catalogue: Catalogue, config: ExposureConfig | None = None) -> None:
        self._directory = directory
        self._config = config = config if config is not None else ExposureConfig()
        self._judge = Judge(catalogue, config.search_path)
        # Caches of the instance: they hold on to it, and go with it.
        self._judged = lru_cache(maxsize=config.cache_size)(self._judge_statement)
        self._identified = lru_cache(maxsize=config.cache_size)(self._identify)
        self._offset = lru_cache(maxsize=4_096)(_utc_offset_minutes)

    def expose(self, activity: Activity) -> Exposure:
        """Return what an activity exposed, and by whom. Never raises.

        A failed statement: with an error that comes before the first row (refused, not understood) nothing was
        exposed; with any other one rows may have left before it, so nothing is certain: what would have been seen
        becomes "cannot tell".
        """
        who = self._identified(activity.user, activity.instance, activity.database)
        what = self._judged(
            activity.database, activity.tables, activity.columns, activity.columns_known, activity.error
        )
        zone = who.time_zone
        return Exposure(
            activity=activity,
            employee=who.employee,
            account=who.account,
            peer_group=who.peer_group,
            shard=who.shard,
            utc_offset_minutes=0 if zone is None else self._offset(zone, activity.time_ms // _QUARTER_MS),
            categories=dict(what.categories),
            sensitivity=what.sensitivity,
            regions=what.regions,
            subjects_at_most=what.subjects_at_most,
        )

    def _identify(self, user: str, instance: str | None, database: str | None) -> _Identity:
        employee = self._directory.identify(user, instance, database)
        if employee is None:
            unknown = LOGIN_PREFIX + user
            shard = shard_of(unknown, UNKNOWN_GROUP, self._config.unknown_shards)
            return _Identity(unknown, Account.UNKNOWN, UNKNOWN_GROUP, shard, None)
        return _Identity(employee.id, employee.account, employee.group, self._shard(employee), employee.time_zone)

    def _shard(self, employee: Employee) -> str:
        shards = self._directory.shards_of(employee.group, self._config.shard_size)
        return shard_of(employee.id, employee.group, shards)

    def _judge_statement(
        self,
        database: str | None,
        tables: tuple[str, ...],
        columns: tuple[str, ...],
        columns_known: bool,
        error: str | None,
    ) -> Judgement:
        judgement = self._judge.judge(database, tables, columns, columns_known=columns_known)
        return judgement if error is None else _after_failure(judgement, error)


def _after_failure(judgement: Judgement, error: str) -> Judgement:
    doubt = Verdict.NOT_SEEN if exposed_nothing(error) else Verdict.CANNOT_TELL
    verdicts = {
        category: verdict if verdict is Verdict.NOT_SEEN else doubt
        for category, verdict in judgement.categories.items()
    }
    sensitivity = 0 if doubt is Verdict.NOT_SEEN else judgement.sensitivity
    return msgspec.structs.replace(judgement, categories=verdicts, sensitivity=sensitivity)


def _utc_offset_minutes(zone: str, quarter: int) -> int:
    """Return local time minus UTC, in minutes, in a quarter of an hour counted from 1970; 0 if it has none."""
    try:
        moment = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, tz=UTC)
        offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    except (OverflowError, ValueError, OSError, KeyError):
        return 0
    return 0 if offset is None else int(offset.total_seconds() // 60)
