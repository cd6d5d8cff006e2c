"""Incidents: findings that belong together, with a life of their own.

The contract of this room: findings and what people say come in, in any order and as often as they like; incidents are
a function of what came in. Pure, no Kafka; a :class:`Casebook` keeps them, and says what a topic should hold of them.

    finding -> members -> Member ┐
                                 ├-> Casebook -> Incident -> ocsf -> Incident Finding (2005)
    what a person says -> Said   ┘    grouping: which belong together (links: when two do)
                                      life: what people and later findings made of it
"""

from __future__ import annotations

from streamguard.incidents.casebook import Casebook, incident_uid
from streamguard.incidents.incident import SEVERITIES, Change, Incident, IncidentStatus, Member, Said, Sighting
from streamguard.incidents.links import LinkRules
from streamguard.incidents.members import member_of, read_finding
from streamguard.incidents.ocsf import NOTIFY_HOURS, caption, incident_finding, read_incident, summary

__all__ = [
    "NOTIFY_HOURS",
    "SEVERITIES",
    "Casebook",
    "Change",
    "Incident",
    "IncidentStatus",
    "LinkRules",
    "Member",
    "Said",
    "Sighting",
    "caption",
    "incident_finding",
    "incident_uid",
    "member_of",
    "read_finding",
    "read_incident",
    "summary",
]
