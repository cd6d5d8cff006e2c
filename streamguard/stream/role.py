"""What both agents share: take runs in, gather what they bring, write it, then declare the offsets safe.

    Kafka -> RunScheduler -> agent -> `take_in` (synchronous, pure core) -> gathered
                                      `flush`   (one at a time) -> acknowledged writes -> declare_safe -> commit

A *tenure* lasts from one seek to the next revocation or seek. Whatever a flush of an old tenure finishes is durable
but declares nothing: the successor reads it again and recognises it.
"""

from __future__ import annotations

import abc
import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import structlog

from streamguard.metrics import RoleHealth
from streamguard.stream.delivery import pieces

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from faust.types import TP

    from streamguard.metrics import Metrics
    from streamguard.stream.consumer import ExactConsumer, GuardApp
    from streamguard.stream.delivery import Run
    from streamguard.stream.resume import Resume
    from streamguard.stream.writer import Writer

TICK_SECONDS = 0.01
OBSERVE_SECONDS = 1.0
STALL_SECONDS = 30.0
"""Beyond one request time-out: Faust's recovery gives up without a word when a seek takes longer than that."""
FINISH_SECONDS = 10.0

_log = structlog.get_logger("streamguard.role")


class StalledError(Exception):
    """Partitions are assigned, and neither recovery nor reading gets anywhere. The worker must start again."""


class CutShortError(Exception):
    """A write was cut short, so that what it had taken out is in no log. The worker must start again."""


class Role(abc.ABC):
    """One agent of the worker: a Faust app, a writer, and what was gathered but not written yet.

    Parameters
    ----------
    app
        The Faust app; its agent must pass every event to `take_event`.
    writer
        Acknowledged writes.
    metrics
        Where to count.
    flush_seconds
        What was gathered waits at most this long before it is written.
    backlog_seconds
        The same behind a backlog, for all that is not urgent; None: no longer than else.
    flush_records
        More gathered records than this are written at once, and reading waits for it: the back-pressure.
    """

    name: str
    settle_seconds: ClassVar[float] = 0.01
    """When nothing more is there to read, what is urgent waits no longer: enough for what was fetched together."""

    def __init__(
        self,
        app: GuardApp,
        writer: Writer,
        metrics: Metrics,
        *,
        flush_seconds: float,
        flush_records: int,
        backlog_seconds: float | None = None,
    ) -> None:
        self.app = app
        self.writer = writer
        self.metrics = metrics
        self.lock = asyncio.Lock()
        self.recovered = False
        self.health = RoleHealth()
        self.positions: dict[TP, int] = {}
        """Next offset to read, per source partition of this tenure."""
        self._observed_at = 0.0
        self._moved_at = time.monotonic()
        self._moved: object = None
        self._flush_seconds = flush_seconds
        self._backlog_seconds = max(flush_seconds, backlog_seconds or 0.0)
        self._flush_records = flush_records
        self._seeks = -1
        self._gathered = 0
        self._gathered_since: float | None = None
        self._must_seek = False
        self._cut_short = False
        app.revoke_callback = self.revoke
        app.prepare_callback = self.prepare
        app.same_log_callback = self.is_same_log
        app.resume_callback = self.resume

    @property
    def consumer(self) -> ExactConsumer:
        """The app's consumer."""
        consumer: ExactConsumer = self.app.consumer
        return consumer

    # -- what the two roles do differently

    @abc.abstractmethod
    def begin(self, tp: TP, resume: Resume) -> None:
        """Begin a tenure of one source partition."""

    @abc.abstractmethod
    def drop(self) -> None:
        """End the tenure of all partitions: forget what was gathered and not written."""

    @abc.abstractmethod
    def take_in(self, tp: TP, records: Sequence[Any]) -> int | None:
        """Pass records through the pure core and gather what they bring. Must not await.

        Returns
        -------
        int or None
            Newest event time among them in milliseconds, if any had one.
        """

    @abc.abstractmethod
    async def write(self) -> None:
        """Write everything gathered so far and declare it safe. Called under the lock."""

    async def hurry(self) -> None:  # noqa: B027 - for some roles nothing is urgent
        """Write what is urgent of what was gathered; called when nothing more is there to read, or it has waited."""

    async def idle(self, now: float) -> None:  # noqa: B027 - most roles have nothing to do then
        """Do what silence calls for; called every tick."""

    @property
    def is_idle(self) -> bool:
        """Whether everything that Kafka holds for this role has been read and written."""
        return (
            self._seeks >= 0
            and self._gathered_since is None
            and not self.lock.locked()
            and not any(self._lag_records(tp) for tp in self.positions)
        )

    # -- life

    async def start(self) -> None:
        """Start writing and reading."""
        self.app.failed = asyncio.Event()
        await self.writer.start()
        await self.app.start()

    async def stop(self) -> None:
        """Write what was gathered, commit it, and leave the group; after a failure, just leave."""
        if self.app.failure is None:
            try:
                await asyncio.wait_for(self._finish(), FINISH_SECONDS)
            except Exception as error:  # noqa: BLE001 - nothing is lost: it will be read again
                _log.warning("could_not_finish", role=self.name, error=type(error).__name__)
        await self.app.stop()
        await self.writer.stop()

    async def _finish(self) -> None:
        await self.flush()
        await self.consumer.commit()

    # -- tenure

    async def revoke(self) -> None:
        """End the tenure after the write in progress, so that a successor finds all of it or nothing."""
        self._seeks = -1
        self.recovered = False
        async with self.lock:
            self._forget()

    async def prepare(self) -> None:  # noqa: B027 - most roles need nothing
        """Learn what `is_same_log` must know."""

    def is_same_log(self, tp: TP, metadata: str) -> bool:  # noqa: ARG002
        """Tell whether committed metadata belongs to the topic that now has the name. Called in another thread."""
        return True

    async def resume(self, seeks: int, resumes: Mapping[TP, Resume]) -> None:
        """Begin a tenure."""
        if self._cut_short:
            # What is kept over a rebalance may hold what was never written.
            await self.app.crash(CutShortError(f"a write of the {self.name} agent was cut short"))
            return
        async with self.lock:
            self._forget()
            for tp, resume in resumes.items():
                self.positions[tp] = resume.offset
                self.begin(tp, resume)
            self._seeks = seeks
            self.recovered = True

    def _forget(self) -> None:
        self.drop()
        self.positions.clear()
        self._gathered = 0
        self._gathered_since = None

    # -- delivery

    async def take_event(self, tp: TP, run: Run) -> None:
        """Take in one run from Faust, unless a seek made it stale."""
        if run.seeks != self._seeks or tp not in self.positions:
            return
        if run.records[0].offset < self.positions[tp] or run.begin > self.positions[tp]:
            # Offsets began anew while we read: the topic was deleted and created again. Or a run is missing.
            self._must_seek = True
            return
        for piece in pieces(run.records):
            self._take_piece(tp, piece)
            if self._gathered >= self._flush_records:
                await self.flush()
            elif self.positions[tp] <= run.records[-1].offset:
                await asyncio.sleep(0)
            if run.seeks != self._seeks:
                return

    def _take_piece(self, tp: TP, records: Sequence[Any]) -> None:
        event_time_ms = self.take_in(tp, records)
        if event_time_ms is not None:
            self.metrics.event_time_age(tp.topic, tp.partition, time.time() - event_time_ms / 1000)
        self.positions[tp] = records[-1].offset + 1
        if self._gathered_since is None:
            self._gathered_since = time.monotonic()
        self._gathered += len(records)

    async def tick(self) -> None:
        """Write what has waited long enough, then see to what silence calls for.

        Raises
        ------
        StalledError
            If nothing moves although partitions are assigned.
        BaseException
            Whatever made one of Faust's services crash: they do not always tell the app.
        """
        if self.app.crashed:
            raise self.app.crash_reason or RuntimeError("a service of Faust crashed and gave no reason")
        now = time.monotonic()
        if self._gathered_since is not None:
            await self._write_in_time(now - self._gathered_since)
        if self._must_seek and self._seeks >= 0:
            self._must_seek = False
            await self.consumer.seek_again()
        if self._seeks >= 0:
            await self.idle(now)
        if now - self._observed_at >= OBSERVE_SECONDS:
            self._observed_at = now
            self.observe()
            self._check_movement(now)

    async def _write_in_time(self, waited: float) -> None:
        # Behind a backlog waiting fills the batches.
        is_behind = any(self._lag_records(tp) for tp in self.positions)
        if waited >= (self._backlog_seconds if is_behind else self._flush_seconds):
            await self.flush()
        elif waited >= (self._flush_seconds if is_behind else self.settle_seconds):
            await self.hurry()

    def observe(self) -> None:
        """Tell metrics and health where this role stands."""
        lags = {tp: self._lag_records(tp) for tp in self.positions}
        self.metrics.lag(lags)
        self.metrics.tenure(self.name, len(lags), recovered=self.recovered)
        self.health.assigned_partitions = len(lags)
        self.health.recovered = self.recovered
        self.health.lag_records = sum(lags.values())

    def recovery_position(self) -> object:
        """Return something that changes while state is being restored."""
        return None

    def _check_movement(self, now: float) -> None:
        moved = (self._seeks, self.recovery_position())
        if self._seeks >= 0 or moved != self._moved or not self.consumer.assignment():
            self._moved_at, self._moved = now, moved
        elif now - self._moved_at > STALL_SECONDS + self.app.conf.broker_request_timeout:
            raise StalledError(
                f"the {self.name} agent has partitions but has not begun to read them for {now - self._moved_at:.0f} s"
            )

    def _lag_records(self, tp: TP) -> int:
        end = self.consumer.highwater(tp)
        return max(0, (end or 0) - self.positions[tp])

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Hold the lock for a write. If it is cut short, by an error or a cancellation, nothing is written after it.

        What a write has taken out and not written is in no log. Whoever wrote and declared what came later would
        declare that, too.
        """
        async with self.lock:
            try:
                yield
            except BaseException:
                self._cut_short = True
                self._seeks = -1
                raise

    async def flush(self) -> None:
        """Write everything gathered so far. An error ends the worker: nothing unacknowledged is ever committed."""
        async with self.writing():
            if self._seeks < 0 or self._gathered_since is None:
                return
            if not await self.consumer.confirm_membership():
                return
            self._gathered, self._gathered_since = 0, None
            started = time.monotonic()
            await self.write()
            self.metrics.flushed(self.name, time.monotonic() - started)
