"""Builds the three Faust apps. Agents are three lines: everything they do can be used without Kafka."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faust
import mode

from streamguard.exposure import Moves
from streamguard.feedback import feedback_records
from streamguard.incidents import Casebook
from streamguard.pipeline import departures
from streamguard.stream.consumer import GuardApp
from streamguard.stream.delivery import RunScheduler, RunSchema
from streamguard.stream.detect import Detect
from streamguard.stream.identities import IdentityLog
from streamguard.stream.incidentlog import IncidentLog
from streamguard.stream.incidents import Incidents
from streamguard.stream.ingest import Ingest
from streamguard.stream.ledgerfeed import LedgerFeed
from streamguard.stream.table import StateTable
from streamguard.stream.writer import Writer

if TYPE_CHECKING:
    from streamguard.metrics import Metrics
    from streamguard.pipeline import OriginTools, Steers
    from streamguard.stream.config import Connection, Topics, WorkerConfig
    from streamguard.stream.role import Role

_QUEUED_RUNS = 16
"""Runs that wait for the agent, at most: with a thousand records each that is all the memory reading may take."""
_INCIDENTS_WAIT = 4
"""Times that the incidents agent lets the broker hold back a fetch as long as the others do."""


def build_ingest(config: WorkerConfig, tools: OriginTools, metrics: Metrics) -> Ingest:
    """Return the ingest role, ready to start."""
    app = _app(config.engine.ingest_group, config)
    topics = config.topics
    steering = steering_of(topics, tools)
    ingest = Ingest(
        app,
        Writer(config.connection.aiokafka(), config.engine.compression),
        metrics,
        flush_seconds=config.engine.flush_seconds,
        flush_records=config.engine.flush_records,
        tools=tools,
        formats=topics.audit,
        activity_topic=topics.activity,
        deadletter_topic=topics.deadletter,
        idle_cut_seconds=config.engine.idle_cut_seconds,
        topic_ids=config.topic_ids,
        identities=_identities(config, tools, metrics),
        steering=steering,
    )
    _agent(app, app.topic(*topics.audit, *steering, schema=RunSchema()), ingest)
    return ingest


def steering_of(topics: Topics, tools: OriginTools) -> dict[str, Steers]:
    """Return the topics that steer detection, with what their records bring."""
    addresses = tools.exposer.addresses
    found: dict[str, Steers] = {}
    if topics.feedback is not None:
        found[topics.feedback] = partial(feedback_records, addresses=addresses)
    if topics.identities is not None:
        moves = Moves(addresses)
        found[topics.identities] = lambda _, raw: departures(raw, moves)
    return found


def _identities(config: WorkerConfig, tools: OriginTools, metrics: Metrics) -> IdentityLog | None:
    topics, engine = config.topics, config.engine
    if topics.identities is None:
        return None
    return IdentityLog(
        config.connection,
        topics.identities,
        tools.exposer.history,
        metrics,
        group=engine.identities_group,
        deadletter_topic=topics.deadletter,
        clock_skew_ms=engine.clock_skew_ms,
    )


def build_detect(config: WorkerConfig, activity_partitions: int, metrics: Metrics) -> Detect:
    """Return the detect role, ready to start."""
    app = _app(config.engine.detect_group, config)
    topics = config.topics
    changelog = app.topic(
        config.engine.changelog_topic,
        schema=RunSchema(),
        partitions=activity_partitions,
        # As Faust declares its own changelogs: no acks, not re-declared, empty values are no error.
        acks=False,
        internal=True,
        allow_empty=True,
    )
    table: Any = app.Table(
        "state", key_type=bytes, value_type=bytes, partitions=activity_partitions, changelog_topic=changelog
    )
    detect = Detect(
        app,
        Writer(config.connection.aiokafka(), config.engine.compression),
        metrics,
        flush_seconds=config.engine.flush_seconds,
        flush_records=config.engine.flush_records,
        backlog_seconds=config.engine.state_seconds,
        table=table,
        config=config.detect,
        activity_topic=topics.activity,
        findings_topic=topics.findings,
        deadletter_topic=topics.deadletter,
        ledger=_ledger(config),
    )
    _agent(app, app.topic(topics.activity, schema=RunSchema()), detect)
    return detect


def build_incidents(config: WorkerConfig, metrics: Metrics) -> Incidents:
    """Return the incidents role, ready to start."""
    app = _app(config.engine.incidents_group, config)
    # Its topics are silent nearly always, and to ask for nothing costs as much as to read dozens of audit lines.
    app.fetch_max_wait_ms = _INCIDENTS_WAIT * config.engine.fetch_max_wait_ms
    topics = config.topics
    incidents = Incidents(
        app,
        Writer(config.connection.aiokafka(), config.engine.compression),
        metrics,
        flush_seconds=config.engine.flush_seconds,
        flush_records=config.engine.flush_records,
        log=IncidentLog(config.connection, topics.incidents, Casebook(config.incidents)),
        findings_topic=topics.findings,
        feedback_topic=topics.feedback,
        deadletter_topic=topics.deadletter,
        topic_ids=config.topic_ids,
    )
    sources = (topics.findings,) if topics.feedback is None else (topics.findings, topics.feedback)
    _agent(app, app.topic(*sources, schema=RunSchema()), incidents)
    return incidents


def _ledger(config: WorkerConfig) -> LedgerFeed | None:
    if config.topics.ledger is None:
        return None
    told = config.ledger
    # Blocks are compressed already.
    writer = Writer(config.connection.aiokafka(), None)
    return LedgerFeed(writer, config.topics.ledger, hold_seconds=told.hold_seconds, pseudonyms=told.pseudonyms)


def _agent(app: GuardApp, channel: Any, role: Role) -> None:
    @app.agent(channel, name=role.name)  # type: ignore[untyped-decorator]
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            await role.take_event(event.message.tp, event.value)


def _app(group: str, config: WorkerConfig) -> GuardApp:
    engine = config.engine

    class Scheduler(RunScheduler):
        run_records = engine.run_records

    app = GuardApp(
        group,
        broker=[f"kafka://{address}" for address in config.connection.bootstrap.split(",")],
        broker_credentials=_credentials(config.connection),
        broker_max_poll_records=engine.poll_records,
        broker_commit_interval=engine.commit_seconds,
        broker_session_timeout=engine.session_timeout_seconds,
        broker_heartbeat_interval=engine.heartbeat_seconds,
        broker_request_timeout=engine.request_timeout_seconds,
        # Stuck for ever with `latest` when segments vanish during recovery (faust-streaming #651).
        consumer_auto_offset_reset="earliest",
        ConsumerScheduler=Scheduler,
        Table=StateTable,
        agent_supervisor=mode.CrashingSupervisor,
        store="memory://",
        stream_buffer_maxsize=_QUEUED_RUNS,
        stream_wait_empty=False,
        stream_recovery_delay=0,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
        # State lives in memory and in the changelog; Faust wants a directory all the same, and not the working one.
        datadir=Path(tempfile.gettempdir()) / f"streamguard-{group}",
    )
    app.fetch_max_wait_ms = engine.fetch_max_wait_ms
    return app


def _credentials(connection: Connection) -> Any:
    security = connection.security
    context = security.get("ssl_context")
    if security.get("sasl_mechanism"):
        return faust.SASLCredentials(
            username=security.get("sasl_plain_username"),
            password=security.get("sasl_plain_password"),
            ssl_context=context,
            mechanism=security["sasl_mechanism"],
        )
    return faust.SSLCredentials(context=context) if context is not None else None
