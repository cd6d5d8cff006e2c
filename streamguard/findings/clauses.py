"""What each detector adds to the words of a finding: a title of its own, and a clause with what it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.baseline import ATTRIBUTES
from streamguard.findings.plain import category, listed, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.detect import ChannelEvidence, DayTotals, Decision

_FAMES = ("new to the peers too", "known to few peers", "known to the peers")


class Analysis(NamedTuple):
    """How OCSF names a way of looking: its type, the pattern of what is usual, the pattern of what is not."""

    type: str
    usual: str
    odd: str


VOLUME = Analysis("Volume Analysis", "NORMAL_VOLUME", "HIGH_VOLUME")
FREQUENCY = Analysis("Frequency Analysis", "FREQUENT", "HIGH_VOLUME")
TREND = Analysis("Distribution Analysis", "STEADY", "RISING")
SEQUENCE = Analysis("Sequence Analysis", "UNORDERED", "SEQUENTIAL")
UNSEEN = Analysis("Frequency Analysis", "FREQUENT", "UNSEEN")
TIME = Analysis("Time Pattern Analysis", "BUSINESS_HOURS", "UNUSUAL_TIME")


class Wording(NamedTuple):
    """The words for one detector."""

    analysis: Analysis
    title: str
    """With ``{about}``, the categories, and ``{who}``."""
    clause: Callable[[Decision, ChannelEvidence], str] | None
    """None: the sentence about rows and statements says it."""


def _people(decision: Decision, evidence: ChannelEvidence) -> str:
    usual = "" if evidence.usual is None else f", usually about {number(evidence.usual)}"
    return f"about {number(decision.day.people)} different people looked up today{usual}"


def _trend(decision: Decision, evidence: ChannelEvidence) -> str:
    del decision
    what = "rows" if evidence.name.startswith("rows") else "statements"
    return f"more {what} than usual day after day, by {evidence.observed:.0f} standard deviations in sum"


def _largest(decision: Decision, evidence: ChannelEvidence) -> str:
    usual = "" if evidence.usual is None else f", of an ordinary day about {number(evidence.usual)}"
    return f"the largest result has {number(decision.day.largest_rows)} rows{usual}"


def _share(decision: Decision, evidence: ChannelEvidence) -> str:
    del decision
    return f"one statement took at least {evidence.observed:.2g} % of its table"


def _uncounted(decision: Decision, evidence: ChannelEvidence) -> str:
    del evidence
    reach = decision.day.uncounted_reach
    bound = decision.day.subjects_at_most
    known = f"up to {number(reach)} people" if bound is not None and reach <= bound else "a number of people not known"
    return f"a read without a row count reached {known}"


def _scan(decision: Decision, evidence: ChannelEvidence) -> str:
    del decision
    return f"{number(evidence.observed)} statements in order, each beginning where another ended"


def _novelty(decision: Decision, evidence: ChannelEvidence) -> str:
    del evidence
    return news(decision.day)


def _hour(decision: Decision, evidence: ChannelEvidence) -> str:
    del decision
    hour = round(evidence.observed)
    return f"active between {hour:02d}:00 and {(hour + 1) % 24:02d}:00 local time, when that is not usual"


def _honey(decision: Decision, evidence: ChannelEvidence) -> str:
    del decision, evidence
    return "a planted record was touched, which nobody has a reason to do"


_MANY_ROWS = "Unusually many rows{about} read by {who}"
_MANY_STATEMENTS = "Unusually many statements on data{about} by {who}"
WORDINGS = {
    "rows_1h": Wording(VOLUME, _MANY_ROWS, None),
    "rows_1d": Wording(VOLUME, _MANY_ROWS, None),
    "statements_1d": Wording(FREQUENCY, _MANY_STATEMENTS, None),
    "people_1d": Wording(FREQUENCY, "Unusually many people{about} looked up by {who}", _people),
    "rows_trend": Wording(TREND, "More rows{about} than usual, day after day, read by {who}", _trend),
    "statements_trend": Wording(TREND, "More statements than usual on data{about}, day after day, by {who}", _trend),
    "largest_result": Wording(VOLUME, "An unusually large result{about} read by {who}", _largest),
    "table_share": Wording(VOLUME, "An unusually large part of a table{about} read by {who}", _share),
    "uncounted_reads": Wording(VOLUME, "Data{about} read without a row count by {who}", _uncounted),
    "sequential_scan": Wording(SEQUENCE, "Data{about} read in order, piece by piece, by {who}", _scan),
    "novelty": Wording(UNSEEN, "Data{about} read as never before by {who}", _novelty),
    "unusual_hour": Wording(TIME, "Data{about} read at an unusual hour by {who}", _hour),
    "honey": Wording(UNSEEN, "A planted record touched by {who}", _honey),
}
"""By the detector's name."""


def clauses(decision: Decision) -> list[str]:
    """Return what the contributing detectors add to the message, strongest first."""
    found = []
    for evidence in decision.contributing:
        clause = WORDINGS[evidence.name].clause
        text = "" if clause is None else clause(decision, evidence)
        if text:
            found.append(text)
    return found


def news(day: DayTotals) -> str:
    """Write what is new today: tables and categories by name, the rest counted or named if there is one."""
    parts = []
    for attribute, kind in enumerate(ATTRIBUTES):
        found = [novelty for novelty in day.news if novelty.attribute == attribute]
        if not found:
            continue
        names = [novelty.name for novelty in found]
        if kind == "categories":
            names = [" with ".join(category(part) for part in name.split(", ")[:3]) for name in names]
        fame = _FAMES[min(novelty.fame for novelty in found)]
        parts.append(f"{_introduced(kind, names)} ({fame})")
    return listed(parts, len(ATTRIBUTES))


def _introduced(kind: str, names: list[str]) -> str:
    if kind == "statement":
        return "a statement never run before" if len(names) == 1 else f"{len(names)} statements never run before"
    words = {
        "table": "first time on",
        "categories": "first time with",
        "client": "first time from",
        "program": "first time with the program",
    }
    return f"{words[kind]} {listed(names)}"
