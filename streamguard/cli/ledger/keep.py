"""``streamguard ledger run``: the service that reads the topic into the store."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import structlog
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from streamguard.admin import AdminError, topic_ids
from streamguard.cli.logs import configure_logs
from streamguard.cli.output import EXIT_PROBLEM, EXIT_USAGE, console, errors, fail
from streamguard.cli.topics import ensure_topics
from streamguard.cli.wiring import (
    BootstrapOption,
    ConfigOption,
    admin_connection,
    load_settings,
    overrides,
    worker_config,
)
from streamguard.ledger import LedgerError, LedgerWriter
from streamguard.metrics import Health, ListenError, Metrics
from streamguard.metrics.http import Server
from streamguard.stream import KeeperError, LedgerKeeper

if TYPE_CHECKING:
    from streamguard.settings import Settings

_log = structlog.get_logger("streamguard.ledger")


def run(
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
    once: Annotated[bool, typer.Option("--once", help="Take in what the topic holds now, and end.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of metrics and health; 0: none.")] = None,
    create_topics: Annotated[bool, typer.Option(help="Create StreamGuard's own topics if they are missing.")] = True,
) -> None:
    """Read the ledger's topic into the store until told to stop (SIGTERM, Ctrl-C)."""
    settings = load_settings(config, overrides(bootstrap, port))
    topic = topic_of(settings)
    configure_logs(json=settings.log.format == "json", level=settings.log.level)
    try:
        if create_topics:
            ensure_topics(settings)
        with LedgerWriter(settings.ledger.directory, memory_mb=settings.ledger.memory_mb) as store:
            keep(settings, topic, store, once=once)
            rows = sum(segment.rows for some in store.manifest.days.values() for segment in some)
    except (AdminError, ListenError) as error:
        fail(str(error), EXIT_USAGE)
    except (LedgerError, KeeperError) as error:
        fail(str(error), EXIT_PROBLEM)
    if once:
        console.print(f"the ledger in {settings.ledger.directory} holds {rows:,} exposures", highlight=False)


def topic_of(settings: Settings) -> str:
    """Return the ledger's topic, or end the command."""
    if settings.topics.ledger is None:
        fail("no ledger is kept: set topics.ledger, for example to streamguard.ledger")
    return settings.topics.ledger


def keep(settings: Settings, topic: str, store: LedgerWriter, *, once: bool) -> None:
    """Read the topic into an open store, until its present end or until the process is told to stop.

    Raises
    ------
    AdminError, KeeperError
        If Kafka cannot be reached.
    LedgerError
        If the store cannot be written.
    ListenError
        If the port of the metrics is taken.
    """
    known = topic_ids(admin_connection(settings), [topic]) if settings.kafka.topic_identities else {}
    metrics = Metrics()
    keeper = LedgerKeeper(
        worker_config(settings).connection,
        topic,
        store,
        metrics,
        commit_seconds=settings.ledger.commit_seconds,
        retention_days=settings.ledger.retention_days,
        sealed_days=settings.ledger.sealed_days,
        topic_id=known.get(topic, ""),
    )
    asyncio.run(_once(keeper) if once else _serve(settings, keeper, metrics))


async def _once(keeper: LedgerKeeper) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("records of the ledger's topic", total=None)
        await keeper.run(once=True, progress=lambda done, total: progress.update(task, completed=done, total=total))


async def _serve(settings: Settings, keeper: LedgerKeeper, metrics: Metrics) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, keeper.stop)
    async with AsyncExitStack() as stack:
        if settings.web.port:
            server = Server(metrics, Health({"ledger": keeper.health}), settings.web.host, settings.web.port)
            await server.start()
            stack.push_async_callback(server.stop)
            _log.info("web_server_started", host=settings.web.host, port=server.port)
        await keeper.run()
    _log.info("ledger_stopped")
