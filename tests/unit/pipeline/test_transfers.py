"""Whoever moves takes along what was learned on the whole way, in whatever order the shards hear of it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Departure, Origin
from streamguard.pipeline.transfers import MOST_WAITING, Transfers

LOG = "identities"


def departure(offset, shard, to_shard, after=None, epoch=0):
    return Departure(origin=Origin(LOG, 0, epoch, offset, 0), shard=shard, employee="e", to_shard=to_shard, after=after)


class Shard:
    """Knows a set of days; may be restarted at any time."""

    def __init__(self, name, knows=b""):
        self.name, self.knows, self.entries = name, knows, {}
        self.restart()

    def restart(self):
        self.entries.update(self.transfers.drain() if hasattr(self, "transfers") else ())
        self.transfers = Transfers(self.entries.get, lambda _: self.knows or None)

    def hear(self, record):
        if isinstance(record, Departure):
            return self.transfers.leave(record)
        if not self.transfers.come(record):
            return []
        self.knows = bytes(sorted({*self.knows, *record.state}))
        return self.transfers.release("e")


@given(
    st.lists(st.sampled_from("abcd"), min_size=2, max_size=9).map(
        lambda path: [here for here, before in zip(path, [None, *path], strict=False) if here != before]
    ),
    st.randoms(use_true_random=False),
)
def test_a_chain_of_moves_loses_nothing_whatever_is_slow(path, random):
    """Every shard on the way learned something of its own; the last one knows all of it."""
    shards = {name: Shard(name, bytes([number])) for number, name in enumerate("abcd") if name in path}
    logs = {name: [] for name in shards}
    for number, (here, there) in enumerate(pairwise(path)):
        logs[here].append(departure(number, here, there, (number - 1, 0) if number else None))
    told = 0
    while any(logs.values()):
        name = random.choice([name for name, log in logs.items() if log])
        record = logs[name].pop(0)
        for handover in shards[name].hear(record):
            logs[handover.shard].append(handover)
            told += 1
        if random.random() < 0.3:
            shards[name].restart()
    assert told == len(path) - 1
    assert shards[path[-1]].knows == bytes(sorted(number for number, name in enumerate("abcd") if name in path))


def test_who_is_awaited_is_not_sent_on_before_it_has_come():
    here = Shard("b")
    assert here.hear(departure(2, "b", "c", (1, 0))) == []
    (late,) = Shard("a", b"\1").hear(departure(1, "a", "b"))
    (sent,) = here.hear(late)
    assert (sent.shard, sent.state, sent.origin) == ("c", b"\1", Origin("identities/b", 0, 0, 2, 0))
    assert here.hear(late) == []


def test_an_old_shard_that_knows_nothing_says_so():
    (handover,) = Shard("a").hear(departure(1, "a", "b"))
    assert handover.state == b""


def test_what_is_older_than_what_was_taken_is_not_taken():
    here = Shard("c")
    (new,), (old,) = Shard("b", b"\2").hear(departure(5, "b", "c")), Shard("a", b"\1").hear(departure(4, "a", "c"))
    here.hear(new)
    here.hear(old)
    here.restart()
    here.hear(old)
    assert here.knows == b"\2"


def test_a_directory_s_topic_created_anew_counts_from_the_beginning():
    here = Shard("b")
    for offset, epoch in ((9, 0), (1, 1)):
        (handover,) = Shard("a", bytes([offset])).hear(departure(offset, "a", "b", epoch=epoch))
        here.hear(handover)
    assert here.knows == b"\1\x09"
    assert here.hear(departure(10, "b", "c", (9, 0))) == []


def test_waiting_is_bounded():
    here = Shard("b", b"\1")
    for offset in range(2, 2 + 3 * MOST_WAITING):
        here.hear(departure(offset, "b", "c", (offset - 1, 0)))
    (late,) = Shard("a", b"\2").hear(departure(100, "a", "b"))
    assert len(here.hear(late)) == MOST_WAITING
