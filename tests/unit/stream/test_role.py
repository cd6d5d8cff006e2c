"""What both roles share: tenures, stale runs, flushing, stalls."""

from __future__ import annotations

import asyncio

import pytest
from stream_fakes import AUDIT, FakeApp, FakeWriter, record, run

from streamguard.metrics import Metrics
from streamguard.stream.delivery import PIECE_BYTES, Run
from streamguard.stream.resume import Resume
from streamguard.stream.role import STALL_SECONDS, CutShortError, Role, StalledError


class Recorder(Role):
    """Takes offsets in and writes them."""

    name = "recorder"

    def __init__(self, **changes):
        super().__init__(FakeApp(), FakeWriter(), Metrics(), **{"flush_seconds": 0.0, "flush_records": 100} | changes)
        self.gathered, self.written, self.begun = [], [], []
        self.gate = asyncio.Event()
        self.gate.set()

    def begin(self, tp, resume):
        self.begun.append((tp, resume.offset))

    def drop(self):
        self.gathered = []

    def take_in(self, tp, records):
        self.gathered += [record.offset for record in records]

    async def write(self):
        taken, self.gathered = self.gathered, []
        await self.gate.wait()
        self.written += taken


@pytest.fixture
async def role():
    return Recorder()


async def begin(role, offset=0, seeks=1):
    role.consumer.ends[AUDIT] = 100
    await role.resume(seeks, {AUDIT: Resume(offset)})


async def test_runs_of_the_present_tenure_are_taken_in_and_written(role):
    await begin(role, 5)
    await role.take_event(AUDIT, run([5, 6, 9]))
    await role.tick()
    assert (role.begun, role.written, role.positions) == ([(AUDIT, 5)], [5, 6, 9], {AUDIT: 10})


@pytest.mark.parametrize("seeks", [0, 2])
async def test_runs_fetched_before_or_after_another_seek_are_dropped(role, seeks):
    await begin(role)
    await role.take_event(AUDIT, run([0], seeks=seeks))
    assert (role.gathered, role.positions) == ([], {AUDIT: 0})


async def test_runs_of_partitions_that_are_not_served_are_dropped(role):
    await begin(role)
    await role.take_event(AUDIT._replace(partition=1), run([0]))
    assert role.gathered == []


async def test_nothing_is_taken_in_between_tenures(role):
    await role.take_event(AUDIT, run([0], seeks=-1))
    await begin(role)
    await role.revoke()
    await role.take_event(AUDIT, run([0], seeks=1))
    assert (role.gathered, role.recovered) == ([], False)


async def test_what_was_gathered_and_not_written_ends_with_the_tenure(role):
    await begin(role)
    await role.take_event(AUDIT, run([0, 1]))
    await role.revoke()
    await begin(role, seeks=2)
    await role.flush()
    assert role.written == []


async def test_a_tenure_does_not_end_in_the_middle_of_a_write(role):
    await begin(role)
    await role.take_event(AUDIT, run([0]))
    role.gate.clear()
    flushing = asyncio.create_task(role.flush())
    await asyncio.sleep(0)
    revoking = asyncio.create_task(role.revoke())
    await asyncio.sleep(0.01)
    assert not revoking.done()
    role.gate.set()
    await asyncio.gather(flushing, revoking)
    assert role.written == [0]


async def test_nothing_is_written_after_a_write_that_was_cut_short(role):
    """What it had taken out is in no log, and whatever was declared after it would declare that, too."""
    reasons = []

    async def crash(reason):
        reasons.append(type(reason))

    role.app.crash = crash
    await begin(role)
    role.gate.clear()
    await role.take_event(AUDIT, run([0]))
    cancelled = asyncio.create_task(role.tick())
    await asyncio.sleep(0.01)
    await role.take_event(AUDIT, run([1]))
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    role.gate.set()
    await role.flush()
    await role.take_event(AUDIT, run([2]))
    await role.flush()
    assert role.written == []
    # Nor is another tenure begun with what is left of this one.
    await begin(role, seeks=2)
    assert (reasons, role.begun) == ([CutShortError], [(AUDIT, 0)])


async def test_many_records_are_written_before_more_are_taken_in():
    role = Recorder(flush_seconds=99.0, flush_records=3)
    await begin(role)
    await role.take_event(AUDIT, run([0, 1]))
    assert role.written == []
    await role.take_event(AUDIT, run([2]))
    assert role.written == [0, 1, 2]


async def test_what_is_urgent_is_written_once_nothing_more_is_there_to_read():
    role = Recorder(flush_seconds=99.0)
    role.settle_seconds = 0.0
    role.hurry = role.flush
    await begin(role, 97)
    await role.take_event(AUDIT, run([97, 98]))
    await role.tick()
    assert role.written == []
    await role.take_event(AUDIT, run([99]))
    await role.tick()
    assert role.written == [97, 98, 99]


async def test_behind_a_backlog_what_is_not_urgent_waits_longer():
    role = Recorder(backlog_seconds=99.0)
    hurried = []

    async def hurry():
        hurried.append(list(role.gathered))

    role.hurry = hurry
    await begin(role, 97)
    await role.take_event(AUDIT, run([97, 98]))
    await role.tick()
    assert (hurried, role.written) == ([[97, 98]], [])
    await role.take_event(AUDIT, run([99]))
    await role.tick()
    assert role.written == [97, 98, 99]


async def test_others_have_their_turn_within_a_run():
    role = Recorder(flush_seconds=99.0)
    await begin(role)
    taking = asyncio.create_task(role.take_event(AUDIT, run(range(9), value=b"x" * (PIECE_BYTES // 3 + 1))))
    seen = []
    while not taking.done():
        await asyncio.sleep(0)
        seen.append((list(role.gathered), role.positions[AUDIT]))
    assert seen[:3] == [([*range(end)], end) for end in (3, 6, 9)]


async def test_a_tenure_that_ends_within_a_run_ends_the_run(role):
    await begin(role)
    taking = asyncio.create_task(role.take_event(AUDIT, run(range(9), value=b"x" * PIECE_BYTES)))
    await asyncio.sleep(0)
    await role.revoke()
    await begin(role, seeks=2)
    await taking
    assert (role.gathered, role.positions) == ([], {AUDIT: 0})


async def test_a_worker_that_may_have_been_replaced_writes_nothing(role):
    await begin(role)
    await role.take_event(AUDIT, run([0]))
    role.consumer.is_member = False
    await role.tick()
    assert role.written == []


async def test_offsets_that_begin_anew_make_it_seek_again_and_are_not_taken_in(role):
    await begin(role, 50)
    await role.take_event(AUDIT, run([0]))
    await role.tick()
    await role.tick()
    assert (role.gathered, role.consumer.seeks_again) == ([], 1)


async def test_a_run_that_is_missing_makes_it_seek_again(role):
    await begin(role)
    await role.take_event(AUDIT, run([0, 1]))
    await role.take_event(AUDIT, Run([record(7)], 1, 2))  # a hole in the log, and nothing missing
    await role.take_event(AUDIT, Run([record(12)], 1, 10))
    await role.tick()
    assert (role.written, role.consumer.seeks_again) == ([0, 1, 7], 1)


async def test_idle_means_read_and_written(role):
    assert not role.is_idle
    await begin(role, 98)
    assert not role.is_idle
    await role.take_event(AUDIT, run([98, 99]))
    assert not role.is_idle
    await role.flush()
    assert role.is_idle


async def test_a_crashed_service_of_faust_ends_the_worker(role):
    role.app.crashed, role.app.crash_reason = True, KeyError("x")
    with pytest.raises(KeyError):
        await role.tick()


async def test_partitions_that_are_never_read_end_the_worker(role):
    role.consumer.ends[AUDIT] = 100
    role._check_movement(1_000.0)
    limit = STALL_SECONDS + role.app.conf.broker_request_timeout
    role._check_movement(1_000.0 + limit)
    with pytest.raises(StalledError, match="recorder"):
        role._check_movement(1_000.1 + limit)


async def test_a_worker_without_partitions_or_with_a_tenure_is_not_stalled(role):
    role._check_movement(0.0)
    role._check_movement(9_999.0)
    await begin(role)
    role._check_movement(99_999.0)


async def test_stopping_writes_and_commits(role):
    calls = []

    async def stop():
        calls.append("stop")

    role.app.stop = role.writer.stop = stop
    await begin(role)
    await role.take_event(AUDIT, run([0]))
    await role.stop()
    assert (role.written, calls) == ([0], ["stop", "stop"])


async def test_after_a_failure_nothing_more_is_written(role):
    async def stop():
        pass

    role.app.stop = role.writer.stop = stop
    await begin(role)
    await role.take_event(AUDIT, run([0]))
    role.app.failure = RuntimeError("x")
    await role.stop()
    assert role.written == []
