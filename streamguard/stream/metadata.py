"""What ingest keeps in the metadata of its offset commits: the topic's epoch, the reader's progress, and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from streamguard.sources.assemble import Progress
from streamguard.stream.resume import Break, Resume

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_METADATA_BYTES = 4_000
"""Kafka's default ``offset.metadata.max.bytes`` is 4,096."""


class MetadataError(Exception):
    """The committed metadata was not written by StreamGuard: the consumer group belongs to something else."""


class Limit(NamedTuple):
    """Records before ``until_offset`` count as no later than ``latest_ms``, whatever Kafka time they carry.

    Of several, the first that a record lies before counts.
    """

    until_offset: int
    latest_ms: int


class Tenure(msgspec.Struct, frozen=True, array_like=True):
    """Everything a successor on an origin partition must know.

    Parameters
    ----------
    epoch
        Part of every origin: tells topics of the same name apart.
    progress
        Of the reader.
    topic_id
        Kafka's identity of the topic; empty where the broker knows none.
    limits
        Of records from the future: what was thought of their time when they were seen with the directory.
    """

    epoch: int = 0
    progress: Progress = msgspec.field(default_factory=Progress)
    topic_id: str = ""
    limits: tuple[Limit, ...] = ()


_decode = msgspec.json.Decoder(Tenure).decode

MAX_LIMITS: Final = 64
"""With so many, one serves for all that follows, whatever it is: metadata must stay small."""
_LIMIT_KEPT_MS: Final = 1_000
"""A limit this old serves for further records."""


def limited_ms(limits: Iterable[Limit], offset: int, timestamp_ms: int) -> int:
    """Return the time that a record counts with."""
    for limit in limits:
        if offset < limit.until_offset:
            return min(timestamp_ms, limit.latest_ms)
    return timestamp_ms


def with_limit(limits: tuple[Limit, ...], read_until: int, until_offset: int, latest_ms: int) -> tuple[Limit, ...]:
    """Limit one more run of records.

    Parameters
    ----------
    limits
        Those that there are.
    read_until
        Offset after the run before.
    until_offset
        Offset after this run.
    latest_ms
        What all records so far count as no later than.
    """
    last = limits[-1] if limits else None
    # Over records that were not limited themselves an older limit must not reach.
    if last is not None and read_until == last.until_offset:
        is_young = latest_ms - last.latest_ms < _LIMIT_KEPT_MS
        if is_young or len(limits) >= MAX_LIMITS:
            return (*limits[:-1], Limit(until_offset, last.latest_ms))
    return (*limits, Limit(until_offset, latest_ms))


def limits_from(limits: Iterable[Limit], offset: int) -> tuple[Limit, ...]:
    """Return what of the limits concerns records from ``offset`` on."""
    return tuple(limit for limit in limits if limit.until_offset > offset)


def encode(tenure: Tenure) -> str | None:
    """Return the metadata, or None if it does not fit (the commit then waits for a quieter moment)."""
    encoded = msgspec.json.encode(tenure)
    return encoded.decode() if len(encoded) <= MAX_METADATA_BYTES else None


def is_same_log(metadata: str, topic_id: str) -> bool:
    """Tell whether committed metadata belongs to the topic that now has the name, as far as its identity says."""
    return not metadata or not topic_id or _known(metadata).topic_id in {"", topic_id}


def tenure_after(resume: Resume, topic_id: str = "") -> Tenure:
    """Return what a reader starts with.

    Parameters
    ----------
    resume
        Where reading resumes, and with whose metadata.
    topic_id
        Kafka's identity of the topic; empty where the broker knows none. Then re-created topics are told apart by
        counting, as far as they were noticed.

    Raises
    ------
    MetadataError
        If the metadata is not StreamGuard's.
    """
    fresh = Progress(offset=resume.offset)
    if not resume.metadata:
        return Tenure(_epoch(topic_id), fresh, topic_id)
    known = _known(resume.metadata)
    if resume.broken is Break.RECREATED:
        return Tenure(_epoch(topic_id) or known.epoch + 1, fresh, topic_id)
    progress = known.progress
    if resume.broken is Break.TRUNCATED:
        # Lines that left already, and a cut, may lie beyond what is lost: they stay as they were.
        done = tuple(line for line in progress.done if line >= (resume.offset, 0))
        progress = Progress(resume.offset, 0, progress.watermark_ms, done, progress.cut_offset)
    return Tenure(known.epoch, progress, known.topic_id or topic_id, limits_from(known.limits, progress.offset))


def _epoch(topic_id: str) -> int:
    """Return a number that differs between topics of the same name: the last 12 digits of the topic's UUID."""
    return int(topic_id.replace("-", "")[-12:] or "0", 16)


def _known(metadata: str) -> Tenure:
    try:
        return _decode(metadata)
    except msgspec.DecodeError as error:
        raise MetadataError(
            "the committed offsets of this consumer group were not written by StreamGuard: "
            "choose another group prefix (setting `group`)"
        ) from error
