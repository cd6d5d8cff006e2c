"""What an incident is called, and what is left of it when it turned out to be part of another."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from streamguard.activity import VerdictId
from streamguard.incidents.incident import Change, Incident, IncidentStatus
from streamguard.incidents.life import OURSELVES, life_of

if TYPE_CHECKING:
    from streamguard.incidents.incident import Member


def incident_uid(finding_uid: str) -> str:
    """Return the uid that an incident has whose first finding is this one: ``inc-`` and 16 hexadecimal digits."""
    text = finding_uid.encode("utf-8", "replace")
    return "inc-" + blake2b(text, digest_size=8, person=b"streamguard.inci").hexdigest()


def what_is_left(first: Member, into: str) -> Incident:
    """Return what the topic keeps of an incident that is part of another: closed, and where it went.

    Parameters
    ----------
    first
        The finding that it has its uid of.
    into
        Uid of the incident that goes on.
    """
    opened, *_ = life_of((first,), ()).history
    merged = Change(time_ms=first.told_ms, author=OURSELVES, what="merged", detail=f"into {into}")
    return Incident(
        uid=incident_uid(first.finding_uid),
        members=(first,),
        history=(opened, merged),
        status=IncidentStatus.CLOSED,
        verdict=VerdictId.DUPLICATE,
        merged_into=into,
    )
