"""Judges a simulated company's log, and prints what came out as a few hashes; run with either build on the path."""

from __future__ import annotations

import json
from hashlib import sha256

import orjson

from streamguard.activity import RawRecord
from streamguard.cli.company import company_tools
from streamguard.cli.simulation import keyed
from streamguard.compiled import is_compiled
from streamguard.detect import DetectConfig
from streamguard.pipeline import OriginReader, ShardLog
from streamguard.simulate import World, small_company
from streamguard.stream.wire import batches

DAYS = 12
TAKE_EVERY = 500
DRAIN_EVERY = 4_000


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
            }
        )
    )


if __name__ == "__main__":
    main()
