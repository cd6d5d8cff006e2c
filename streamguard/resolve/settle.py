"""What an answer is worth, now that it is there: exact, bounded, or not to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.resolve.plan import Outcome, Plan

if TYPE_CHECKING:
    from streamguard.resolve.people import Answer


class Settled(NamedTuple):
    """A statement after it was asked."""

    plan: Plan
    outcome: Outcome
    why: str
    answer: Answer | None
    gone: int = 0
    """Rows that left and are not there any more: at most so many people are missing in the answer."""


def settle(plan: Plan, answer: Answer, doubt: str, missing: int) -> Settled:
    """Say what an answer is worth.

    Parameters
    ----------
    plan
        Of the statement.
    answer
        To its question.
    doubt
        Why its values may be too many; empty: they are not.
    missing
        How many of its values match nothing that is there now.

    Notes
    -----
    The log's count decides where it is comparable. If the query gives exactly as many rows as left then, all of them
    left, whatever could not be asked again. If it gives fewer, rows have gone since; if more, rows have come, or more
    could have been taken than were.
    """
    is_comparable = len(plan.questions) == 1 and plan.questions[0].carried.counts_rows and not plan.is_opaque
    rows = plan.rows if is_comparable else None
    if rows is not None and rows == answer.rows:
        why = "the log counts as many rows as it gives now"
        if plan.outcome is Outcome.BOUNDED:
            why = "the log counts as many rows as it could have given: all of them left"
        return Settled(plan, Outcome.EXACT, why, answer)
    has_room = is_comparable and plan.limit is not None and answer.rows <= plan.limit
    if plan.outcome is Outcome.BOUNDED and has_room and not doubt:
        return Settled(plan, Outcome.EXACT, "there are no more rows than it could take", answer)
    why = _why_not(plan, answer, rows, doubt, missing)
    if not why:
        return Settled(plan, Outcome.EXACT, f"{plan.why}; no log counts its rows", answer)
    gone = missing if rows is None else max(0, rows - answer.rows)
    return Settled(plan, Outcome.BOUNDED, why, answer, gone)


def _why_not(plan: Plan, answer: Answer, rows: int | None, doubt: str, missing: int) -> str:
    """Return why an answer is not exact; empty: it is."""
    if plan.outcome is Outcome.BOUNDED or doubt:
        return doubt if plan.outcome is Outcome.EXACT else plan.why
    if rows is not None:
        changed = "deleted" if rows > answer.rows else "added"
        return f"{rows:,} rows left, {answer.rows:,} are there now: rows were {changed} or changed since"
    return f"{missing:,} of the values that it asked for match nothing that is there now" if missing else ""
