"""PrestoDB's event listeners: Trino's elder, with other names for the counts and a wrapper that names the event.

``{"queryCompletedEvent": {...}}`` is one statement. ``queryCreatedEvent`` is repeated by it and ignored, for the reason
given in `streamguard.sources.trino.event`; ``splitCompletedEvent`` is a part of it.
Source: com.facebook.presto.spi.eventlistener (QueryCompletedEvent, QueryStatistics, QueryInputMetadata).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.fields import JsonObject, member
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.trino.query import activity, event_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "presto.event"


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one event; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an event of PrestoDB that cannot be read.
    """
    if "queryCompletedEvent" not in record:
        is_other = "queryCreatedEvent" in record or "splitCompletedEvent" in record
        return context.ignore(IgnoredReason.STATEMENT_START) if is_other else None
    event = event_of(member(record, "queryCompletedEvent"))
    if event is None:
        raise Refusal(RejectedReason.MISSING_FIELD, "queryCompletedEvent needs context and metadata.queryId")
    statistics = member(event, "statistics")
    counts = {
        "outputRows": statistics.get("outputPositions", statistics.get("outputRows")),
        "writtenRows": statistics.get("writtenOutputRows", statistics.get("writtenOutputPositions")),
    }
    return activity(event | {"statistics": statistics | counts}, context, NAME)
