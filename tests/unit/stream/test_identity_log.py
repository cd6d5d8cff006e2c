"""Following the topic of identities: complete up to when, how long audit records wait, and what is wrong with it."""

from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest
from aiokafka import TopicPartition
from stream_fakes import FakeWriter

from streamguard.exposure import Directory, DirectoryHistory
from streamguard.metrics import Metrics
from streamguard.stream import identities
from streamguard.stream.config import Connection
from streamguard.stream.identities import IdentitiesError, IdentityLog, check_partitions

TP = TopicPartition("ids", 0)
SKEW_MS = 100


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 1_000.0
        self.slept = []

    def time(self):
        return self.now

    def monotonic(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    @property
    def now_ms(self):
        return int(self.now * 1000)


class FakeConsumer:
    """A topic in a list; offsets beyond it are records that compaction or transactions took."""

    log, beginning, end, committed_offset = [], 0, None, None
    stuck = False

    def __init__(self, **settings):
        self.settings = settings
        self.at = None
        self.paused = False

    async def start(self):
        pass

    async def stop(self):
        pass

    def assign(self, tps):
        assert tps == [TP]

    def seek(self, tp, offset):
        self.at = offset

    def pause(self, tp):
        self.paused = True

    def resume(self, tp):
        self.paused = False

    async def committed(self, tp):
        return type(self).committed_offset

    async def commit(self, offsets):
        type(self).committed_offset = offsets[TP]

    async def beginning_offsets(self, tps):
        return {TP: self.beginning}

    async def end_offsets(self, tps):
        assert self.paused, "a fetch is under way, and this would wait for it"
        return {TP: self._end()}

    async def position(self, tp):
        return self.at

    async def getmany(self, tp, timeout_ms):
        CLOCK.now += timeout_ms / 1000 if self.stuck else 0
        if self.paused or self.stuck:
            return {}
        some = [record for record in self.log if record.offset >= self.at][:2]
        self.at = some[-1].offset + 1 if some else self._end()
        return {TP: some}

    def _end(self):
        return self.end if self.end is not None else (self.log[-1].offset + 1 if self.log else 0)


CLOCK = Clock()


@pytest.fixture(autouse=True)
def kafka(monkeypatch):
    CLOCK.__init__()

    class Topic(FakeConsumer):
        """This test's own."""

    Topic.log = []
    monkeypatch.setattr(identities, "AIOKafkaConsumer", Topic)
    monkeypatch.setattr(identities, "time", CLOCK)
    monkeypatch.setattr(identities.asyncio, "sleep", CLOCK.sleep)
    monkeypatch.setattr(identities, "Writer", lambda *_: LETTERS)
    LETTERS.logs.clear()
    return Topic


class Letters(FakeWriter):
    async def start(self):
        pass

    async def stop(self):
        pass


LETTERS = Letters()


def record(offset, name, group="g", timestamp=0, value=None):
    value = value if value is not None else orjson.dumps({"id": name, "group": group})
    return SimpleNamespace(
        topic="ids", partition=0, offset=offset, key=name.encode(), value=value, timestamp=timestamp, headers=()
    )


def follow(group="g"):
    history = DirectoryHistory(Directory.empty())
    return IdentityLog(
        Connection("x:1"), "ids", history, Metrics(), group=group, deadletter_topic="letters", clock_skew_ms=SKEW_MS
    )


async def test_the_start_reads_all_there_is(kafka):
    kafka.log += [record(offset, f"e{offset}") for offset in (0, 1, 5, 6, 7)]
    log = follow()
    await log.start()
    assert [person.employee.id for person in log.history.people] == ["e0", "e1", "e5", "e6", "e7"]
    assert log.closed_ms == CLOCK.now_ms - SKEW_MS
    assert kafka.committed_offset == log.history.next_offset == 8


async def test_records_that_are_gone_from_the_end_are_no_end_of_the_world(kafka):
    """A tombstone that compaction removed, or a transaction's own mark, still has an offset."""
    kafka.log += [record(0, "a")]
    kafka.end = 3
    log = follow()
    await log.start()
    assert log.history.next_offset == 3


async def test_what_is_old_enough_waits_for_nothing(kafka):
    log = follow()
    await log.start()
    kafka.log += [record(0, "a", timestamp=CLOCK.now_ms)]
    assert await log.close(CLOCK.now_ms - SKEW_MS - 1) == CLOCK.now_ms - SKEW_MS
    assert log.history.people == ()
    assert CLOCK.slept == []


async def test_what_is_new_waits_for_the_clocks_and_sees_what_came_before(kafka):
    log = follow()
    await log.start()
    moment_ms = CLOCK.now_ms - 30
    kafka.log += [record(0, "a", timestamp=moment_ms)]
    closed_ms = await log.close(moment_ms)
    assert closed_ms > moment_ms
    assert log.history.at(moment_ms).identify("a").id == "a"
    assert sum(CLOCK.slept) == pytest.approx((SKEW_MS - 30 + 2) / 1000, abs=0.001)


async def test_what_is_a_little_ahead_is_waited_for_and_what_is_far_ahead_is_not(kafka):
    log = follow()
    await log.start()
    moment_ms = CLOCK.now_ms + 400
    assert await log.close(moment_ms) > moment_ms
    assert sum(CLOCK.slept) == pytest.approx(0.502, abs=0.001)
    CLOCK.slept.clear()
    kafka.log += [record(0, "a", timestamp=CLOCK.now_ms)]
    assert await log.close(CLOCK.now_ms + 501) == CLOCK.now_ms - SKEW_MS
    assert CLOCK.slept == []
    assert len(log.history.people) == 1


async def test_bad_records_become_letters_once(kafka):
    kafka.log += [record(0, "a", value=b"secret"), record(1, "b")]
    await follow().start()
    (letter,) = [out for some in LETTERS.logs.values() for out in some]
    assert (letter.value, dict(letter.headers)["reason"]) == (b"secret", b"identity_not_json")
    kafka.log += [record(2, "c", value=b"{}")]
    log = follow()
    await log.start()
    assert [out.value for some in LETTERS.logs.values() for out in some] == [b"secret", b"{}"]
    assert log._metrics.value("streamguard_rejected_total", reason="identity_members") == 1
    assert log._metrics.value("streamguard_rejected_total", reason="identity_not_json") == 0


async def test_who_only_looks_writes_nothing(kafka):
    kafka.log += [record(0, "a", value=b"secret")]
    await follow(group=None).start()
    assert LETTERS.logs == {}
    assert kafka.committed_offset is None


async def test_two_readers_of_one_history_take_each_change_once(kafka):
    kafka.log += [record(0, "a"), record(1, "a", group="h"), record(2, "a")]
    first = follow()
    await first.start()
    second = IdentityLog(Connection("x:1"), "ids", first.history, Metrics())
    await second.start()
    assert first.history.version_at(0) == 3


async def test_a_topic_created_anew_ends_the_worker(kafka):
    kafka.log += [record(0, "a"), record(1, "b")]
    log = follow()
    await log.start()
    del kafka.log[1:]
    with pytest.raises(IdentitiesError, match="created anew"):
        await log.look()


async def test_a_topic_that_cannot_be_read_ends_the_worker(kafka):
    kafka.log += [record(0, "a")]
    kafka.stuck = True
    with pytest.raises(IdentitiesError, match="cannot be read further than to offset 0"):
        await follow().start()


@pytest.mark.parametrize("count", [1, 4])
async def test_the_topic_has_one_partition(count):
    async def partitions(_):
        return count

    checking = check_partitions(SimpleNamespace(partitions=partitions), "ids")
    if count == 1:
        await checking
    else:
        with pytest.raises(IdentitiesError, match="4 partitions"):
            await checking
