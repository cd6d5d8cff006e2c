"""Exposures for tests of the ledger: any, by hypothesis; and some of an ordinary company."""

from __future__ import annotations

import random
from hashlib import blake2b

from hypothesis import strategies as st
from msgspec.structs import replace

from streamguard.activity import Account, Activity, Exposure, Origin, RowsQuality, Verdict
from streamguard.ledger import Block, LedgerStore, Span
from streamguard.ledger.rows import DAY_MS

START_MS = 1_790_000_000_000 // DAY_MS * DAY_MS
EVER = Span(-(1 << 62), 1 << 62)
DEFAULTS = {
    "statement_key": "",
    "complete": False,
    "query_tag": None,
    "comment": None,
    "duration_ms": None,
    "part": None,
    "records": 1,
}
"""What is left of the fields that the ledger forgets."""

_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_maybe = st.none() | _words
_some = st.lists(_words, max_size=3).map(tuple)
_hashes = st.lists(st.binary(min_size=16, max_size=16).map(bytes.hex), max_size=3).map(tuple)
_counts = st.none() | st.integers(0, 2**63 - 1)
_offsets = st.integers(0, 2**40)

activities = st.builds(
    Activity,
    origin=st.builds(Origin, _words, st.integers(0, 99), _offsets, _offsets, st.integers(0, 9_999)),
    time_ms=st.integers(0, 4_000_000_000_000),
    time_borrowed=st.booleans(),
    source=_words,
    user=_words,
    statement_key=_words,
    complete=st.booleans(),
    instance=_maybe,
    database=_maybe,
    client=_maybe,
    application=_maybe,
    session=_maybe,
    proxy_user=_maybe,
    verb=_words,
    export=_maybe,
    statement=_maybe,
    fingerprint=_maybe,
    tables=_some,
    columns=_some,
    columns_known=st.booleans(),
    filters=_some,
    # Hashes as the sources make them, and anything else that a later version might.
    subjects=st.lists(st.tuples(_words, _hashes | _some), max_size=3).map(tuple),
    scope=st.lists(st.tuples(_words, _some), max_size=2).map(tuple),
    rows_at_most=_counts,
    slice=st.none() | st.tuples(_words, _words),
    sealed=st.none() | st.binary(max_size=9),
    rows=_counts,
    rows_quality=st.sampled_from(RowsQuality),
    bytes=_counts,
    duration_ms=st.none() | st.floats(0, 1e9),
    error=_maybe,
    part=_maybe,
    records=st.integers(1, 9),
    produced_ms=st.none() | st.integers(0, 4_000_000_000_000),
)
exposures = st.builds(
    Exposure,
    activity=activities,
    employee=_words,
    account=st.sampled_from(Account),
    peer_group=_words,
    shard=_words,
    utc_offset_minutes=st.integers(-900, 900),
    categories=st.dictionaries(_words, st.sampled_from(Verdict), max_size=3),
    membership=_some,
    sensitivity=st.integers(1, 3),
    regions=_some,
    subjects_at_most=_counts,
    honey=st.booleans(),
)


def kept(exposure: Exposure) -> Exposure:
    """Return what the ledger keeps of an exposure."""
    return replace(exposure, activity=replace(exposure.activity, **DEFAULTS))


def history(count: int, days: int = 4, seed: int = 1) -> list[Exposure]:
    """Return exposures of a small company in the order of one log, each with an origin and some in the same moment."""
    rolls = random.Random(seed)
    return [_exposure(rolls, offset, START_MS + offset * days * DAY_MS // count) for offset in range(count)]


def _exposure(rolls: random.Random, offset: int, time_ms: int) -> Exposure:
    employee = rolls.choice(["anna", "bob", "carla"])
    rows = rolls.choice([None, 1, 40])
    seen = rolls.choice(["email_address", "phone_number"])
    activity = Activity(
        # Late now and then, and several in one second.
        time_ms=(time_ms - rolls.choice([0, 0, 0, 20_000_000])) // 1000 * 1000,
        origin=Origin("audit", offset % 3, 7, offset // 3, 0),
        source="postgresql.jsonlog",
        user=f"{employee}_db",
        client="10.0.0.7",
        session="6aa7.1",
        statement_key=str(offset),
        statement=f"select {seen} from customers where id = ?",
        fingerprint=f"{seen:0>16.16}",
        tables=("public.customers",),
        subjects=(("customers.id", (blake2b(str(rolls.randrange(50)).encode(), digest_size=16).hexdigest(),)),),
        rows=rows,
        rows_quality=RowsQuality.UNKNOWN if rows is None else RowsQuality.EXACT,
    )
    return Exposure(
        activity=activity,
        employee=employee,
        account=Account.HUMAN,
        peer_group="support",
        shard="support/0",
        categories={seen: Verdict.SEEN, "name": rolls.choice([Verdict.CANNOT_TELL, Verdict.NOT_SEEN])},
        sensitivity=2,
        regions=rolls.choice([(), ("DE",), ("DE", "FR")]),
    )


def block_of(some: list[Exposure]) -> Block:
    return Block(max((one.activity.time_ms for one in some), default=START_MS), some)


def in_order(some: list[Exposure]) -> list[Exposure]:
    """Return what a ledger must hold of exposures, in its order."""
    each = {one.origin: kept(one) for one in reversed(some)}
    return sorted(each.values(), key=lambda one: (one.activity.time_ms, one.origin))


def content(directory) -> list[Exposure]:
    return list(LedgerStore(directory, threads=1).exposures(EVER))
