"""What left: which kinds of personal data, how many people, which regions, since when. With honest bounds.

The contract of this room: exposures and the catalogue in, frozen reports out; pure. The true number lies within the
bounds for every category and every region, and the bounds meet where the log tells the number.
"""

from __future__ import annotations

from streamguard.scope.affected import affected
from streamguard.scope.answer import Affected, Answer, Because
from streamguard.scope.attribute import POINTS_BELOW, attribute
from streamguard.scope.attribution import Attribution, Suspect
from streamguard.scope.report import NOBODY, UNKNOWN_REGION, Bounds, CategoryScope, Evidence, ScopeReport
from streamguard.scope.resolved import Resolved, read_resolved
from streamguard.scope.scope import scope
from streamguard.scope.standing import UnclearKeysError
from streamguard.scope.subject import Subject, subjects_in

__all__ = [
    "NOBODY",
    "POINTS_BELOW",
    "UNKNOWN_REGION",
    "Affected",
    "Answer",
    "Attribution",
    "Because",
    "Bounds",
    "CategoryScope",
    "Evidence",
    "Resolved",
    "ScopeReport",
    "Subject",
    "Suspect",
    "UnclearKeysError",
    "affected",
    "attribute",
    "read_resolved",
    "scope",
    "subjects_in",
]
