"""The worker: starts the roles, keeps them ticking, stops them in order, and ends when one of them cannot go on."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog
from aiokafka.errors import KafkaError

from streamguard.metrics import Health, Metrics
from streamguard.metrics.http import Server
from streamguard.stream.apps import build_detect, build_incidents, build_ingest
from streamguard.stream.collector import seldom_collecting
from streamguard.stream.identities import IdentitiesError, check_partitions
from streamguard.stream.role import FINISH_SECONDS, TICK_SECONDS
from streamguard.stream.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.pipeline import OriginTools
    from streamguard.stream.config import WorkerConfig
    from streamguard.stream.role import Role

ROLES = ("ingest", "detect", "incidents")

_log = structlog.get_logger("streamguard.worker")


class WorkerFailedError(Exception):
    """A role could not go on. Nothing was acknowledged wrongly: start the worker again."""


class TopicError(Exception):
    """A topic is missing or does not fit; the message says what to do."""


class Worker:
    """Runs the agents in one event loop.

    Parameters
    ----------
    config
        Where and how.
    tools
        Of the pure core.
    roles
        Which agents to run; all by default.
    """

    def __init__(self, config: WorkerConfig, tools: OriginTools, roles: Sequence[str] = ROLES) -> None:
        self.config = config
        self._tools = tools
        self._names = roles
        self._stop = asyncio.Event()
        self._stack = AsyncExitStack()
        self.metrics = Metrics()
        self.health = Health()
        self.roles: list[Role] = []
        self.server: Server | None = None

    def stop(self) -> None:
        """Ask the worker to finish what it is writing and end; `run` returns when it has."""
        self._stop.set()

    async def run(self) -> None:
        """Run until `stop` is called.

        Raises
        ------
        TopicError
            If the topics do not fit each other.
        WorkerFailedError
            If a role could not go on.
        """
        async with self._stack:
            self._stack.enter_context(seldom_collecting())
            await self._start()
            await self._until_stopped()

    async def _start(self) -> None:
        partitions = await self._check_topics()
        if "ingest" in self._names:
            self.roles.append(build_ingest(self.config, self._tools, self.metrics))
        if "detect" in self._names:
            self.roles.append(build_detect(self.config, partitions, self.metrics))
        if "incidents" in self._names:
            self.roles.append(build_incidents(self.config, self.metrics))
        self.health.roles = {role.name: role.health for role in self.roles}
        if self.config.web_port is not None:
            self.server = Server(self.metrics, self.health, self.config.web_host, self.config.web_port)
            await self.server.start()
            self._stack.push_async_callback(self.server.stop)
            _log.info("web_server_started", host=self.config.web_host, port=self.server.port)
        for role in self.roles:
            self._stack.push_async_callback(role.stop)
        await asyncio.gather(*(self._start_role(role) for role in self.roles))

    async def _start_role(self, role: Role) -> None:
        await role.start()
        _log.info("role_started", role=role.name, group=role.app.conf.id)

    async def _check_topics(self) -> int:
        """Return the number of activity partitions; refuse topics that do not fit."""
        writer = Writer(self.config.connection.aiokafka(), None)
        identities, feedback = self.config.topics.identities, self.config.topics.feedback
        await writer.start()
        try:
            if feedback is not None:
                await _partitions(writer, feedback)
            if identities is not None:
                await check_partitions(writer, identities)
            await _partitions(writer, self.config.topics.incidents)
            activity = await _partitions(writer, self.config.topics.activity)
            changelog = await _partitions(writer, self.config.engine.changelog_topic)
            ledger = activity if self._ledger is None else await _partitions(writer, self._ledger)
        except IdentitiesError as error:
            raise TopicError(str(error)) from error
        finally:
            await writer.stop()
        if activity != changelog:
            raise TopicError(
                f"topic {self.config.topics.activity} has {activity} partitions and its state in "
                f"{self.config.engine.changelog_topic} has {changelog}: the number of partitions was changed, "
                "so that employees and what is usual for them would no longer meet. Give both the same number, "
                "or choose new names for both (settings `topics.activity` and `group`) and start afresh."
            )
        if ledger != activity:
            raise TopicError(
                f"topic {self._ledger} has {ledger} partitions and {self.config.topics.activity} has {activity}, and "
                "each writes to its own: create it anew with the same number (`streamguard topics --create` does), or "
                "choose a new name (setting `topics.ledger`)"
            )
        return activity

    @property
    def _ledger(self) -> str | None:
        return self.config.topics.ledger if "detect" in self._names else None

    async def _until_stopped(self) -> None:
        waiting: list[asyncio.Task[object]] = [asyncio.create_task(self._stop.wait(), name="stop")]
        waiting += [asyncio.create_task(role.app.failed.wait(), name=f"{role.name} failure") for role in self.roles]
        done = asyncio.Event()
        ticking: list[asyncio.Task[object]] = [
            asyncio.create_task(_tick(role, done), name=f"{role.name} tick") for role in self.roles
        ]
        try:
            await asyncio.wait([*waiting, *ticking], return_when=asyncio.FIRST_COMPLETED)
            self._raise_failure([*waiting, *ticking])
            done.set()
            # A write in progress is finished: cut short, it would have to be done again by a successor.
            await asyncio.wait(ticking, timeout=FINISH_SECONDS)
            self._raise_failure(ticking)
        finally:
            for task in (*waiting, *ticking):
                task.cancel()
            await asyncio.gather(*waiting, *ticking, return_exceptions=True)

    def _raise_failure(self, tasks: Sequence[asyncio.Task[object]]) -> None:
        errors = [role.app.failure for role in self.roles if role.app.failure is not None]
        errors += [error for task in tasks if task.done() and (error := task.exception()) is not None]
        if errors:
            for role in self.roles:
                role.health.failure = repr(errors[0])
            raise WorkerFailedError(f"{type(errors[0]).__name__}: {errors[0]}") from errors[0]


async def _partitions(writer: Writer, topic: str) -> int:
    """Return how many partitions a topic has."""
    try:
        return await writer.partitions(topic)
    except KafkaError as error:
        raise TopicError(
            f"topic {topic} cannot be used ({type(error).__name__}): "
            "`streamguard topics --create` creates what is missing"
        ) from error


async def _tick(role: Role, done: asyncio.Event) -> None:
    while not done.is_set():
        await asyncio.sleep(TICK_SECONDS)
        await role.tick()
