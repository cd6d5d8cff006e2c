"""Whether two audit records can be of one statement, by what they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.parts import OF_THE_SESSION, RUNS_OTHERS, STATEMENT

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.sources.statement import Statement
    from streamguard.sources.timed import Timed


def has_text_of(statement: Activity, first: Activity, last: Activity, record: Activity, may_run_it: bool) -> bool:
    """Whether a record is of a statement by its text.

    Parameters
    ----------
    statement
        All its records so far, merged.
    first, last
        The first and the last of them.
    record
        The record.
    may_run_it
        Whether the statement can be what the record's text runs, if that is an EXECUTE or the like.
    """
    fingerprint = record.fingerprint
    if statement.fingerprint is None or fingerprint is None:
        return agree(last, record)
    if record.verb in RUNS_OTHERS and record.part in OF_THE_SESSION:
        return may_run_it
    if first.part == STATEMENT and first.verb in RUNS_OTHERS:
        return True
    if last.fingerprint == fingerprint and agree(last, record):
        return True
    return first.fingerprint == fingerprint and agree(first, record)


def agree(record: Activity, other: Activity) -> bool:
    """Whether two counts can be of one execution: numbers of the same kind that differ cannot."""
    return (
        record.rows is None
        or other.rows is None
        or record.rows == other.rows
        or record.rows_quality is not other.rows_quality
    )


def adds_only_time(statement: Activity, duration: Activity) -> bool:
    """Whether a record tells nothing of a statement but how long it ran."""
    return (
        duration.rows is None
        and duration.fingerprint is not None
        and (statement.rows is not None or statement.rows_quality is duration.rows_quality)
        and _reads_as(statement, duration)
    )


def has_timed(statement: Activity, timed: Timed) -> bool:
    """Whether the text of a counted statement is the one whose time a record tells: then it adds only that."""
    text = timed.statement
    return statement.rows is not None and text.verb not in RUNS_OTHERS and _reads_as(statement, text)


def _reads_as(statement: Activity, text: Activity | Statement) -> bool:
    """Whether a statement is what a text says, and a text says no more than is known of it."""
    return (
        statement.fingerprint == text.fingerprint
        and statement.columns == text.columns
        and statement.verb == text.verb
        and _are_among(statement.tables, text.tables)
    )


def _are_among(tables: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether all tables that the text names are ones that the log lists, there perhaps with their schema."""
    for name in names:
        if name in tables:
            continue
        if "." in name:
            return False
        ending = f".{name}"
        for table in tables:
            if table.endswith(ending):
                break
        else:
            return False
    return True
