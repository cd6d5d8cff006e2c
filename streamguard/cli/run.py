"""``streamguard run``: the worker."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import structlog
import typer

from streamguard.admin import AdminError
from streamguard.cli.logs import configure_logs
from streamguard.cli.output import EXIT_PROBLEM, EXIT_USAGE, fail
from streamguard.cli.topics import ensure_topics
from streamguard.cli.wiring import (
    BootstrapOption,
    ConfigOption,
    load_all,
    overrides,
    refuse,
    worker_config,
)
from streamguard.located import ConfigurationError
from streamguard.metrics import ListenError
from streamguard.stream import ROLES, TopicError, Worker, WorkerFailedError

_log = structlog.get_logger("streamguard.run")


def run(
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
    only: Annotated[str | None, typer.Option(help="Run only this agent: ingest, detect or incidents.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of metrics and health; 0: none.")] = None,
    create_topics: Annotated[bool, typer.Option(help="Create StreamGuard's own topics if they are missing.")] = True,
) -> None:
    """Watch the audit topics until told to stop (SIGTERM, Ctrl-C). Run more of them to serve more partitions."""
    if only is not None and only not in ROLES:
        fail(f"there is no agent {only!r}; there are: {', '.join(ROLES)}")
    try:
        settings, core = load_all(config, overrides(bootstrap, port))
    except ConfigurationError as error:
        refuse(error)
    configure_logs(json=settings.log.format == "json", level=settings.log.level)
    try:
        if create_topics:
            ensure_topics(settings)
    except AdminError as error:
        fail(str(error))
    roles = (only,) if only else ROLES
    try:
        asyncio.run(_serve(Worker(worker_config(settings), core, roles)))
    except (TopicError, ListenError) as error:
        fail(str(error), EXIT_USAGE)
    except WorkerFailedError as error:
        fail(f"the worker could not go on and stopped; nothing was acknowledged wrongly. {error}", EXIT_PROBLEM)


async def _serve(worker: Worker) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    await worker.run()
    _log.info("worker_stopped")
