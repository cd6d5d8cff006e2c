"""People counted in the databases themselves, on request, after the incident."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from streamguard.scope import Bounds


class ExactCategory(msgspec.Struct, frozen=True):
    """People of one category of personal data, and where they live."""

    people: Bounds
    regions: Mapping[str, Bounds]


class Exact(msgspec.Struct, frozen=True, kw_only=True):
    """What the counting statements gave. Data may have changed between the incident and the counting."""

    as_of: str
    """When, by the database's clock."""
    database: str
    is_replica: bool
    statements: int
    """Whose people were counted."""
    unresolved: int
    """Whose people could not be."""
    people: Bounds
    """Exact where every statement could be counted."""
    regions: Mapping[str, Bounds]
    categories: Mapping[str, ExactCategory]
    disagreements: tuple[str, ...] = ()
    """Where no number fits both the log and the database, in words."""
