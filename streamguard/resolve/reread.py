"""Kept audit logs read once more: they have every literal, so that statements need neither hashes nor seals."""

from __future__ import annotations

from dataclasses import replace as replaced
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streamguard.activity import RawRecord
from streamguard.pipeline import OriginReader
from streamguard.resolve.cursors import fetched_rows
from streamguard.sealing import Opener, new_key, public_text
from streamguard.sources import Decoder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from streamguard.activity import Exposure, Origin
    from streamguard.ledger import Span
    from streamguard.pipeline import OriginTools


class Reread(NamedTuple):
    """What kept logs tell of an incident."""

    exposures: list[Exposure]
    """Of personal data, in the order of (time, origin)."""
    fetched: dict[Origin, int]
    """Rows fetched from cursors, by the origin of their DECLARE."""
    opener: Opener
    """Opens the complete texts: they were sealed with a key that exists nowhere else, and go with it."""


def reread(
    logs: Iterable[tuple[str, Iterable[bytes]]], tools: OriginTools, span: Span, employees: Collection[str]
) -> Reread:
    """Read kept logs.

    Parameters
    ----------
    logs
        (name, records) of each log; records of one session are in one, in the order of time.
    tools
        As the pipeline has them.
    span, employees
        Of the incident.
    """
    key = new_key()
    config = tools.decoder.config
    secret = config.subject_key or public_text(key).encode()
    sealing = msgspec.structs.replace(config, seal_public_key=public_text(key), subject_key=secret)
    tools = replaced(tools, decoder=Decoder(sealing))
    found = [
        exposure
        for number, (name, records) in enumerate(logs)
        for exposure in _exposures(name, number, records, tools)
        # What is fetched from a cursor comes after its DECLARE, maybe after the last exposure of the incident.
        if exposure.employee in employees and span.from_ms <= exposure.activity.time_ms
    ]
    found.sort(key=lambda exposure: (exposure.activity.time_ms, exposure.origin))
    inside = [one for one in found if one.is_personal and one.activity.time_ms < span.to_ms]
    return Reread(inside, fetched_rows(one.activity for one in found), Opener(key))


def _exposures(name: str, number: int, records: Iterable[bytes], tools: OriginTools) -> Iterator[Exposure]:
    reader = OriginReader(tools)
    for offset, value in enumerate(records):
        reader.read(RawRecord(name, number, 0, offset, None, value))
        yield from reader.take().exposures
    reader.announce_cut()
    reader.cut()
    yield from reader.take().exposures
