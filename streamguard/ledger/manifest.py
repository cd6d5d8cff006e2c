"""Which files make up a store: one small file, replaced in one piece, so that no crash leaves a store in between."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

VERSION: Final = 1
NAME: Final = "manifest.json"


class LedgerError(Exception):
    """The ledger cannot be opened or asked; the message says what to do.

    ::

        LedgerError
        `-- LedgerBusyError     somebody else writes to it
    """


class LedgerBusyError(LedgerError):
    """Somebody else writes to the store."""


class Segment(msgspec.Struct, frozen=True):
    """A Parquet file: exposures of one event day, sorted by employee and time. No two of a day share an exposure."""

    name: str
    rows: int
    size_bytes: int


class Rollup(msgspec.Struct, frozen=True):
    """A Parquet file of totals: exposures of some segments, counted (`streamguard.ledger.rollups`)."""

    name: str
    size_bytes: int
    segments: list[str]
    """Names of those that it counts; it is right as long as all of them are there."""


class Manifest(msgspec.Struct, kw_only=True):
    """Everything a store is besides its Parquet files. Those that it does not name are leftovers.

    Attributes
    ----------
    version
        Of the format of the store.
    masked
        Whether there are employees under pseudonyms.
    number
        That the next file gets.
    days
        Segments of each event day, by days since 1970-01-01 UTC as text.
    steps
        Segments of each event day with FETCH and MOVE from cursors, and with cursors that expose nothing: no exposures,
        but what tells how many rows left by the cursors among those.
    rollups
        Totals of blocks of days, by number of the block as text.
    shapes
        Parquet files of statement shapes: number, and shape as JSON.
    topic_id
        Kafka's identity of the ledger's topic, empty where it is not known.
    positions
        Next offset to read of the ledger's topic, by partition as text: what was taken in, in the same piece as the
        rows that came of it.
    newest_ms
        Largest event time that was read, by partition as text.
    caught_up_ms
        Largest event time of all partitions when everything that was on the topic had been taken in.
    floor_ms
        Everything before this moment is forgotten: by retention, or by a purge.
    sealed_floor_ms
        Sealed statement texts of before this moment are forgotten; the exposures stay.
    forgotten
        Until which moment an employee is forgotten.
    """

    version: int = VERSION
    masked: bool = False
    number: int = 0
    days: dict[str, list[Segment]] = {}
    steps: dict[str, list[Segment]] = {}
    rollups: dict[str, Rollup] = {}
    shapes: list[str] = []
    topic_id: str = ""
    positions: dict[str, int] = {}
    newest_ms: dict[str, int] = {}
    caught_up_ms: int | None = None
    floor_ms: int = 0
    sealed_floor_ms: int = 0
    forgotten: dict[str, int] = {}

    @property
    def files(self) -> set[str]:
        """Names of all Parquet files."""
        rollups = {rollup.name for rollup in self.rollups.values()}
        return {segment.name for segment in self.segments} | rollups | set(self.shapes)

    @property
    def size_bytes(self) -> int:
        """Of all files but those of shapes."""
        rollups = sum(rollup.size_bytes for rollup in self.rollups.values())
        return rollups + sum(segment.size_bytes for segment in self.segments)

    @property
    def segments(self) -> list[Segment]:
        """Of all days, exposures and steps of cursors."""
        return [segment for days in (self.days, self.steps) for segments in days.values() for segment in segments]

    @property
    def complete_until_ms(self) -> int | None:
        """Event time up to which every partition was taken in."""
        slowest = min(self.newest_ms.values(), default=None)
        if slowest is None or self.caught_up_ms is None:
            return slowest
        return max(slowest, self.caught_up_ms)


_decode = msgspec.json.Decoder(Manifest).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def load(directory: Path) -> Manifest | None:
    """Read the manifest of a store; None if there is none.

    Raises
    ------
    LedgerError
        If it is not of this version, or broken.
    """
    try:
        content = (directory / NAME).read_bytes()
    except FileNotFoundError:
        return None
    try:
        manifest = _decode(content)
    except msgspec.DecodeError as error:
        raise LedgerError(
            f"{directory / NAME} is no manifest of a ledger: {error}. Build the store anew from the topic: remove the "
            "directory and run `streamguard ledger run`"
        ) from error
    if manifest.version != VERSION:
        raise LedgerError(
            f"the ledger in {directory} has the format {manifest.version}, and this StreamGuard reads {VERSION}: build "
            "it anew from the topic in another directory"
        )
    return manifest


def save(directory: Path, manifest: Manifest) -> None:
    """Replace the manifest in one piece, after everything that it names is on the disk."""
    new = directory / f"{NAME}.new"
    with new.open("wb") as file:
        file.write(msgspec.json.format(_encode(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())
    new.replace(directory / NAME)
    sync(directory)


def sync(path: Path) -> None:
    """Have the disk keep a file, or the names in a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
