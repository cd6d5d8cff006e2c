"""The records that travel through StreamGuard's rooms.

Frozen values, no behaviour beyond what one record can say of itself, no knowledge of any room.
All times are event time in milliseconds since 1970-01-01 UTC.

    bytes of a Kafka record
        -> RawRecord -> (Activity | Ignored | Rejected)       sources
        -> Activity  -> Exposure                              exposure
        -> Exposure  -> Finding                               baseline, detect, findings

What people decide travels the same way, so that detection stays a function of one log:

        -> RawRecord -> (AnalystVerdict | Approval | Rejected)  feedback
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec


class Origin(NamedTuple):
    """Where a record stood in the customer's log: the identity that makes replays recognisable.

    ``epoch`` tells topics of the same name apart: one that was deleted and created anew has offsets that say nothing
    about those of its predecessor. ``index`` is the place inside one Kafka record that carries several audit records.
    Origins of one topic, partition and epoch are ordered by (offset, index).
    """

    topic: str
    partition: int
    epoch: int
    offset: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here

    @property
    def position(self) -> tuple[int, int]:
        """The part of an origin that grows along one log."""
        return (self.offset, self.index)

    @property
    def log(self) -> str:
        """The part of an origin that names the log."""
        return f"{self.topic}/{self.partition}/{self.epoch}"

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.epoch}:{self.offset}.{self.index}"


class RawRecord(NamedTuple):
    """One Kafka record (or one line of a file) as it came, before anything is known of it."""

    topic: str
    partition: int
    epoch: int
    offset: int
    timestamp_ms: int | None
    """The broker's or producer's time of the record; None for files. The only clock that sources may consult."""
    value: bytes


class RowsQuality(StrEnum):
    """What a row count is worth. Zero is often a lie, so the count is nullable and says why."""

    EXACT = "exact"
    PRODUCED = "produced"
    AFFECTED = "affected"
    ESTIMATE = "estimate"
    LOWER_BOUND = "lower_bound"
    UNKNOWN = "unknown"
    """The log cannot say; at most the size of the tables."""
    UNBOUNDED = "unbounded"
    """Rows left without being counted (COPY, cursor, failed read), up to the size of the tables."""


Sealed: TypeAlias = bytes
"""What `streamguard.sealing` makes. It needs a name because `Activity` has a field called ``bytes``."""


class Activity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One statement that somebody ran on a database, in the terms of OCSF Datastore Activity (6005).

    ``tables`` are lower-case ``schema.table`` where the log names the schema, else as the statement names them.
    ``columns`` are ``table.column``, ``table.*`` or, where the table is ambiguous, ``column`` or ``*``;
    they are complete only if ``columns_known``. Only columns whose values leave in the result count; those that merely
    decide which rows leave stand in ``filters``.
    ``statement`` is normalised: it holds no literals. Literals that identify a data subject leave in ``subjects``, as
    keyed hashes; neutral ones that say how far an export reaches in ``scope``, ``rows_at_most`` and ``slice``.
    """

    origin: Origin
    time_ms: int
    time_borrowed: bool = False
    """Whether the log's own time cannot be true (clients may set it), so that Kafka's stands in its place: when the
    record was shipped. It places the statement, and says nothing of how much time has passed in the log."""
    source: str
    """The adapter that read it, such as ``postgresql.jsonlog``."""
    user: str
    """The database principal, as logged."""
    statement_key: str
    """Equal for all records of one statement, different between statements: what merging goes by."""
    complete: bool = False
    """True where the source writes one record a statement, so that no merging needs to wait."""
    instance: str | None = None
    database: str | None = None
    client: str | None = None
    application: str | None = None
    session: str | None = None
    proxy_user: str | None = None
    """Who logged in, where the log tells it apart from the account that the statement ran as."""
    query_tag: str | None = None
    """The label that the client put on its statements. It and ``comment`` end in the exposure room: see there."""
    comment: str | None = None
    """First comment of the text, at most 200 characters: tools write there for whom they work."""
    verb: str = "UNKNOWN"
    export: str | None = None
    """Kind of export verb that moves data out uncounted: copy_to, cursor, unload, outfile, ... ; else None."""
    statement: str | None = None
    fingerprint: str | None = None
    """16 hexadecimal digits, equal for statements that differ in literals only."""
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    columns_known: bool = False
    filters: tuple[str, ...] = ()
    """Columns that only decide which rows leave, written like ``columns``: their result tells who belongs."""
    subjects: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(column, keyed hashes of the values it was compared with), of columns that identify people."""
    scope: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(column, values it was compared with), of neutral columns such as a country code."""
    rows_at_most: int | None = None
    """The largest number of rows that the text allows (LIMIT, TOP, FETCH n)."""
    slice: tuple[str, str] | None = None
    """(where the piece that the statement takes of a larger whole begins, where the next piece would begin).
    ("m", "m+n") of LIMIT n OFFSET m; keyed hashes, marked by a ``#``, of (first id, last id + 1) of a range of ids. In
    a scan statements of one fingerprint each begin where the one before said that the next would."""
    sealed: Sealed | None = None
    """The complete text, sealed for whoever resolves incidents (`streamguard.sealing`); None: it is not kept."""
    rows: int | None = None
    rows_quality: RowsQuality = RowsQuality.UNKNOWN
    bytes: int | None = None
    duration_ms: float | None = None
    error: str | None = None
    """SQLSTATE or the like when the statement failed."""
    part: str | None = None
    """Which kind of record this is, where a source writes several of one statement (``plan``, ``duration``, ...)
    that need not all come: a statement takes one of each kind. None: a kind that may repeat."""
    records: int = 1
    """How many audit records were merged into this activity."""
    produced_ms: int | None = None
    """Kafka time of the newest record merged in: for latency and for whose login it was; never for detection."""


class Ignored(msgspec.Struct, frozen=True, gc=False):
    """A record that was understood and is no statement of interest (a connection line, a foreign-key check)."""

    origin: Origin
    reason: str
    """A stable snake_case word: it is a metric label."""


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A record that could not be understood: it goes to the dead-letter topic with its reason and place."""

    origin: Origin
    reason: str
    """A stable snake_case word: it is a metric label."""
    detail: str = ""
    """One sentence for people. Never holds values of the record."""


Outcome: TypeAlias = Activity | Ignored | Rejected


class Verdict(StrEnum):
    """What can be said of one category of personal data in one statement."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    CANNOT_TELL = "cannot_tell"


class Account(StrEnum):
    """What kind of account an activity came from."""

    HUMAN = "human"
    SERVICE = "service"
    UNKNOWN = "unknown"
    """A login that maps to nobody: its own employee, flagged."""


class Exposure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An activity seen with the catalogue and the directory: whose hands, which personal data, how much.

    ``categories`` holds a verdict for every category that the catalogue knows in the tables touched
    (GDPR terms: ``email_address``, ``phone_number``, ...); it is empty when no personal data was in reach.
    """

    activity: Activity
    employee: str
    """Employee id of the directory, ``login:<user>`` of a login that maps to nobody, or ``service:<login>`` of a shared
    account behind which nobody was found."""
    account: Account
    peer_group: str
    shard: str
    """``<peer group>/<n>``: key of the activity topic; everybody compared with each other shares it."""
    utc_offset_minutes: int = 0
    """The employee's local time minus UTC at ``activity.time_ms``."""
    categories: dict[str, Verdict] = {}
    membership: tuple[str, ...] = ()
    """Categories that decided which rows left, whether or not their values did: who is in the result shares them.
    Only special categories (health, religion, ...; Articles 9 and 10 of the GDPR) make it personal by themselves."""
    sensitivity: int = 0
    """Highest sensitivity of the categories seen or in doubt: 0 none, 1 low, 2 medium, 3 high."""
    regions: tuple[str, ...] = ()
    """Regions of the data subjects: the catalogue's constants, and those that the statement names; empty: unknown."""
    subjects_at_most: int | None = None
    """The bound of uncounted rows: the size of the largest table with personal data in reach, or what the text allows
    if that is less."""
    honey: bool = False
    """Whether the statement touched a record that was planted to be touched by nobody."""

    @property
    def origin(self) -> Origin:
        """Where the activity stood in the customer's log."""
        return self.activity.origin

    @property
    def is_personal(self) -> bool:
        """Whether personal data was, or may have been, exposed."""
        # It is that of what was seen or in doubt, and of special categories that decided who is in the result.
        return self.sensitivity > 0

    @property
    def is_step(self) -> bool:
        """Whether it tells how far a cursor was read, or which cursor has a name from then on, and exposes nothing."""
        return self.sensitivity <= 0 and self.activity.verb in STEPS


STEPS: Final = frozenset({"DECLARE CURSOR", "FETCH", "MOVE"})
"""Verbs of the steps of cursors."""


class VerdictId(IntEnum):
    """What an analyst says of a finding: OCSF's ``verdict_id``."""

    UNKNOWN = 0
    FALSE_POSITIVE = 1
    TRUE_POSITIVE = 2
    DISREGARD = 3
    SUSPICIOUS = 4
    BENIGN = 5
    TEST = 6
    INSUFFICIENT_DATA = 7
    SECURITY_RISK = 8
    MANAGED_EXTERNALLY = 9
    DUPLICATE = 10
    OTHER = 99


class AnalystVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="verdict"):
    """What an analyst said of a finding. The last verdict of a finding counts."""

    origin: Origin
    shard: str
    """One of those it concerns: the one that made the finding, and the one where the employee is now."""
    time_ms: int
    """When it was given."""
    finding_uid: str
    employee: str
    verdict: VerdictId
    author: str
    expires_ms: int | None = None
    """Until when it holds; None: for good."""


class Approval(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="approval"):
    """A planned export: statements that are counted and shown, but not judged. The last approval of an id counts.

    It holds for statements at or after ``from_ms`` and before ``expires_ms``, by event time. What is None is any.
    """

    origin: Origin
    shard: str
    """One of those it concerns: an approval of a peer group goes to each of the group's."""
    id: str
    author: str
    employee: str | None = None
    """Whose statements; this or ``group`` is given."""
    group: str | None = None
    """Peer group whose statements."""
    fingerprint: str | None = None
    """Of which shape (`Activity.fingerprint`)."""
    rows_at_most: int | None = None
    """Rows that an employee may take by it in a behavioural day."""
    from_ms: int
    expires_ms: int
    revoked: bool = False
    """Whether it was taken back: it holds no longer, whatever the rest says."""


class Departure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="departure"):
    """The directory moved an employee to another peer shard: the old one shall hand over what it knows."""

    origin: Origin
    """Of the change."""
    shard: str
    """The old one."""
    employee: str
    to_shard: str
    after: tuple[int, int] | None = None
    """Position of the move that brought the employee to the old shard: what that handed over must have come first."""


class Handover(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="handover"):
    """What one peer shard knows of an employee who now belongs to another."""

    origin: Origin
    shard: str
    """To whom it goes."""
    employee: str
    state: bytes
    """Of the employee, as the old shard's detector encoded it; empty: the old shard knew nothing."""


Steering: TypeAlias = AnalystVerdict | Approval | Departure | Handover
"""What steers detection: it travels on the activity topic, among the exposures."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One explained outlier: the OCSF Detection Finding (2004) and what routing needs of it."""

    uid: str
    """Deterministic: a hash of employee, detector version, window and origin. An update carries the same uid."""
    employee: str
    severity: str
    """OCSF severity name in lower case: informational, low, medium, high, critical."""
    detectors: tuple[str, ...]
    """Names of the detectors that contributed, strongest first."""
    time_ms: int
    produced_ms: int | None
    """Kafka time of the newest record behind it; for latency only."""
    ocsf: dict[str, Any]
    """The whole event, ready for ``orjson.dumps(..., option=OPT_SORT_KEYS)``."""
