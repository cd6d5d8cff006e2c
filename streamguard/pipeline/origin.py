"""Reads one origin partition: raw records in, exposures and rejected records out, in an order the log alone decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

# The compiler looks up the types of dataclasses' fields when it makes them.
from streamguard.activity import Activity, Exposure, Ignored, RawRecord, Rejected, Steering
from streamguard.exposure import Exposer  # noqa: TC001
from streamguard.sources import Decoder  # noqa: TC001
from streamguard.sources.assemble import Assembler, AssemblyConfig, Progress
from streamguard.sources.timed import Timed

_COLLECT_AT: Final = 64
"""Statements held before it is looked which of them are complete: after each line it would cost too much."""


@dataclass(frozen=True)
class OriginTools:
    """What all origin partitions of a worker share. Stateless, or caches that never change a result.

    The exposer's directory may learn of later changes while it runs; what it says of earlier moments stays.
    """

    decoder: Decoder
    exposer: Exposer
    assembly: AssemblyConfig = field(default_factory=AssemblyConfig)


@dataclass
class Reading:
    """What reading brought since it was last taken out.

    Attributes
    ----------
    exposures
        One per statement, in the order of their origins.
    steering
        What steers detection, in the order of origins; a record that concerns several shards is there for each.
    rejected
        Records that nobody understood, with the bytes they came in.
    ignored
        How many records were understood and are of no interest, by reason.
    lines
        How many audit records came, by source.
    merged
        How many of them joined a statement that was already open.
    """

    exposures: list[Exposure] = field(default_factory=list)
    steering: list[Steering] = field(default_factory=list)
    rejected: list[tuple[Rejected, RawRecord]] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    merged: int = 0


class OriginReader:
    """Reads the records of one origin partition, in order.

    Parameters
    ----------
    tools
        Shared, stateless helpers.
    progress
        Where a predecessor stopped.
    format
        Audit format of the topic; None: recognised by signature.
    """

    def __init__(self, tools: OriginTools, progress: Progress | None = None, format: str | None = None) -> None:  # noqa: A002
        self._tools = tools
        self._format = format
        self._assembler = Assembler(tools.assembly, progress)
        self._reading = Reading()
        self._merged_before = 0

    @property
    def is_waiting(self) -> bool:
        """Whether a statement waits for further lines, so that only a cut can release it when no record comes."""
        return self._assembler.is_waiting

    @property
    def next_offset(self) -> int:
        """Offset after the last record read."""
        return self._assembler.next_offset

    @property
    def watermark_ms(self) -> int:
        """Largest event time read so far."""
        return self._assembler.watermark_ms

    def read(self, raw: RawRecord) -> None:
        """Take in one record; what it completed waits in `take`.

        Never raises for any bytes: a record that cannot be understood is a `Rejected`.
        """
        reading, assembler = self._reading, self._assembler
        for outcome in self._tools.decoder.decode_for_assembly(raw, self._format):
            if isinstance(outcome, Timed):
                reading.lines[outcome.source] = reading.lines.get(outcome.source, 0) + 1
                assembler.feed_timed(outcome)
            elif isinstance(outcome, Activity):
                reading.lines[outcome.source] = reading.lines.get(outcome.source, 0) + 1
                assembler.feed(outcome)
            elif isinstance(outcome, Ignored):
                reading.ignored[outcome.reason] = reading.ignored.get(outcome.reason, 0) + 1
            else:
                reading.rejected.append((outcome, raw))
        assembler.advance(raw.offset)
        if assembler.held >= _COLLECT_AT:
            self._collect()

    def announce_cut(self) -> Progress:
        """Decide to close what is open; returns the progress that must be durable before `cut`."""
        return self._assembler.announce_cut()

    def withdraw_cut(self) -> None:
        """Take an announced cut back: it could not be made durable, so it must not happen."""
        self._assembler.withdraw_cut()

    def cut(self) -> None:
        """Close what was open when the cut was announced."""
        self._assembler.cut()

    def take(self) -> Reading:
        """Return what was read since the last call."""
        self._collect()
        out, self._reading = self._reading, Reading()
        merged = self._assembler.merged
        out.merged, self._merged_before = merged - self._merged_before, merged
        return out

    def progress(self) -> Progress:
        """Return what a restart must know once everything taken so far is durable; call it right after `take`."""
        return self._assembler.progress()

    def _collect(self) -> None:
        expose = self._tools.exposer.expose
        self._reading.exposures.extend(expose(activity) for activity in self._assembler.take())
