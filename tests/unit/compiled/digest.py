"""Judges a simulated company's log, reads every sample, and prints what came out as a few hashes; run with either build."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import msgspec
import orjson

from streamguard.activity import RawRecord
from streamguard.cli.company import company_tools
from streamguard.cli.simulation import keyed
from streamguard.compiled import is_compiled
from streamguard.detect import DetectConfig
from streamguard.pipeline import OriginReader, OriginTools, ShardLog
from streamguard.simulate import World, small_company
from streamguard.sources import Decoder, DecoderConfig, read_records
from streamguard.stream.wire import batches

DAYS = 12
TAKE_EVERY = 500
DRAIN_EVERY = 4_000
SAMPLES = Path(__file__).parents[2] / "samples"


def read_samples() -> str:
    """Read the samples of all formats, each record whole and cut off."""
    out = sha256()
    config = DecoderConfig(
        identifying_columns=frozenset({"id", "email", "customer_id"}),
        neutral_columns=frozenset({"country"}),
        subject_key=b"k" * 32,
    )
    exposer = company_tools().exposer
    for path in sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.suffix != ".md"):
        decoder = Decoder(config)
        reader = OriginReader(OriginTools(decoder, exposer))
        for offset, value in enumerate(read_records(path)):
            for index, bytes_ in enumerate((value, value[: -len(value) // 3])):
                raw = RawRecord("audit", 0, 0, 2 * offset + index, 1_900_000_000_000, bytes_)
                out.update(msgspec.json.encode(decoder.decode(raw)))
                reader.read(raw)
        out.update(msgspec.json.encode(reader.announce_cut()))
        reader.cut()
        out.update(msgspec.json.encode(reader.take().exposures))
    return out.hexdigest()


def main() -> None:
    """Read, judge, drain now and then, and judge on with what was drained."""
    store: dict[bytes, bytes] = {}
    activities, findings, entries = sha256(), sha256(), sha256()
    reader = OriginReader(company_tools(), format="postgresql.jsonlog")
    log = ShardLog(DetectConfig(warmup_days=5), store.get)
    count = found = 0
    for offset, (_, line) in enumerate(keyed(World(small_company(days=DAYS)).lines("postgresql.jsonlog"))):
        reader.read(RawRecord("audit", 0, 0, offset, 1_900_000_000_000, line))
        if offset % TAKE_EVERY == 0:
            exposures = reader.take().exposures
            for _, value in batches(exposures):
                activities.update(value)
            step = log.step(exposures)
            count, found = count + step.judged, found + len(step.findings)
            for finding in step.findings:
                findings.update(orjson.dumps(finding.ocsf, option=orjson.OPT_SORT_KEYS))
        if offset % DRAIN_EVERY == 0:
            for key, value in log.drain():
                store[key] = value
                entries.update(key + value)
    print(
        json.dumps(
            {
                "compiled": is_compiled(),
                "judged": count,
                "found": found,
                "activities": activities.hexdigest(),
                "findings": findings.hexdigest(),
                "entries": entries.hexdigest(),
                "samples": read_samples(),
            }
        )
    )


if __name__ == "__main__":
    main()
