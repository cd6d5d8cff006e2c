"""Trino's QueryCreatedEvents, for a topic that carries no completed ones: set ``format: trino.created``.

Without that setting `streamguard.sources.trino.event` comes first and ignores them. Such a query has its text and no
count of rows, and whether it failed is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.sources.trino.query import activity, event_of, is_created

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject

NAME = "trino.created"


def read(record: JsonObject, context: Context) -> Activity | None:
    """Read one created event; None if it is anything else, a completed event included.

    Raises
    ------
    Refusal
        When it is a created event that cannot be read.
    """
    event = event_of(record)
    if event is None or not is_created(event):
        return None
    # Nothing else of this query can come on such a topic.
    return msgspec.structs.replace(activity(event, context, NAME), complete=True)
