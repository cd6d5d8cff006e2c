"""Incidents: findings that belong together, with a life of their own."""

from __future__ import annotations

from streamguard.incidents.incident import Change, Incident, IncidentStatus, Member

__all__ = ["Change", "Incident", "IncidentStatus", "Member"]
