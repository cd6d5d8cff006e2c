"""From a recording to exposures, through the same rooms as live data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from streamguard.activity import Exposure, RawRecord
from streamguard.exposure import Exposer, ExposureConfig
from streamguard.pipeline import OriginReader, OriginTools
from streamguard.sources import Decoder, DecoderConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.evaluate.recording import Recording

CHUNK: Final = 4_096
"""Records read before they are judged: long enough to measure the time of a detector, short enough to hold."""
BENIGN: Final = -1
_SUBJECT_KEY: Final = b"evaluation: hashes never leave it"


class Chunk(NamedTuple):
    """Some exposures in a row; ``attacks`` has, for each, the number of its attack, or `BENIGN`."""

    exposures: list[Exposure]
    attacks: list[int]


class Exposures:
    """Reads a recording; every record is accounted for.

    Only exposures that touch personal data, or may, come out: no detector looks at the others.

    Parameters
    ----------
    recording
        The world.
    config
        Of the exposure room: how large peer shards are.
    """

    def __init__(self, recording: Recording, config: ExposureConfig | None = None) -> None:
        self._recording = recording
        catalogue = recording.catalogue
        decoder = DecoderConfig(
            identifying_columns=catalogue.identifying_columns,
            neutral_columns=catalogue.region_columns,
            subject_key=_SUBJECT_KEY,
        )
        exposer = Exposer(recording.history, catalogue, config)
        self._reader = OriginReader(OriginTools(Decoder(decoder), exposer))
        self._numbers = {
            uid: number for number, attack in enumerate(recording.truth.attacks) for uid in attack.activity_ids
        }
        self.records = 0
        """Records read so far."""
        self.rejected = 0
        """Of these, how many nobody understood."""
        self.impersonal = 0
        """Statements that touched no personal data."""

    def __iter__(self) -> Iterator[Chunk]:
        """Yield everything, in order."""
        attacks: dict[int, int] = {}
        for raw in self._recording.records():
            number = self._numbers.get(_uid(raw), BENIGN) if self._numbers else BENIGN
            if number != BENIGN:
                attacks[self.records] = number
            self._reader.read(RawRecord("world", 0, 0, self.records, None, raw))
            self.records += 1
            if not self.records % CHUNK:
                yield self._take(attacks)
        self._reader.announce_cut()
        self._reader.cut()
        yield self._take(attacks)

    def _take(self, attacks: dict[int, int]) -> Chunk:
        reading = self._reader.take()
        self.rejected += len(reading.rejected)
        found = [exposure for exposure in reading.exposures if exposure.is_personal]
        self.impersonal += len(reading.exposures) - len(found)
        return Chunk(found, [attacks.get(exposure.activity.origin.offset, BENIGN) for exposure in found])


def _uid(raw: bytes) -> str:
    """Return the activity id of a record, the empty text if it has none."""
    try:
        record: Any = orjson.loads(raw)
        uid = record["metadata"]["uid"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return uid if isinstance(uid, str) else ""
