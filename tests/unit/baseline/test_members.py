"""Slots of the members of a group: found again, freed, reused, bounded."""

from __future__ import annotations

import struct

import pytest

from streamguard.baseline import members as room
from streamguard.baseline.codec import Kind, Writer
from streamguard.baseline.measure import VOLUMES
from streamguard.baseline.members import ABSENT, BUCKET, Members, fingerprint

WIDTH = 3 * len(VOLUMES)
ROW = (1.0, 2.0, 3.0) * len(VOLUMES)


def joined(number, day=100):
    group = Members({}.get, 0)
    for owner in range(1, number + 1):
        slot = group.join(owner, ABSENT, day)
        group.update(slot, owner, day, (float(owner), *(0.0,) * (WIDTH - 1)))
    return group


def test_a_member_keeps_the_slot():
    group = joined(3)
    assert group.join(2, 1, 101) == 1
    assert len(group) == 3


def test_a_slot_lost_to_somebody_else_is_not_written():
    group = joined(2)
    group.update(0, 2, 101, ROW)
    assert next(group.levels(0))[0] == 1.0


def test_members_idle_for_long_make_room_lowest_slot_first():
    group = joined(4)
    for slot, owner in ((1, 2), (3, 4)):
        group.update(slot, owner, 170, ROW)
    group.expire(170)
    assert [group.join(owner, ABSENT, 170) for owner in (11, 12, 13)] == [0, 2, 4]
    assert group.active_since(170) == 5


def test_a_full_group_takes_nobody(monkeypatch):
    monkeypatch.setattr(room, "MOST_MEMBERS", 3)
    assert joined(3).join(9, ABSENT, 1) == ABSENT


def test_a_change_rewrites_one_bucket_and_restoring_gives_the_same():
    group = joined(BUCKET + 3)
    group.expire(100)
    store = {group.key(bucket): group.encode(bucket) for bucket in range(group.buckets)}
    group.dirty.clear()
    group.update(BUCKET, BUCKET + 1, 101, ROW)
    assert group.dirty == {1}
    store[group.key(1)] = group.encode(1)
    new = Members(store.get, 2)
    assert list(new.levels(0)) == list(group.levels(0))
    assert [new.encode(bucket) for bucket in (0, 1)] == [group.encode(bucket) for bucket in (0, 1)]
    assert max(map(len, store.values())) < 4000


def test_entries_written_before_a_measure_was_added_are_read():
    out = Writer(Kind.MEMBERS)
    out.fields(struct.Struct("<BB"), 1, 2)
    out.count(VOLUMES[1].number)
    for owner in (1, 2):
        out.fields(struct.Struct("<Qq"), owner, 100)
        out.doubles((float(owner), 5.0, 0.5))
    new = Members({b"g:members:000": out.bytes()}.get, 1)
    assert list(new.levels(0)) == [(0.0, 0.0, 0.0)] * 2
    assert list(new.levels(1)) == [(1.0, 5.0, 0.5), (2.0, 5.0, 0.5)]


def test_who_left_makes_room():
    group = joined(3)
    group.leave(1, 3)
    group.leave(1, 2)
    assert group.join(9, ABSENT, 100) == 1


def test_a_missing_bucket_is_an_error():
    with pytest.raises(KeyError, match="g:members:000"):
        Members({}.get, 1)


def test_owners_are_told_apart():
    assert fingerprint("alice.smith") != fingerprint("alice.smitt")
    assert fingerprint("login:\ud800") == fingerprint("login:?")
