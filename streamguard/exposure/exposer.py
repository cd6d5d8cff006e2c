"""From an activity to an exposure: directory, catalogue and local time put together."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec

from streamguard.activity import Exposure, Verdict
from streamguard.exposure.addresses import Addresses
from streamguard.exposure.config import ExposureConfig
from streamguard.exposure.failures import after_failure
from streamguard.exposure.history import DirectoryHistory
from streamguard.exposure.honey import HoneyWatch
from streamguard.exposure.identify import Identifier
from streamguard.exposure.judge import Judge, Judgement
from streamguard.exposure.shared import without_hints

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.exposure.catalogue import Catalogue
    from streamguard.exposure.directory import Directory

_QUARTER_MS: Final = 15 * 60 * 1000
"""Time zones change their offset at quarters of an hour only."""


class Exposer:
    """Sees activities with a directory and a catalogue. Pure; its caches never change a result.

    Parameters
    ----------
    directory
        Who is behind a login; a history where it changes while one runs.
    catalogue
        What is personal data.
    config
        Search path and sharding.
    """

    def __init__(
        self, directory: Directory | DirectoryHistory, catalogue: Catalogue, config: ExposureConfig | None = None
    ) -> None:
        config = config if config is not None else ExposureConfig()
        self.history = directory if isinstance(directory, DirectoryHistory) else DirectoryHistory(directory)
        """Who is behind a login, when. Changes that are applied to it are seen from then on."""
        self.identifier = Identifier(self.history, config)
        self.addresses = Addresses(self.history, config)
        """Where records go that are about employees and groups, and not about statements."""
        self._judge = Judge(catalogue, config.search_path)
        self._honey = HoneyWatch(catalogue, config.search_path, config.cache_size)
        # Caches of the instance: they hold on to it, and go with it.
        self._judged = lru_cache(maxsize=config.cache_size)(self._judge_statement)
        self._offset = lru_cache(maxsize=4_096)(_utc_offset_minutes)

    def expose(self, activity: Activity) -> Exposure:
        """Return what an activity exposed, and by whom. Never raises.

        A failed statement: with an error that certainly came before the first row (refused, not understood) nothing
        was exposed; with any other one rows may have left before it, so nothing is certain: what would have been seen
        becomes "cannot tell". See `streamguard.exposure.failures`.
        """
        who = self.identifier.identify(activity)
        what = self._judged(
            activity.database,
            activity.tables,
            activity.columns,
            activity.columns_known,
            activity.filters,
            after_failure(activity),
        )
        zone = who.time_zone
        return Exposure(
            activity=_for_travel(activity, is_personal=what.sensitivity > 0),
            employee=who.employee,
            account=who.account,
            peer_group=who.peer_group,
            shard=who.shard,
            utc_offset_minutes=0 if zone is None else self._offset(zone, activity.time_ms // _QUARTER_MS),
            categories=dict(what.categories),
            membership=what.membership,
            sensitivity=what.sensitivity,
            regions=_regions(what, activity) if activity.scope else what.regions,
            subjects_at_most=_least(what.subjects_at_most, activity.rows_at_most) if what.categories else None,
            honey=self._honey.is_touched(activity),
        )

    def _judge_statement(  # noqa: PLR0917 -- a cache finds plain arguments fastest
        self,
        database: str | None,
        tables: tuple[str, ...],
        columns: tuple[str, ...],
        columns_known: bool,
        filters: tuple[str, ...],
        doubt: Verdict | None,
    ) -> Judgement:
        judgement = self._judge.judge(database, tables, columns, columns_known=columns_known, filters=filters)
        return judgement if doubt is None else _failed(judgement, doubt)


def _for_travel(activity: Activity, *, is_personal: bool) -> Activity:
    """Return an activity as it may travel on: the sealed text only where an incident may have to be resolved by it."""
    activity = without_hints(activity)
    if activity.sealed is None or is_personal:
        return activity
    return msgspec.structs.replace(activity, sealed=None)


def _failed(judgement: Judgement, doubt: Verdict) -> Judgement:
    verdicts = {
        category: verdict if verdict is Verdict.NOT_SEEN else doubt
        for category, verdict in judgement.categories.items()
    }
    if doubt is Verdict.NOT_SEEN:
        return msgspec.structs.replace(judgement, categories=verdicts, sensitivity=0, membership=())
    return msgspec.structs.replace(judgement, categories=verdicts)


def _regions(what: Judgement, activity: Activity) -> tuple[str, ...]:
    """Return the regions that the statement names by a table's region column, besides the constant ones."""
    named = {
        value
        for column, values in activity.scope
        if column.rpartition(".")[2] in what.region_columns
        for value in values
    }
    return tuple(sorted(named.union(what.regions)))


def _least(a: int | None, b: int | None) -> int | None:
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)


def _utc_offset_minutes(zone: str, quarter: int) -> int:
    """Return local time minus UTC, in minutes, in a quarter of an hour counted from 1970; 0 if it has none."""
    try:
        offset = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, tz=ZoneInfo(zone)).utcoffset()
    except (OverflowError, ValueError, OSError, KeyError):
        return 0
    return 0 if offset is None else int(offset.total_seconds() // 60)
