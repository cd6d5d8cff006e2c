"""``streamguard doctor``: what is wrong with Kafka, and what to do about it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import orjson
import typer

from streamguard import admin
from streamguard.admin import Check, DoctorConfig, Level
from streamguard.cli.output import EXIT_PROBLEM, console
from streamguard.cli.topics import own_topics
from streamguard.cli.wiring import (
    BootstrapOption,
    ConfigOption,
    admin_connection,
    load_settings,
    overrides,
    worker_config,
)
from streamguard.compiled import build_line
from streamguard.sources import DecoderConfig
from streamguard.stream import MAX_BATCH_BYTES, MAX_METADATA_BYTES

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


def doctor(
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Look at Kafka, the topics, the groups and the logs; say what is wrong and what to do."""
    settings = load_settings(config, overrides(bootstrap))
    worker = worker_config(settings)
    names, engine = worker.topics, worker.engine
    steering = [name for name in (names.feedback, names.identities) if name is not None]
    checks = admin.doctor(
        admin_connection(settings),
        DoctorConfig(
            specs=own_topics(settings),
            audit=tuple(names.audit),
            groups={engine.ingest_group: (*names.audit, *steering), engine.detect_group: (names.activity,)},
            changelog=engine.changelog_topic,
            deadletter=names.deadletter,
            max_record_bytes=DecoderConfig().max_unpacked_bytes,
            written_bytes=MAX_BATCH_BYTES,
            metadata_bytes=MAX_METADATA_BYTES,
        ),
    )
    checks.insert(0, Check("build", Level.OK, build_line()))
    ok = all(check.level is not Level.FAIL for check in checks)
    if json:
        sys.stdout.write(orjson.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}).decode() + "\n")
    else:
        for check in checks:
            _print(check)
    if not ok:
        raise typer.Exit(EXIT_PROBLEM)


def _print(check: Check) -> None:
    console.print(f"{check.level.value:>4}", style=_STYLES[check.level], end="  ")
    console.print(f"{check.name}: {check.sentence}", highlight=False, markup=False)
    if check.advice:
        console.print(f"      -> {check.advice}", highlight=False, markup=False)
