"""What steers detection: verdicts, approvals, honey, another role."""

from __future__ import annotations

import pytest
from unit.detect.small_company import ROLES, at, exposure, merged, ordinary

from streamguard.activity import AnalystVerdict, Approval, Handover, Origin, VerdictId
from streamguard.detect import Decider, DetectConfig

CONFIG = DetectConfig(warmup_days=4)
HISTORY = ordinary(ROLES[0]._replace(people=8, statements=12.0), 5, 14)
WHO = "support.01"


def fresh():
    decider, store = Decider(CONFIG, {}.get), {}
    for one in HISTORY:
        decider.observe(one)
    store.update(decider.drain())
    return store


STORE = fresh()


def restarted(decider, store):
    store.update(decider.drain())
    return Decider(CONFIG, store.get)


class Shard:
    """A detector that is thrown away and restored after every record."""

    def __init__(self):
        self.store = dict(STORE)
        self.decider = Decider(CONFIG, self.store.get)

    def observe(self, *args, **changes):
        found = self.decider.observe(exposure(*args, **changes))
        self.decider = restarted(self.decider, self.store)
        return found

    def steer(self, record):
        self.decider.steer(record)
        self.decider = restarted(self.decider, self.store)

    @property
    def memory(self):
        return self.decider.memory.peek(WHO)


def verdict(uid, word, *, employee=WHO, **changes):
    fields = {"origin": Origin("feedback", 0, 0, 1, 0), "shard": "support/0", "author": "ann", "time_ms": at(16, 8)}
    return AnalystVerdict(finding_uid=uid, employee=employee, verdict=word, **fields, **changes)


def approval(**changes):
    fields = {"origin": Origin("feedback", 0, 0, 1, 0), "shard": "support/0", "id": "CHG-1", "author": "ann"}
    return Approval(**{"employee": WHO, "from_ms": at(14, 0), "expires_ms": at(20, 0), **fields, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"employee": None, "group": "support"},
        {"fingerprint": "00112233445566aa"},
        {"rows_at_most": 90_000},
    ],
)
def test_an_approved_export_is_counted_and_not_judged(changes):
    shard = Shard()
    shard.steer(approval(**changes))
    assert shard.observe(WHO, at(14, 9), 90_000) is None
    notes = shard.memory.notes
    assert (notes.approved_statements, notes.approved_rows, notes.statements, notes.rows) == (1, 90_000, 0, 0)
    assert shard.decider.strangeness(WHO) == 0.0
    shown = shard.observe(WHO, at(14, 10), 50_000, fingerprint="ff", tables=("public.x",))
    if changes.get("fingerprint") or changes.get("rows_at_most"):
        assert (shown.day.approved_rows, shown.day.rows) == (90_000, 50_000)


@pytest.mark.parametrize(
    "changes",
    [
        {"employee": "support.02"},
        {"employee": None, "group": "sales"},
        {"fingerprint": "ff"},
        {"from_ms": at(15, 0)},
        {"expires_ms": at(14, 8)},
        {"rows_at_most": 89_999},
        {"revoked": True},
    ],
)
def test_what_an_approval_does_not_cover_is_judged(changes):
    shard = Shard()
    shard.steer(approval())
    shard.steer(approval(**changes))
    assert shard.observe(WHO, at(14, 9), 90_000) is not None


def test_an_approval_covers_so_many_rows_an_employee_and_day():
    shard = Shard()
    shard.steer(approval(rows_at_most=100_000))
    assert shard.observe(WHO, at(14, 9), 60_000) is None
    assert shard.observe(WHO, at(14, 10), 60_000) is not None
    assert shard.observe(WHO, at(15, 10), 60_000) is None


def test_an_uncounted_export_is_covered_as_far_as_all_in_reach_would_be():
    for reach, covered in ((90_000, True), (110_000, False), (None, False)):
        shard = Shard()
        shard.steer(approval(rows_at_most=100_000))
        found = shard.observe(WHO, at(14, 9), None, export="copy_to", subjects_at_most=reach)
        assert (found is None) == covered


def test_honey_is_a_finding_at_once_approved_or_not_even_in_the_warm_up():
    shard = Shard()
    shard.steer(approval())
    decision = shard.observe(WHO, at(14, 9), 1, honey=True)
    assert decision.channels[0].name == "honey"
    assert decision.channels[0].percent == 100
    new = Decider(CONFIG, {}.get)
    assert new.observe(exposure("a", at(0, 9), 1, honey=True)) is not None
    assert new.observe(exposure("a", at(0, 10), 1)) is None


def export_on(shard, *days, rows=20_000):
    return [shard.observe(WHO, at(day, 10), rows, offset=10**6 + day) for day in days]


def test_a_benign_day_is_learned_at_once():
    silent, told = Shard(), Shard()
    for shard in (silent, told):
        export_on(shard, 14)
    told.steer(verdict(told.memory.case.uid.hex(), VerdictId.BENIGN))
    for shard in (silent, told):
        export_on(shard, 15, rows=2)
    assert told.memory.volumes[1].level.mean > silent.memory.volumes[1].level.mean + 0.1
    assert told.memory.habits.weight > silent.memory.habits.weight
    for shard in (silent, told):
        export_on(shard, 18)
    assert told.decider.strangeness(WHO) < 0.7 * silent.decider.strangeness(WHO)


def test_a_verdict_on_a_day_that_was_closed_meanwhile_learns_it_late():
    shard = Shard()
    (decision,) = export_on(shard, 14)
    export_on(shard, 15, rows=2)
    assert len(shard.memory.held) == 1
    before = shard.memory.volumes[1].level.mean
    shard.steer(verdict(decision.uid, VerdictId.FALSE_POSITIVE))
    assert shard.memory.volumes[1].level.mean > before + 0.1
    assert shard.memory.held == []


def test_benign_begins_the_sums_anew_and_accepts_what_was_new():
    shard = Shard()
    new = {"tables": ("hr.salaries",), "application": "dump-tool"}
    decision = shard.observe(WHO, at(14, 9), 500, **new)
    assert shard.memory.symbols.young
    shard.memory.volumes[1].cusum = 9.0
    shard.decider.memory.employee(WHO)
    shard.steer(verdict(decision.uid, VerdictId.BENIGN))
    assert not shard.memory.symbols.young
    assert shard.memory.volumes[1].cusum == 0.0
    shard.observe(WHO, at(15, 9), 5, **new)
    assert shard.decider.surprises(WHO)["novelty"] == 0.0


def test_what_is_hostile_is_never_learned_and_what_was_new_stays_new():
    shard = Shard()
    new = {"tables": ("hr.salaries",)}
    decision = shard.observe(WHO, at(14, 9), 20_000, **new)
    before = shard.memory.volumes[1].level.numbers()
    shard.steer(verdict(decision.uid, VerdictId.TRUE_POSITIVE))
    export_on(shard, *range(15, 17))
    assert shard.memory.volumes[1].level.numbers() == before
    assert shard.memory.quarantined == 0
    shard.observe(WHO, at(16, 11), 5, **new)
    assert shard.decider.surprises(WHO)["novelty"] > 4.0


def test_silence_costs_nothing_and_a_new_level_is_accepted_after_the_quarantine():
    shard = Shard()
    export_on(shard, *range(14, 21))
    assert shard.memory.volumes[1].level.mean > 9.0
    assert shard.decider.strangeness(WHO) < 2.3


@pytest.mark.parametrize(
    "record",
    [
        verdict("ff" * 16, VerdictId.BENIGN),
        verdict("no uid", VerdictId.TRUE_POSITIVE),
        verdict("ff" * 16, VerdictId.BENIGN, employee="nobody"),
        verdict("ff" * 16, VerdictId.DUPLICATE),
    ],
)
def test_a_verdict_on_nothing_known_changes_nothing(record):
    shard = Shard()
    export_on(shard, 14)
    before = dict(shard.store)
    shard.steer(record)
    shard.decider.drain()
    assert shard.store == before


def test_a_verdict_that_ended_says_nothing():
    shard = Shard()
    (decision,) = export_on(shard, 14)
    shard.steer(verdict(decision.uid, VerdictId.BENIGN, expires_ms=at(14, 9)))
    assert not shard.memory.ruling


def sales_desk():
    return Decider(CONFIG, {}.get)


def move(state, shard):
    return Handover(origin=Origin("identities/x", 0, 0, 5, 0), shard=shard, employee=WHO, state=state)


def test_another_role_forgets_the_level_and_keeps_what_was_used_before():
    old = Decider(CONFIG, dict(STORE).get)
    new = sales_desk()
    new.steer(move(old.hand_over(WHO), "sales/0"))
    before = old.memory.peek(WHO)
    new.observe(exposure(WHO, at(16, 9), 3, group="sales"))
    memory = new.memory.peek(WHO)
    assert memory.volumes[1].level.effective_days < 2.0 < before.volumes[1].level.effective_days
    assert memory.habits.tenure == 0
    assert memory.habits.weight * memory.habits.fading < 0.11 * before.habits.days
    assert memory.signs.is_news == 0


def test_another_shard_of_the_same_group_goes_on_as_if_nothing_happened():
    old, new = Decider(CONFIG, dict(STORE).get), sales_desk()
    new.steer(move(old.hand_over(WHO), "support/1"))
    one = exposure(WHO, at(16, 9), 3)
    old.observe(one)
    new.observe(one)
    assert new.memory.peek(WHO).volumes[1].level.numbers() == old.memory.peek(WHO).volumes[1].level.numbers()
    assert new.memory.peek(WHO).habits.tenure == old.memory.peek(WHO).habits.tenure


@pytest.mark.parametrize("group", ["support", "sales"])
def test_what_was_seen_before_the_history_arrived_stays(group):
    old, new = Decider(CONFIG, dict(STORE).get), sales_desk()
    store = {}
    new.observe(exposure(WHO, at(16, 9), 700, group=group))
    new.steer(move(old.hand_over(WHO), f"{group}/1"))
    new = restarted(new, store)
    memory = new.memory.peek(WHO)
    assert memory.notes.rows == 700
    new.observe(exposure(WHO, at(17, 9), 3, group=group))
    known = new.memory.peek(WHO).volumes[1].level.effective_days
    assert (known > 3.0) == (group == "support")


def test_nobody_is_handed_over_who_was_never_seen():
    assert sales_desk().hand_over("nobody") is None


def test_steering_in_between_changes_no_byte_of_what_a_restart_gives():
    records = [exposure(WHO, at(14, 9), 20_000), exposure(WHO, at(14, 10), 500, tables=("hr.x",))]
    stream = merged(ordinary(ROLES[0]._replace(people=3, statements=4.0), 6, 4), [])
    stream = [exposure(one.employee, one.activity.time_ms + at(15, 0) - at(0, 0), one.activity.rows) for one in stream]
    straight, store = Decider(CONFIG, dict(STORE).get), dict(STORE)
    cut = Decider(CONFIG, store.get)
    for one in records:
        straight.observe(one)
        cut.observe(one)
    uid = straight.memory.peek(WHO).case.uid.hex()
    for steering in (verdict(uid, VerdictId.BENIGN), approval(rows_at_most=50), verdict(uid, VerdictId.SUSPICIOUS)):
        straight.steer(steering)
        cut.steer(steering)
        cut = restarted(cut, store)
        for one in stream[:20]:
            assert straight.observe(one) == cut.observe(one)
            cut = restarted(cut, store)
        stream = stream[20:]
    after = dict(STORE) | dict(straight.drain())
    assert after == store
