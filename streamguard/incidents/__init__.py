"""Incidents: findings that belong together, with a life of their own.

The contract of this room: findings and what people say come in, in any order and as often as they like; incidents are
a function of what came in. Pure, no Kafka; a :class:`Casebook` keeps them, and says what a topic should hold of them.

    finding -> members -> Member ┐
                                 ├-> Casebook -> Incident -> ocsf -> Incident Finding (2005)
    what a person says -> Said   ┘    grouping: which belong together (links: when two do)
                                      life: what people and later findings made of it
                                      pages: what does not fit into its record; shelf: what the topic lacks
"""

from __future__ import annotations

from streamguard.incidents.casebook import Casebook
from streamguard.incidents.incident import (
    SEVERITIES,
    Change,
    Incident,
    IncidentStatus,
    Member,
    Said,
    Sighting,
    Totals,
)
from streamguard.incidents.links import IncidentRules
from streamguard.incidents.members import member_of, read_finding
from streamguard.incidents.merged import incident_uid
from streamguard.incidents.ocsf import (
    NOTIFY_HOURS,
    caption,
    incident_finding,
    page_event,
    read_incident,
    read_page,
    summary,
)
from streamguard.incidents.pages import Page, record_of
from streamguard.incidents.shelf import TopicRecord

__all__ = [
    "NOTIFY_HOURS",
    "SEVERITIES",
    "Casebook",
    "Change",
    "Incident",
    "IncidentRules",
    "IncidentStatus",
    "Member",
    "Page",
    "Said",
    "Sighting",
    "TopicRecord",
    "Totals",
    "caption",
    "incident_finding",
    "incident_uid",
    "member_of",
    "page_event",
    "read_finding",
    "read_incident",
    "read_page",
    "record_of",
    "summary",
]
