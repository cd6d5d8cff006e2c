"""The list of the formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from streamguard.simulate.render.csvlog import CsvlogLines
from streamguard.simulate.render.jsonlog import JsonlogLines
from streamguard.simulate.render.ocsf import OcsfLines
from streamguard.simulate.render.slowlog import SlowLogEntries
from streamguard.simulate.render.snowflake import SnowflakeRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamguard.simulate.moment import Moment


class Lines(Protocol):
    """Writes moments in one format; the moments come in their order."""

    def lines(self, moment: Moment) -> Iterator[bytes]:
        """Write one moment: records without line ends."""


class Format(NamedTuple):
    """One log format."""

    file: str
    """Name of the file that holds such a log."""
    make: Callable[[int], Lines]
    """From the simulation's seed."""
    has_schemas: bool = True
    """Whether tables have a schema; MySQL's have none."""


FORMATS: Final[dict[str, Format]] = {
    "ocsf": Format("activities.ndjson", OcsfLines),
    "postgresql.jsonlog": Format("audit.jsonlog", JsonlogLines),
    "postgresql.csvlog": Format("audit.csvlog", CsvlogLines),
    "mysql.slow": Format("slow.log", SlowLogEntries, has_schemas=False),
    "snowflake": Format("query_history.ndjson", SnowflakeRows),
}
"""By the name of the adapter that reads them."""
