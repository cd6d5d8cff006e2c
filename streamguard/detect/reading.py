"""What the detectors read of a statement, taken out of its record at once.

This module stays interpreted in the compiled build: the interpreter remembers where the fields of a record are, while
compiled code looks each of them up by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from streamguard.activity import Exposure, Verdict

Where: TypeAlias = "tuple[str, int, int, int, bool]"
Statement: TypeAlias = (
    "tuple[str | None, str | None, tuple[str, ...], dict[str, Verdict], tuple[str, ...], int, str | None, str | None,"
    " int | None, int | None, int | None, int, tuple[str, str] | None, tuple[tuple[str, tuple[str, ...]], ...], bool]"
)


def where(exposure: Exposure) -> Where:
    """Return whose day it belongs to: employee, time, offset of local time; sensitivity, whether it touched honey."""
    return (
        exposure.employee,
        exposure.activity.time_ms,
        exposure.utc_offset_minutes,
        exposure.sensitivity,
        exposure.honey,
    )


def statement(exposure: Exposure) -> Statement:
    """Return what was run, and what is of this run.

    Of the first kind: fingerprint, database, tables, categories, regions. Of the second: time, client, application,
    rows, their bound in the text and in the catalogue, sensitivity, the piece of a larger whole, subjects, whether it
    touched honey.
    """
    activity = exposure.activity
    return (
        activity.fingerprint,
        activity.database,
        activity.tables,
        exposure.categories,
        exposure.regions,
        activity.time_ms,
        activity.client,
        activity.application,
        activity.rows,
        activity.rows_at_most,
        exposure.subjects_at_most,
        exposure.sensitivity,
        activity.slice,
        activity.subjects,
        exposure.honey,
    )
