"""What a ledger should hold after a run, and what it does hold."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace
from stages.ledger import Topic

from streamguard.ledger import LedgerStore, LedgerWriter, Span
from streamguard.ledger.rows import FORGOTTEN
from streamguard.metrics import Metrics
from streamguard.stream import LedgerKeeper, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from stages.stage import Stage

    from streamguard.activity import Exposure

RETENTION_DAYS = 36_500
"""The simulated company lives in a year of its own."""
_LEFT = {"statement_key": "", "complete": False, "part": None, "records": 1}


async def kept_of(stage: Stage) -> list[Exposure]:
    """Return every exposure of personal data that the activity topic holds, each once, as a ledger gives it back."""
    found: dict[object, Exposure] = {}
    async for _, records in Topic(
        stage.worker_config.connection.bootstrap, stage.worker_config.topics.activity
    ).records():
        for record in records:
            for one in wire.decode(record.value).exposures:
                if one.is_personal:
                    found.setdefault(one.origin, _kept(one))
    return sorted(found.values(), key=lambda one: (one.activity.time_ms, one.origin))


def _kept(one: Exposure) -> Exposure:
    left = {name: _LEFT.get(name) for name in FORGOTTEN}
    return replace(one, activity=replace(one.activity, **left))


def keeper_of(stage: Stage, store: LedgerWriter, metrics: Metrics, commit_seconds: float = 1.0) -> LedgerKeeper:
    """Return what reads the ledger's topic into a store."""
    config = stage.worker_config
    assert config.topics.ledger is not None
    return LedgerKeeper(
        config.connection,
        config.topics.ledger,
        store,
        metrics,
        commit_seconds=commit_seconds,
        retention_days=RETENTION_DAYS,
        sealed_days=RETENTION_DAYS,
    )


async def reads_once(stage: Stage, directory: Path) -> Metrics:
    """Read everything that the ledger's topic holds into a store."""
    metrics = Metrics()
    with LedgerWriter(directory) as store:
        await keeper_of(stage, store, metrics).run(once=True)
    return metrics


@asynccontextmanager
async def keeping(stage: Stage, directory: Path, metrics: Metrics) -> AsyncIterator[None]:
    """Keep a ledger until the block ends."""
    with LedgerWriter(directory) as store:
        keeper = keeper_of(stage, store, metrics, 0.2)
        task = asyncio.create_task(keeper.run())
        try:
            yield
        finally:
            keeper.stop()
            await asyncio.wait_for(task, 20)


def stored(directory: Path) -> list[Exposure]:
    """Return everything that a store holds."""
    return list(LedgerStore(directory).exposures(Span(0, 1 << 62)))
