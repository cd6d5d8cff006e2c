"""What left: which kinds of personal data, how many people, which regions, since when. With honest bounds."""

from __future__ import annotations

from streamguard.scope.report import Bounds, CategoryScope, Evidence, ScopeReport

__all__ = ["Bounds", "CategoryScope", "Evidence", "ScopeReport"]
