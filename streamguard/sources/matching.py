"""One JSON object and the formats it may be of: the first that takes it, or why it could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Rejected
from streamguard.sources.reasons import Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject
    from streamguard.sources.registry import Formats


def first_match(formats: Formats, record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Return what the first format that takes a JSON object makes of it; None if none takes it.

    Raises
    ------
    Refusal
        When a format takes it and cannot read it.
    """
    for candidate in formats.objects:
        outcome = candidate.read(record, context)
        if outcome is not None:
            return outcome
    return None


def rejection_of(error: Exception, context: Context) -> Rejected:
    """Return the outcome of a record that could not be read, or at which an adapter failed."""
    if isinstance(error, Refusal):
        return Rejected(context.origin, error.reason.value, error.detail)
    return Rejected(context.origin, RejectedReason.INTERNAL_ERROR.value, f"{type(error).__name__} in an adapter")
