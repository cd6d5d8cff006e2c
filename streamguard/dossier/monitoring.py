"""What monitoring can be asked about the log during an incident: questions, and what their answers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.dossier.case import LogFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamguard.ledger import Span

_LEAST_SECONDS: Final = 3_600
"""Of a window: a shorter one may hold no sample."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question to Prometheus."""

    query: str
    """PromQL; ``{window}`` stands for the length of the incident."""
    label: str
    """Of the answer: what it is about."""
    text: str
    unit: str
    """As `Figure.unit`; ``ms``: the answer is in seconds."""
    fault_above: float
    """From a larger answer on something may be missing."""


QUESTIONS: Final = (
    Question(
        query="sum by (reason) (increase(streamguard_rejected_total[{window}]))",
        label="reason",
        text="records that could not be understood and wait as dead letters",
        unit="record",
        fault_above=0.5,
    ),
    Question(
        query="sum by (topic) (increase(streamguard_lost_records_total[{window}]))",
        label="topic",
        text="records that Kafka removed before they were read",
        unit="record",
        fault_above=0.5,
    ),
    Question(
        query="sum by (topic) (increase(streamguard_log_breaks_total[{window}]))",
        label="topic",
        text="times that the log was created anew or cut off",
        unit="time",
        fault_above=0.5,
    ),
    Question(
        query="max by (topic) (max_over_time(streamguard_event_time_lag_seconds[{window}]))",
        label="topic",
        text="greatest age of the newest statement when it was read",
        unit="ms",
        fault_above=900.0,
    ),
)
"""The metrics are those of the worker (`streamguard.metrics`)."""


def asked(question: Question, span: Span) -> tuple[str, float]:
    """Return a question for an incident: the query, and the time in seconds at which it is to be answered."""
    seconds = max(_LEAST_SECONDS, -(-(span.to_ms - span.from_ms) // 1000))
    return question.query.replace("{window}", f"{seconds}s"), (span.from_ms / 1000) + seconds


def facts_of(question: Question, query: str, answer: Iterable[tuple[Mapping[str, str], float]]) -> list[LogFact]:
    """Return what an answer says, by label.

    Parameters
    ----------
    question, query
        What was asked.
    answer
        Labels and value of every series.
    """
    found = [
        LogFact(
            source=labels.get(question.label, "unknown"),
            text=question.text,
            amount=round(1000 * value if question.unit == "ms" else value),
            unit=question.unit,
            is_fault=value > question.fault_above,
            query=query,
        )
        for labels, value in answer
        if value == value  # noqa: PLR0124 - no number equals anything
    ]
    return sorted(found, key=lambda fact: fact.source)
