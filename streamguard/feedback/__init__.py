"""What people say: verdicts on findings, approvals of planned exports, what becomes of incidents; records of a topic.

The contract of this room: the bytes of one record in; out come records for the peer shards that it concerns, or why it
is of no use. Pure, never an exception; the place of a record in its log becomes the origin of what it brings, so that
a repetition is recognised like that of an activity.

    RawRecord -> given.read -> (GivenVerdict | GivenApproval | GivenIncident)
              -> address, by the directory of its time -> (AnalystVerdict | Approval), one per peer shard
"""

from streamguard.feedback.address import feedback_records
from streamguard.feedback.given import (
    MAX_FINDINGS,
    PART_MARK,
    FeedbackReason,
    Given,
    GivenApproval,
    GivenFinding,
    GivenIncident,
    GivenVerdict,
    Wrong,
    read_given,
    write_given,
)

__all__ = [
    "MAX_FINDINGS",
    "PART_MARK",
    "FeedbackReason",
    "Given",
    "GivenApproval",
    "GivenFinding",
    "GivenIncident",
    "GivenVerdict",
    "Wrong",
    "feedback_records",
    "read_given",
    "write_given",
]
