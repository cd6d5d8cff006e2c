"""One record of the feedback topic: JSON, keyed by what it is about, so that compaction keeps the last word on it.

::

    key 5f0c...   {"type": "verdict", "finding_uid": "5f0c...", "verdict_id": 1, "employee": "alice.smith",
                   "shard": "support/0", "author": "ann"}
    key CHG-4711  {"type": "approval", "id": "CHG-4711", "author": "ann", "group": "finance",
                   "fingerprint": "6c1f2a90d4e85b37", "rows_at_most": 50000,
                   "from_ms": 1790000000000, "expires_ms": 1790600000000}
    key w-31b0..  {"type": "incident", "id": "w-31b0...", "incident": "inc-9c41...", "author": "ann", "status": 2,
                   "verdict_id": 2, "assignee": "ann", "comment": "called him",
                   "findings": [{"uid": "5f0c...", "employee": "alice.smith", "shard": "support/0"}]}

An approval is taken back by writing it once more with ``"revoked": true``. What is said of an incident has an id of its
own, so that compaction keeps all of it: each is a part of the incident's history.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from streamguard.activity import VerdictId

MAX_VALUE_BYTES: Final = 64 * 1024
MAX_FINDINGS: Final = 200
"""Of one incident that one record is about; who means more of them says it several times."""
PART_MARK: Final = "#"
"""Between the id of what is said several times and the number of a further part."""

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Moment: TypeAlias = Annotated[int, Meta(ge=0, lt=1 << 53)]
Shard: TypeAlias = Annotated[str, Meta(pattern=r"^[^/\n\r\t]{1,200}/[0-9]{1,6}$")]
Fingerprint: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")]


class GivenVerdict(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag="verdict"
):
    """What an analyst says of a finding."""

    finding_uid: Name
    verdict_id: VerdictId
    employee: Name
    """Of the finding."""
    shard: Shard
    """Of the finding."""
    author: Name
    expires_ms: Moment | None = None

    @property
    def key(self) -> str:
        """What the record is about."""
        return self.finding_uid


class GivenApproval(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag="approval"
):
    """A planned export: whose, of which shape, how many rows, how long; and whether it was taken back."""

    id: Name
    author: Name
    employee: Name | None = None
    group: Name | None = None
    fingerprint: Fingerprint | None = None
    rows_at_most: Annotated[int, Meta(ge=1, lt=1 << 53)] | None = None
    from_ms: Moment
    expires_ms: Moment
    revoked: bool = False

    @property
    def key(self) -> str:
        """What the record is about."""
        return self.id


class GivenFinding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A finding of an incident: where a verdict on it must go."""

    uid: Name
    employee: Name
    shard: Shard


class GivenIncident(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag="incident"
):
    """What a person says of an incident: status, verdict, whose it is, a comment; at least one of them."""

    id: Name
    """Of these words: the same id again says nothing new."""
    incident: Name
    author: Name
    status: Annotated[int, Meta(ge=1, le=5)] | None = None
    """OCSF's ``status_id`` of an Incident Finding."""
    verdict_id: VerdictId | None = None
    """Also said of each of the findings."""
    assignee: Annotated[str, Meta(max_length=200)] | None = None
    """Empty: nobody any more."""
    comment: Annotated[str, Meta(min_length=1, max_length=4000)] | None = None
    findings: Annotated[tuple[GivenFinding, ...], Meta(min_length=1, max_length=MAX_FINDINGS)]
    """Those that the incident had when the person looked at it: what is said of it is said of them."""

    @property
    def key(self) -> str:
        """What the record is about."""
        return self.id


Given: TypeAlias = GivenVerdict | GivenApproval | GivenIncident


class FeedbackReason(StrEnum):
    """Why a record is of no use; a metric label."""

    NOT_JSON = "feedback_not_json"
    TOO_LARGE = "feedback_too_large"
    MEMBERS = "feedback_members"
    OTHER_KEY = "feedback_of_another_key"
    EMPLOYEE = "feedback_unknown_employee"
    GROUP = "feedback_unknown_group"
    INCIDENT = "feedback_unknown_incident"


class Wrong(NamedTuple):
    """A record that cannot be used; ``detail`` holds no values of it."""

    reason: FeedbackReason
    detail: str


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Given).decode
_MEMBER: Final = re.compile(r"(?:`\$\.|required field `)([a-z_]+)")
_MEMBERS: Final = frozenset(
    {"type", *(name for kind in (GivenVerdict, GivenApproval, GivenIncident) for name in kind.__struct_fields__)}
)


def read_given(key: bytes | None, value: bytes) -> Given | Wrong:
    """Read one record. Never raises."""
    if len(value) > MAX_VALUE_BYTES:
        return Wrong(FeedbackReason.TOO_LARGE, f"The value is larger than {MAX_VALUE_BYTES} bytes.")
    try:
        given: Given = _decode(value)
    except msgspec.ValidationError as error:
        return _wrong(str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Wrong(FeedbackReason.NOT_JSON, "The value must be a JSON object; to take an approval back, revoke it.")
    if key != given.key.encode("utf-8", "surrogatepass"):
        return Wrong(FeedbackReason.OTHER_KEY, "The key must be the finding's uid, or the id.")
    if isinstance(given, GivenApproval):
        return _consistent(given)
    return _not_empty(given) if isinstance(given, GivenIncident) else given


def write_given(given: Given) -> tuple[bytes, bytes]:
    """Return key and value of the record: always the same bytes."""
    return given.key.encode(), _encode(given)


def _consistent(given: GivenApproval) -> GivenApproval | Wrong:
    if (given.employee is None) == (given.group is None):
        return Wrong(FeedbackReason.MEMBERS, "An approval is for an employee or for a group.")
    if given.expires_ms <= given.from_ms:
        return Wrong(FeedbackReason.MEMBERS, "An approval ends (expires_ms) after it begins (from_ms).")
    return given


def _not_empty(given: GivenIncident) -> GivenIncident | Wrong:
    if all(word is None for word in (given.status, given.verdict_id, given.assignee, given.comment)):
        return Wrong(FeedbackReason.MEMBERS, "Nothing is said: give a status, a verdict, an assignee or a comment.")
    return given


def _wrong(message: str) -> Wrong:
    """Return what is wrong, without repeating a value."""
    found = _MEMBER.search(message)
    name = found[1] if found is not None and found[1] in _MEMBERS else "a member that it does not have"
    return Wrong(FeedbackReason.MEMBERS, f"Wrong or missing: {name}.")
