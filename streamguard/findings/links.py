"""What lets a finding be set beside those of other employees: a sample of the people that its statement named."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamguard.activity import Activity

SAMPLED_SUBJECTS = 32
HASH_DIGITS = 16
"""Of a keyed hash: 64 bits tell the people of two statements apart, and half of it fits a finding better."""


def subject_sample(activity: Activity) -> list[str]:
    """Return the smallest keyed hashes of the people that a statement named, sorted: a bottom-k sketch.

    Everybody's sample is taken at the same places of the hashes' range, so that two samples show whether two statements
    named the same people (Cohen and Kaplan, 2007). Fewer than `SAMPLED_SUBJECTS`: that is all of them.
    """
    found = {value[:HASH_DIGITS] for _, hashes in activity.subjects for value in hashes}
    return sorted(found)[:SAMPLED_SUBJECTS]
