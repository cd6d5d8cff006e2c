"""People counted in the databases themselves, on request, after the incident."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Exact(msgspec.Struct, frozen=True, kw_only=True):
    """What the counting statements gave. Data may have changed between the incident and the counting."""

    counted_ms: int
    databases: tuple[str, ...]
    statements: int
    """That were counted anew."""
    unresolved: int
    """That could not be."""
    people: int
    regions: Mapping[str, int]
    categories: Mapping[str, int]
