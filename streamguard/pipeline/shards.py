"""Judges one activity partition: every activity, verdict, approval and move once, whatever was delivered twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

# The compiler looks up the types of dataclasses' fields when it makes them.
from streamguard.activity import AnalystVerdict, Approval, Departure, Exposure, Finding, Handover, Origin
from streamguard.findings import ShardDetector
from streamguard.pipeline.transfers import Transfers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.activity import Steering
    from streamguard.detect import DetectConfig
    from streamguard.findings import Standing

_SEPARATOR: Final = b"\0"
_MARKS: Final = b"origins"
_STEERING: Final = {AnalystVerdict: "verdict", Approval: "approval", Departure: "departure", Handover: "handover"}
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode_marks = msgspec.json.Decoder(dict[str, tuple[int, int]]).decode


@dataclass
class Step:
    """What a batch of records brought.

    Attributes
    ----------
    findings
        In the order of the log.
    judged, skipped
        How many exposures were judged now, and how many records of any kind had been taken in before.
    late
        How many of those judged belong to a day that is closed already, and taught nothing.
    steered
        How many records that steer detection were taken in now, by kind.
    handovers
        What other shards must get now, in the order of the log.
    recreated
        Topics of which another log was known under the same name: they were deleted and created anew.
    """

    findings: list[Finding] = field(default_factory=list)
    judged: int = 0
    skipped: int = 0
    late: int = 0
    steered: dict[str, int] = field(default_factory=dict)
    handovers: list[Handover] = field(default_factory=list)
    recreated: set[str] = field(default_factory=set)


class _Shard:
    """One peer shard: its detector, and the newest origin it has taken in of every log that it ever heard from."""

    def __init__(self, name: str, config: DetectConfig, load: Callable[[bytes], bytes | None]) -> None:
        self._prefix = name.encode() + _SEPARATOR
        self._load = load
        self.detector = ShardDetector(name, config, lambda key: load(self._prefix + key))
        self.transfers = Transfers(lambda key: load(self._prefix + key), self.detector.hand_over)
        stored = load(self._prefix + _MARKS)
        self.marks: dict[str, tuple[int, int]] = _decode_marks(stored) if stored else {}
        self._marks_changed = False

    def _is_new(self, origin: Origin, step: Step) -> bool:
        """Tell whether this origin was not taken in yet, and remember it."""
        log, position = origin.log, origin.position
        mark = self.marks.get(log)
        if mark is None:
            same_name = f"{origin.topic}/{origin.partition}/"
            if any(known.startswith(same_name) for known in self.marks):
                step.recreated.add(origin.topic)
        elif position <= mark:
            return False
        self.marks[log] = position
        self._marks_changed = True
        return True

    def take_in(self, record: Exposure | Steering, step: Step) -> None:
        """Judge an exposure, or let a record steer; skip what was taken in before."""
        # Handovers come in the order of each employee's moves, but in no order among employees: no mark fits them.
        is_new = self.transfers.come(record) if isinstance(record, Handover) else self._is_new(record.origin, step)
        if not is_new:
            step.skipped += 1
        elif isinstance(record, Exposure):
            self._judge(record, step)
        else:
            self._steer(record, step)

    def _steer(self, record: Steering, step: Step) -> None:
        kind = _STEERING[type(record)]
        step.steered[kind] = step.steered.get(kind, 0) + 1
        if isinstance(record, Departure):
            step.handovers += self.transfers.leave(record)
            return
        if not isinstance(record, Handover) or record.state:
            self.detector.steer(record)
        if isinstance(record, Handover):
            step.handovers += self.transfers.release(record.employee)

    def _judge(self, exposure: Exposure, step: Step) -> None:
        step.judged += 1
        late = self.detector.late
        finding = self.detector.observe(exposure)
        step.late += self.detector.late - late
        if finding is not None:
            step.findings.append(finding)

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the entries changed since the last call."""
        drained = [*self.detector.drain(), *self.transfers.drain()]
        changed = [(self._prefix + key, value) for key, value in drained]
        if self._marks_changed:
            changed.append((self._prefix + _MARKS, _encode(self.marks)))
            self._marks_changed = False
        return changed


class ShardLog:
    """Everything one activity partition's decisions need: a pure function of that partition's log.

    Parameters
    ----------
    config
        Of the detectors.
    load
        Reads a committed state entry by its key; None if there is none.
    """

    def __init__(self, config: DetectConfig, load: Callable[[bytes], bytes | None]) -> None:
        self.config = config
        self._load = load
        self._shards: dict[str, _Shard] = {}
        self._touched: dict[str, _Shard] = {}
        """Those that took something in since the last drain: with thousands, to ask all of them takes a while."""

    def step(self, records: Iterable[Exposure | Steering]) -> Step:
        """Take in records in the order of the log. Those taken in before, by origin, are skipped."""
        step = Step()
        for record in records:
            shard = self._shards.get(record.shard)
            if shard is None:
                shard = self._shards[record.shard] = _Shard(record.shard, self.config, self._load)
            self._touched[record.shard] = shard
            shard.take_in(record, step)
        return step

    def standing(self, exposure: Exposure) -> Standing | None:
        """Return how the day of an exposure's employee stands; None while the shard has seen too little. Reads only."""
        shard = self._shards.get(exposure.shard)
        return None if shard is None else shard.detector.standing(exposure.employee)

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the state entries changed since the last call, sorted by key."""
        changed = [entry for shard in self._touched.values() for entry in shard.drain()]
        self._touched.clear()
        changed.sort()
        return changed
