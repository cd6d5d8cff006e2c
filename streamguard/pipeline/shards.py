"""Judges the activities of one activity partition: every activity once, whatever was delivered twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from streamguard.findings import ShardDetector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.activity import Exposure, Finding, Origin
    from streamguard.detect import DetectConfig

_SEPARATOR = b"\0"
_MARKS = b"origins"
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode_marks = msgspec.json.Decoder(dict[str, tuple[int, int]]).decode


@dataclass
class Step:
    """What a batch of exposures brought.

    Attributes
    ----------
    findings
        In the order of the log.
    judged, skipped
        How many were judged now, and how many had been judged before.
    late
        How many of those judged belong to a day that is closed already, and taught nothing.
    recreated
        Audit topics of which another log was known under the same name: they were deleted and created anew.
    """

    findings: list[Finding] = field(default_factory=list)
    judged: int = 0
    skipped: int = 0
    late: int = 0
    recreated: set[str] = field(default_factory=set)


class _Shard:
    """One peer shard: its detector, and the newest origin it has judged of every log that it ever heard from."""

    def __init__(self, name: str, config: DetectConfig, load: Callable[[bytes], bytes | None]) -> None:
        self._prefix = name.encode() + _SEPARATOR
        self._load = load
        self.detector = ShardDetector(name, config, lambda key: load(self._prefix + key))
        stored = load(self._prefix + _MARKS)
        self.marks: dict[str, tuple[int, int]] = _decode_marks(stored) if stored else {}
        self._marks_changed = False

    def is_new(self, origin: Origin, step: Step) -> bool:
        """Tell whether this origin was not judged yet, and remember it."""
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

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the entries changed since the last call."""
        changed = [(self._prefix + key, value) for key, value in self.detector.drain()]
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
        self._config = config
        self._load = load
        self._shards: dict[str, _Shard] = {}

    def step(self, exposures: Iterable[Exposure]) -> Step:
        """Judge exposures in the order of the log. Those judged before, by origin, are skipped."""
        step = Step()
        for exposure in exposures:
            shard = self._shards.get(exposure.shard)
            if shard is None:
                shard = self._shards[exposure.shard] = _Shard(exposure.shard, self._config, self._load)
            if not shard.is_new(exposure.activity.origin, step):
                step.skipped += 1
                continue
            step.judged += 1
            late = shard.detector.late
            finding = shard.detector.observe(exposure)
            step.late += shard.detector.late - late
            if finding is not None:
                step.findings.append(finding)
        return step

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the state entries changed since the last call, sorted by key."""
        changed = [entry for shard in self._shards.values() for entry in shard.drain()]
        changed.sort()
        return changed
