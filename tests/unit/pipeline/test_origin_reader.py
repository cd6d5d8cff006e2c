"""One origin partition: every outcome is accounted for."""

from __future__ import annotations

from streamguard.activity import Account, Activity, Exposure, Ignored, Origin, RawRecord, Rejected
from streamguard.pipeline import OriginReader, OriginTools


class Decoder:
    """One outcome a letter: (a)ctivity, (i)gnored, (r)ejected."""

    def decode_for_assembly(self, raw, format=None):  # noqa: A002
        self.format = format
        made = {"a": self.activity, "i": lambda o: Ignored(o, "noise"), "r": lambda o: Rejected(o, "bad")}
        origins = [Origin(raw.topic, raw.partition, raw.epoch, raw.offset, n) for n in range(len(raw.value))]
        return [made[chr(kind)](origin) for kind, origin in zip(raw.value, origins, strict=True)]

    def activity(self, origin):
        return Activity(origin=origin, time_ms=9, source="fake", user="u", statement_key="k", session="s")


class Exposer:
    def expose(self, activity):
        return Exposure(activity=activity, employee="e", account=Account.HUMAN, peer_group="g", shard="g/0")


def reader():
    return OriginReader(OriginTools(Decoder(), Exposer()), format="chosen")


def raw(offset, value):
    return RawRecord("t", 0, 0, offset, None, value)


def test_every_outcome_is_counted_once():
    one = reader()
    one.read(raw(3, b"aira"))
    one.announce_cut()
    one.cut()
    reading = one.take()
    assert (reading.lines, reading.merged, reading.ignored) == ({"fake": 2}, 1, {"noise": 1})
    assert [(rejected.origin.index, kept.value) for rejected, kept in reading.rejected] == [(2, b"aira")]
    assert [exposure.activity.records for exposure in reading.exposures] == [2]
    assert (one.next_offset, one.watermark_ms, one.is_waiting) == (4, 9, False)


def test_taking_empties_the_reading():
    one = reader()
    one.read(raw(0, b"ir"))
    one.take()
    again = one.take()
    assert (again.ignored, again.rejected, again.lines, again.merged, again.exposures) == ({}, [], {}, 0, [])


def test_a_record_without_activities_moves_the_progress():
    one = reader()
    one.read(raw(7, b"i"))
    assert one.progress().offset == 8


def test_the_format_of_the_topic_reaches_the_decoder():
    decoder = Decoder()
    OriginReader(OriginTools(decoder, Exposer()), format="chosen").read(raw(0, b""))
    assert decoder.format == "chosen"
