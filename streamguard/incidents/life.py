"""The life of an incident: what people said of it, in the order of Kafka's time, and what findings did to it since.

What closes an incident, or excuses it, is said of the findings that it had when the person looked at it. A finding that
joins later was not meant: the incident is new again, and waits for somebody to look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from streamguard.activity import VerdictId
from streamguard.feedback import PART_MARK
from streamguard.incidents.incident import Change, IncidentStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamguard.incidents.incident import Member, Said

OURSELVES = "streamguard"
_STAYING = (VerdictId.UNKNOWN, VerdictId.TRUE_POSITIVE, VerdictId.SUSPICIOUS, VerdictId.SECURITY_RISK)
"""Verdicts that more findings do not put in doubt."""
_NAMED = 5
"""Findings, in a sentence."""
_T = TypeVar("_T")


class Life(NamedTuple):
    """How an incident stands."""

    status: IncidentStatus
    verdict: VerdictId
    assignee: str | None
    history: tuple[Change, ...]


def life_of(members: Sequence[Member], said: Sequence[Said]) -> Life:
    """Return how an incident stands.

    Parameters
    ----------
    members
        Its findings, by the time they were first told.
    said
        What people said of it, by time. What is said in parts, because of many findings, is told once.
    """
    ids = {one.id for one in said}
    spoken = (one for one in said if one.id.rpartition(PART_MARK)[0] not in ids)
    history = [*_of_findings(members), *(change for one in spoken for change in _of_person(one))]
    status = _last(one.status for one in said) or IncidentStatus.NEW
    if status.is_over:
        last = _last_words(members, [(one, one.status) for one in said])
        missed = [member for member in members if (told := last.get(member.finding_uid)) is None or not told.is_over]
        if missed:
            status = IncidentStatus.NEW
            history.append(_reopened(missed, said))
    verdict = _last(one.verdict for one in said) or VerdictId.UNKNOWN
    if verdict not in _STAYING:
        words = _last_words(members, [(one, one.verdict) for one in said])
        if any(words.get(member.finding_uid, VerdictId.UNKNOWN) in _STAYING for member in members):
            verdict = VerdictId.UNKNOWN
    assignee = _last(one.assignee for one in said) or None
    return Life(status, verdict, assignee, tuple(sorted(history, key=lambda change: change.time_ms)))


def _last(words: Iterable[_T | None]) -> _T | None:
    """Return the last word that was said at all."""
    found = None
    for word in words:
        found = found if word is None else word
    return found


def _last_words(members: Sequence[Member], words: Iterable[tuple[Said, _T | None]]) -> dict[str, _T]:
    """Return the last word on each finding that one was said of."""
    uids = {member.finding_uid for member in members}
    return {uid: word for said, word in words if word is not None for uid in said.findings if uid in uids}


def _of_findings(members: Sequence[Member]) -> Iterator[Change]:
    for number, member in enumerate(members):
        why = "" if not number else f" ({member.joined})"
        detail = f"{member.finding_uid} of {member.employee}{why}"
        yield Change(time_ms=member.told_ms, author=OURSELVES, what="finding" if number else "opened", detail=detail)


def _of_person(said: Said) -> Iterator[Change]:
    words = {
        "status": None if said.status is None else said.status.name.lower(),
        "verdict": None if said.verdict is None else said.verdict.name.lower(),
        "assignee": None if said.assignee is None else said.assignee or "nobody",
        "comment": said.comment,
    }
    for what, detail in words.items():
        if detail is not None:
            yield Change(time_ms=said.time_ms, author=said.author, what=what, detail=detail)


def _reopened(missed: Sequence[Member], said: Sequence[Said]) -> Change:
    over_ms = max(one.time_ms for one in said if one.status is not None)
    told_ms = max(member.told_ms for member in missed)
    more = len(missed) - _NAMED
    about = ", ".join(member.finding_uid for member in missed[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    detail = f"{IncidentStatus.NEW.name.lower()}: {about} joined since"
    return Change(time_ms=max(over_ms, told_ms), author=OURSELVES, what="status", detail=detail)
