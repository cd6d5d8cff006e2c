"""How texts of one shape are read."""

from __future__ import annotations

import msgspec

from streamguard.sources.statement.template import Template


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What all texts of one shape share."""

    template: Template
    groups: tuple[tuple[int, ...], ...]
    """See `streamguard.sources.statement.normalise.Groups`; empty if the template reads no literal."""
    marks: int
    """Literals and the like of such a text."""
    ends_with_limit: bool
    """Whether the bound of rows is the last thing in the text, and all that is read of it."""
