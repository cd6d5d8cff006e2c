"""``streamguard demo``: a company in a box, with a leak in it, on an embedded broker."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass, field
from typing import Annotated, Any

import orjson
import typer
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from streamguard.cli.company import company_tools
from streamguard.cli.logs import quiet_logs
from streamguard.cli.output import EXIT_PROBLEM, errors, fail
from streamguard.cli.simulation import keyed
from streamguard.detect import DetectConfig
from streamguard.embedded import EmbeddedBroker, EmbeddedBrokerError
from streamguard.findings import as_text
from streamguard.simulate import Attack, World, small_company
from streamguard.stream import Connection, EngineConfig, Topics, Worker, WorkerConfig
from streamguard.stream.feed import feed
from streamguard.stream.tail import open_tail

AUDIT_TOPIC = "crm.postgresql.audit"
AHEAD_LINES = 2_000
"""How far the simulated log may run ahead of the worker: some hours of the company's life, as in reality."""
_QUIET_SECONDS = 1.0
_TIMEOUT_SECONDS = 300.0


@dataclass
class Scene:
    """What the demo has seen so far."""

    attacks: list[Attack]
    started: float
    lines: int = 0
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    found: set[Attack] = field(default_factory=set)
    seconds_to_finding: float | None = None

    def see(self, event: dict[str, Any], key: bytes | None) -> bool:
        """Take in one finding; tells whether it shows a leak that was not seen before."""
        self.findings[event["finding_info"]["uid"]] = event
        employee = (key or b"").decode()
        for attack in self.attacks:
            if employee in attack.employees and attack not in self.found and event["time"] >= attack.start_ms:
                self.found.add(attack)
                self.seconds_to_finding = self.seconds_to_finding or time.monotonic() - self.started
                return True
        return False


def demo(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line last.")] = False,
    days: Annotated[int, typer.Option(min=8, help="Days of the simulated company's life.")] = 28,
    seed: Annotated[int, typer.Option(help="Another seed is another company.")] = 1,
) -> None:
    """Run a simulated company with a leak in it through the whole pipeline and show what is found."""
    quiet_logs()
    company = World(small_company(seed=seed, days=days))
    scene = Scene(attacks=list(company.attacks), started=time.monotonic())
    try:
        with EmbeddedBroker() as broker:
            activities = asyncio.run(_play(broker, company, scene))
            described = broker.describe()
    except EmbeddedBrokerError as error:
        fail(str(error))
    leak_found = len(scene.found) == len(scene.attacks)
    _tell(scene, activities, described)
    if json:
        result = {
            "activities": activities,
            "findings": len(scene.findings),
            "leak_found": leak_found,
            "seconds_to_finding": round(scene.seconds_to_finding, 1) if scene.seconds_to_finding else None,
            "broker": described,
        }
        sys.stdout.write(orjson.dumps(result).decode() + "\n")
    if not leak_found:
        raise typer.Exit(EXIT_PROBLEM)


async def _play(broker: EmbeddedBroker, company: World, scene: Scene) -> int:
    """Run the worker, feed it the company's log and watch the findings; returns the number of activities judged."""
    worker = _worker(broker)
    running = asyncio.create_task(worker.run())
    lines = list(keyed(company.lines("postgresql.jsonlog")))
    scene.lines = len(lines)
    view = _View(scene, worker)
    with view.live:
        feeding = asyncio.create_task(
            feed(worker.config.connection, AUDIT_TOPIC, lines, may_send=lambda sent: sent - view.read <= AHEAD_LINES)
        )
        watching = asyncio.create_task(_watch(worker, scene, view, feeding))
        done, _ = await asyncio.wait([running, watching], return_when=asyncio.FIRST_COMPLETED, timeout=_TIMEOUT_SECONDS)
        for task in (feeding, watching):
            task.cancel()
        await asyncio.gather(feeding, watching, return_exceptions=True)
    worker.stop()
    await running
    if not done:
        fail(f"the demo did not finish within {_TIMEOUT_SECONDS:.0f} s: is the machine very busy?", EXIT_PROBLEM)
    return view.judged


def _worker(broker: EmbeddedBroker) -> Worker:
    topics = Topics(audit={AUDIT_TOPIC: "postgresql.jsonlog"})
    engine = EngineConfig()
    own = (topics.activity, topics.findings, topics.incidents, topics.deadletter, engine.changelog_topic)
    for name in (AUDIT_TOPIC, *own):
        broker.create_topic(name)
    config = WorkerConfig(
        connection=Connection(broker.bootstrap), topics=topics, detect=DetectConfig(), engine=engine, web_port=None
    )
    return Worker(config, company_tools())


async def _watch(worker: Worker, scene: Scene, view: _View, feeding: asyncio.Task[int]) -> None:
    """Show findings as they come, until everything fed has been judged."""
    quiet_since: float | None = None
    async with open_tail(worker.config.connection, worker.config.topics.findings) as tail:
        while True:
            for record in await tail.read(0.1):
                event = orjson.loads(record.value)
                if scene.see(event, record.key):
                    view.show(event)
                quiet_since = None
            view.refresh()
            if not (feeding.done() and view.is_caught_up):
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > _QUIET_SECONDS:
                return


class _View:
    """The live picture: progress on top, findings of leaks below as they are found. Goes to standard error."""

    def __init__(self, scene: Scene, worker: Worker) -> None:
        self._scene = scene
        self._worker = worker
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._read = self._progress.add_task("audit records read", total=scene.lines)
        self._judged = self._progress.add_task("statements judged", total=None)
        self._found = self._progress.add_task("leaks found", total=len(scene.attacks))
        self.live = Live(self._progress, console=errors, refresh_per_second=8, transient=True)

    @property
    def read(self) -> int:
        """Audit records read so far."""
        return sum(sum(role.positions.values()) for role in self._worker.roles if role.name == "ingest")

    @property
    def judged(self) -> int:
        """Activities judged so far."""
        return int(self._worker.metrics.value("streamguard_judged_total"))

    @property
    def is_caught_up(self) -> bool:
        """Whether everything fed was read, written, judged and written again."""
        return self.read >= self._scene.lines and all(role.is_idle for role in self._worker.roles)

    def refresh(self) -> None:
        """Draw the present numbers."""
        self._progress.update(self._read, completed=self.read)
        self._progress.update(self._judged, completed=self.judged)
        self._progress.update(self._found, completed=len(self._scene.found))

    def show(self, event: dict[str, Any]) -> None:
        """Print a finding above the progress."""
        self.live.console.print(f"\n{as_text(event)}\n", highlight=False, markup=False, soft_wrap=True)


def _tell(scene: Scene, activities: int, broker: str) -> None:
    """Say what happened, on standard error so that --json stays one line."""
    seconds = time.monotonic() - scene.started
    errors.print(
        f"{scene.lines:,} audit records, {activities:,} statements judged, {len(scene.findings)} findings, "
        f"{len(scene.found)} of {len(scene.attacks)} simulated leaks found, in {seconds:.0f} s on {broker}.",
        highlight=False,
    )
    leakers = {employee for attack in scene.attacks for employee in attack.employees}
    others = [event for event in scene.findings.values() if event["unmapped"]["employee"] not in leakers]
    if others:
        groups = sorted({event["unmapped"]["peer_group"] for event in others})
        errors.print(
            f"{len(others)} findings are about people who leaked nothing, in {', '.join(groups)}: volume alone cannot "
            "tell a team's first month-end report from a leak before most of the team has run it.",
            highlight=False,
        )
    for attack in scene.attacks:
        verdict = "found" if attack in scene.found else "NOT FOUND"
        errors.print(
            f"  {verdict}: {attack.scenario} by {' and '.join(attack.employees)}, {attack.rows:,} rows of "
            f"{', '.join(attack.tables)} in {attack.statements} statements ({', '.join(attack.categories)})",
            highlight=False,
        )
