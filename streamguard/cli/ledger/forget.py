"""``streamguard ledger purge``: make the topic's readers forget, for good."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from streamguard.admin import AdminError
from streamguard.cli.ledger.keep import keep, topic_of
from streamguard.cli.logs import quiet_logs
from streamguard.cli.moments import moment_ms, moment_text, now_ms
from streamguard.cli.output import console, fail
from streamguard.cli.topics import ensure_topics
from streamguard.cli.wiring import BootstrapOption, ConfigOption, load_settings, overrides, pseudonyms, worker_config
from streamguard.ledger import LedgerBusyError, LedgerError, LedgerWriter, Purge
from streamguard.stream import KeeperError, write_purges

if TYPE_CHECKING:
    from streamguard.settings import Settings


def purge(
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
    before: Annotated[str | None, typer.Option("--before", help="What happened before this moment; now.")] = None,
    employee: Annotated[str | None, typer.Option("--employee", "-e", help="Of this employee only.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget exposures for good: the store drops them, and a store built anew does not take them again.

    The order stays on the topic. The topic's own records go with its retention.
    """
    settings = load_settings(config, overrides(bootstrap))
    topic = topic_of(settings)
    if before is None and employee is None:
        fail("say what to forget: --before, --employee, or both")
    before_ms = now_ms() if before is None else moment_ms(before, "--before")
    whose = "everybody" if employee is None else employee
    if not yes:
        typer.confirm(f"Forget what {whose} did before {moment_text(before_ms)}, for good?", abort=True)
    quiet_logs()
    try:
        ensure_topics(settings)
        asyncio.run(write_purges(worker_config(settings).connection, topic, _purges(settings, before_ms, employee)))
        _apply(settings, topic)
    except (AdminError, KeeperError, LedgerError) as error:
        fail(str(error))


def _purges(settings: Settings, before_ms: int, employee: str | None) -> list[Purge]:
    if employee is None:
        return [Purge(before_ms)]
    # Also by the plain name: there may be blocks from before employees got pseudonyms.
    names = dict.fromkeys((employee, pseudonyms(settings).employee(employee)))
    return [Purge(before_ms, name) for name in names]


def _apply(settings: Settings, topic: str) -> None:
    """Bring the store up to the order, unless its service is there to do so."""
    try:
        with LedgerWriter(settings.ledger.directory, memory_mb=settings.ledger.memory_mb) as store:
            keep(settings, topic, store, once=True)
    except LedgerBusyError:
        console.print("ordered: the service that writes to the store forgets when it reads the order", highlight=False)
    else:
        console.print("forgotten", highlight=False)
