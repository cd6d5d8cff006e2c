"""One activity partition, judged by the real detectors: replays are recognised, restarts change no byte."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.activity import Account, Activity, Exposure, Origin, RowsQuality, Verdict
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
    assert [finding["unmapped"]["employee"] for finding in WHOLE.findings.values()] == ["p3"]


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
