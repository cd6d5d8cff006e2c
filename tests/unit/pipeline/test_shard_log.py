"""One activity partition, judged by the real detectors: replays are recognised, restarts change no byte."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.activity import (
    Account,
    Activity,
    AnalystVerdict,
    Approval,
    Departure,
    Exposure,
    Origin,
    RowsQuality,
    Verdict,
    VerdictId,
)
from streamguard.detect import DetectConfig
from streamguard.pipeline import ShardLog

HOUR_MS = 3_600_000
CONFIG = DetectConfig(warmup_days=5)


def exposure(number, *, time_ms, employee, rows, shard="support/0", partition=0, epoch=0):
    activity = Activity(
        origin=Origin("audit", partition, epoch, number, 0),
        time_ms=time_ms,
        source="test",
        user=employee,
        statement_key=str(number),
        rows=rows,
        rows_quality=RowsQuality.EXACT,
        tables=("crm.customers",),
        columns=("crm.customers.email",),
        columns_known=True,
    )
    return Exposure(
        activity=activity,
        employee=employee,
        account=Account.HUMAN,
        peer_group=shard.partition("/")[0],
        shard=shard,
        categories={"email_address": Verdict.SEEN},
        sensitivity=2,
    )


def company():
    """Return 14 days of two shards with five people each; on the last day one of them takes everything."""
    rng = random.Random(1)
    out = []
    for day in range(14):
        for hour in (9, 11, 14, 16):
            for person in range(10):
                rows = 50_000 if (day, person) == (13, 3) else rng.randrange(1, 60)
                time_ms = 1_790_000_000_000 + (24 * day + hour) * HOUR_MS + rng.randrange(HOUR_MS)
                shard = "support/0" if person < 5 else "sales/0"
                made = exposure(len(out), time_ms=time_ms, employee=f"p{person}", rows=rows, shard=shard)
                out.append(made)
    return out


COMPANY = company()


@dataclass
class Worker:
    """Judges, stores, and may be replaced after any store."""

    entries: dict = field(default_factory=dict)
    findings: dict = field(default_factory=dict)

    def __post_init__(self):
        self.restart()

    def restart(self):
        self.log = ShardLog(CONFIG, dict(self.entries).get)

    def step(self, exposures):
        step = self.log.step(exposures)
        for finding in step.findings:
            assert self.findings.setdefault((finding.uid, finding.time_ms), finding.ocsf) == finding.ocsf
        return step

    def store(self):
        for key, value in self.log.drain():
            self.entries[key] = value


def undisturbed():
    worker = Worker()
    worker.step(COMPANY)
    worker.store()
    return worker


WHOLE = undisturbed()


def test_the_leak_is_found_and_only_it():
    assert {finding["unmapped"]["employee"] for finding in WHOLE.findings.values()} == {"p3"}
    assert len({uid for uid, _ in WHOLE.findings}) == 1, "the dump goes on after the day's end: an update, one finding"


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 200),  # exposures until a store
            st.sampled_from(["stored", "stored", "lost", "delivered again"]),
        ),
        max_size=12,
    )
)
def test_restarts_and_replays_change_no_byte(happenings):
    worker, at = Worker(), 0
    happenings = iter(happenings)
    while at < len(COMPANY):
        count, what = next(happenings, (len(COMPANY), "stored"))
        worker.step(COMPANY[at : at + count])
        if what == "lost":
            worker.restart()  # a crash before the flush: judged again, with the same findings
            continue
        worker.store()
        worker.restart()
        if what == "stored":
            at += count
        # else: a crash between the flush and the commit: the same exposures come again
    worker.step(COMPANY)
    worker.store()
    assert worker.entries == WHOLE.entries
    assert worker.findings == WHOLE.findings


def departure(employee, offset, shard, to_shard, *, index=0, after=None, epoch=0):
    origin = Origin("identities", 0, epoch, offset, index)
    return Departure(origin=origin, shard=shard, employee=employee, to_shard=to_shard, after=after)


def moved(where, log):
    """Return a log in which p1 moves from support to sales, with feedback around it, and what it hands over.

    Whatever the old shard hands over lands a little later in the new shard's log.
    """
    (day,) = {e.activity.time_ms for e in log[where : where + 1]}
    verdict = AnalystVerdict(
        origin=Origin("feedback", 0, 0, 7, 0),
        shard="support/0",
        time_ms=day,
        finding_uid="f",
        employee="p1",
        verdict=VerdictId.FALSE_POSITIVE,
        author="ann",
    )
    approval = Approval(
        origin=Origin("feedback", 1, 0, 3, 0),
        shard="support/0",
        id="a-1",
        author="ann",
        group="support",
        from_ms=day,
        expires_ms=day + 24 * HOUR_MS,
    )
    departures = [departure(who, 4, "support/0", "sales/0", index=n) for n, who in enumerate(("nobody knows", "p1"))]
    after = [msgspec.structs.replace(e, shard="sales/0") if e.employee == "p1" else e for e in log[where:]]
    before = [verdict, *log[:where], approval, *departures]
    handovers = ShardLog(CONFIG, lambda _: None).step(before).handovers
    return [*before, *after[:30], *handovers, *after[30:]], handovers


MOVED, (NOTHING, HANDOVER) = moved(200, COMPANY)


def test_an_employee_who_moves_takes_along_what_is_usual():
    assert (HANDOVER.shard, HANDOVER.employee) == ("sales/0", "p1")
    assert HANDOVER.origin == Origin("identities/support/0", 0, 0, 4, 1)
    assert (NOTHING.employee, NOTHING.state) == ("nobody knows", b"")
    worker = Worker()
    step = worker.step(MOVED)
    assert step.steered == {"verdict": 1, "approval": 1, "departure": 2, "handover": 2}
    worker.store()
    assert {key for key in worker.entries if key.endswith(b"e:p1")} == {b"support/0\0e:p1", b"sales/0\0e:p1"}
    alone = Worker()
    alone.step([record for record in MOVED if record is not HANDOVER])
    alone.store()
    # Without the handover the new shard knows the days since the move alone.
    known, unknown = (log.entries[b"sales/0\0e:p1"] for log in (worker, alone))
    assert known != unknown
    (again,) = worker.log.step([departure("p1", 9, "sales/0", "dba/0", after=(4, 1))]).handovers
    assert again.state == known


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 150), st.sampled_from(["stored", "lost", "delivered again"])), max_size=12))
def test_restarts_between_feedback_and_moves_change_no_byte(happenings):
    whole = Worker()
    assert whole.step(MOVED).handovers == [NOTHING, HANDOVER]
    whole.store()
    worker, at, handed = Worker(), 0, []
    happenings = iter(happenings)
    while at < len(MOVED):
        count, what = next(happenings, (len(MOVED), "stored"))
        handed += worker.step(MOVED[at : at + count]).handovers
        if what != "lost":
            worker.store()
        worker.restart()
        at += count if what == "stored" else 0
    assert worker.step(MOVED).skipped == len(MOVED)
    assert worker.entries == whole.entries
    assert worker.findings == whole.findings
    # At least once, and always the same.
    assert {handover.employee: handover for handover in handed} == {"p1": HANDOVER, NOTHING.employee: NOTHING}
    assert all(handover in (NOTHING, HANDOVER) for handover in handed)


def test_what_was_judged_is_skipped_and_counted():
    worker = Worker()
    some = COMPANY[:10]
    assert (worker.step(some).judged, worker.step(some).skipped, worker.step(some).judged) == (10, 10, 0)
    worker.store()
    worker.restart()
    assert worker.step(some[:4]).skipped == 4
    assert worker.log.drain() == []


def test_the_order_of_origins_matters_per_log_only():
    def one(offset, **origin):
        return exposure(offset, time_ms=1_790_000_000_000, employee="a", rows=1, **origin)

    worker = Worker()
    step = worker.step([one(5), one(3), one(3, partition=1), one(2, partition=1), one(0, epoch=1), one(6)])
    assert (step.judged, step.skipped, step.recreated) == (4, 2, {"audit"})


def test_shards_do_not_share_what_they_have_seen():
    worker = Worker()
    first, second = COMPANY[0], next(e for e in COMPANY if e.shard != COMPANY[0].shard)
    assert worker.step([second, first]).judged == 2
    worker.store()
    prefixes = {key.split(b"\0")[0] for key in worker.entries}
    assert prefixes == {b"support/0", b"sales/0"}


def test_entries_come_sorted_and_once():
    worker = Worker()
    worker.step(COMPANY[:50])
    keys = [key for key, _ in worker.log.drain()]
    assert keys == sorted(set(keys))
    assert worker.log.drain() == []


def test_who_waited_is_handed_over_after_who_did_not():
    """The order of handovers is that of each employee's moves: no mark may take a late one for a repetition."""
    old, new = Worker(), Worker()
    waits, does_not = departure("a", 5, "b/0", "c/0", after=(4, 0)), departure("z", 6, "b/0", "c/0")
    (first,) = old.step([waits, does_not]).handovers
    (came,) = ShardLog(CONFIG, lambda _: None).step([departure("a", 4, "a/0", "b/0")]).handovers
    (second,) = old.step([came]).handovers
    assert (first.employee, second.employee) == ("z", "a")
    step = new.step([first, second, first, second])
    assert (step.steered, step.skipped) == ({"handover": 2}, 2)
