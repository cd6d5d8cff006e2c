"""A worker that serves until its standard input ends. Usage: serving BOOTSTRAP TOPIC PREFIX.

The simulated company's own settings, and one planted table: whoever reads it makes a finding at once, so that there are
enough of them to measure.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from importlib.resources import as_file
from pathlib import Path

import orjson

from bench.contestants.whole import names
from bench.machine import build
from streamguard.cli.company import company_file
from streamguard.detect import DetectConfig
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.pipeline import OriginTools
from streamguard.sources import Decoder
from streamguard.stream import Connection, Worker, WorkerConfig

PLANTED = "public.planted_accounts"
_PLANTED_YAML = f"""
      {PLANTED}:
        honey: true
        subject_type: customer
        columns: {{email: email_address}}
"""
_REPORT_SECONDS = 0.1


def tools() -> OriginTools:
    """Return the core's tools, with a planted table in the catalogue."""
    text = company_file("catalogue.yaml").read_text(encoding="utf-8").rstrip() + _PLANTED_YAML
    with tempfile.TemporaryDirectory() as directory, as_file(company_file("identities.yaml")) as identities:
        catalogue = Path(directory) / "catalogue.yaml"
        catalogue.write_text(text, encoding="utf-8")
        exposer = Exposer(Directory.load(identities), Catalogue.load(catalogue))
    return OriginTools(decoder=Decoder(), exposer=exposer)


async def main(bootstrap: str, topic: str, prefix: str) -> None:
    """Serve, and say when it is ready."""
    topics, engine = names(prefix, topic)
    worker = Worker(WorkerConfig(Connection(bootstrap), topics, DetectConfig(), engine=engine, web_port=None), tools())
    task = asyncio.create_task(worker.run())
    asked = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    is_ready = False
    while not asked.done():
        await asyncio.sleep(_REPORT_SECONDS)
        if task.done():
            await task
        if not is_ready and worker.roles and all(role.is_idle for role in worker.roles):
            is_ready = True
            os.write(1, orjson.dumps({"ready": True, "build": build()}) + b"\n")
    worker.stop()
    await task


if __name__ == "__main__":
    logging.basicConfig(level="CRITICAL")
    asyncio.run(main(*sys.argv[1:4]))
