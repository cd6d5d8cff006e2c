"""Trino's event listeners, http and Kafka: one event for every query that was created, one when it completed.

``{"eventPayload": event, "eventMetadata": {...}}`` on Kafka, the bare event over http.

**Created events are not counted.** Each is repeated by the completed event of the same query, which comes hours later
for a long one and, from the Kafka listener, on another topic, so that no bounded wait can join the two. So what is
certainly a created event (queued, and no word of tables, output or end) is ignored as ``statement_start``. Who has
created events alone sets ``format: trino.created`` for their topic: `streamguard.sources.trino.created` reads them.
What merely looks like one is read, and joins the completed event if that is near.

Source: trino.io/docs/current/admin/event-listeners-{http,kafka}.html, io.trino.execution.QueryMonitor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.reasons import IgnoredReason
from streamguard.sources.trino.query import activity, event_of, is_created

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject

NAME = "trino.event"


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one event; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an event of Trino that cannot be read.
    """
    event = event_of(record)
    if event is None:
        return None
    if is_created(event):
        return context.ignore(IgnoredReason.STATEMENT_START)
    return activity(event, context, NAME)
