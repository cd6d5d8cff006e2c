"""What the stream room must be told: plain values, so that tests and the demo need no configuration file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamguard.incidents import IncidentRules
from streamguard.ledger import Pseudonyms
from streamguard.sources.assemble import AssemblyConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from streamguard.detect import DetectConfig


@dataclass(frozen=True)
class Topics:
    """Names of the topics.

    Attributes
    ----------
    audit
        The customer's own topics, each with its audit format, or None for detection by signature.
    activity, findings, incidents, deadletter
        StreamGuard's.
    feedback
        Topic of verdicts, approvals and what people say of incidents; None: nobody says anything.
    identities
        Topic of changes to the directory of employees, with one partition; None: the directory does not change.
    ledger
        Topic of every exposure of personal data, with as many partitions as activities; None: nobody keeps them.
    """

    audit: Mapping[str, str | None]
    activity: str = "streamguard.activity"
    findings: str = "streamguard.findings"
    incidents: str = "streamguard.incidents"
    deadletter: str = "streamguard.deadletter"
    feedback: str | None = None
    identities: str | None = None
    ledger: str | None = None


@dataclass(frozen=True)
class Connection:
    """How to reach Kafka.

    Attributes
    ----------
    bootstrap
        ``host:port`` pairs, separated by commas.
    security
        aiokafka's security arguments (``security_protocol``, ``ssl_context``, ``sasl_*``); empty for plain text.
    """

    bootstrap: str
    security: Mapping[str, Any] = field(default_factory=dict)

    def aiokafka(self) -> dict[str, Any]:
        """Return the arguments of aiokafka's clients."""
        return {"bootstrap_servers": self.bootstrap, **self.security}


@dataclass(frozen=True)
class EngineConfig:
    """How the engine runs. The defaults are measured; ``docs/engine.md`` says what each one trades.

    Attributes
    ----------
    group
        Prefix of the consumer groups and of the changelog topic.
    run_records
        Records an agent gets at once, at most.
    poll_records
        Records fetched at once, at most, over all partitions.
    flush_seconds
        What was gathered waits at most this long before it is written; activities and findings wait less when nothing
        more is there to read.
    state_seconds
        Behind a backlog, state waits at most this long: what changes several times is written once. Findings do not
        wait for it.
    flush_records
        More gathered records than this are written at once, and reading waits for it.
    commit_seconds
        Between two commits.
    idle_cut_seconds
        Silence on a partition after which statements that wait for further lines are closed.
    session_timeout_seconds, heartbeat_seconds, request_timeout_seconds
        Kafka's consumer group settings. A dead worker is noticed after the session time-out.
    fetch_max_wait_ms
        How long the broker may hold a fetch back while there is nothing to read.
    clock_skew_ms
        By how much the brokers' clocks may be behind the workers'; with a topic of identities, audit records wait that
        long.
    compression
        Of what StreamGuard writes: None, ``gzip``, ``snappy``, ``lz4`` or ``zstd``. Of these zstd makes activities
        nearly as small as gzip does, in a fraction of the time.
    assembly
        Bounds of the wait for further lines of a statement.
    """

    group: str = "streamguard"
    run_records: int = 1_000
    poll_records: int = 4_000
    flush_seconds: float = 0.1
    state_seconds: float = 0.5
    flush_records: int = 4_000
    commit_seconds: float = 1.0
    idle_cut_seconds: float = 0.3
    session_timeout_seconds: float = 30.0
    heartbeat_seconds: float = 3.0
    request_timeout_seconds: float = 40.0
    fetch_max_wait_ms: int = 50
    clock_skew_ms: int = 100
    compression: str | None = "zstd"
    assembly: AssemblyConfig = field(default_factory=AssemblyConfig)

    @property
    def ingest_group(self) -> str:
        """Consumer group of the ingest agents."""
        return f"{self.group}-ingest"

    @property
    def detect_group(self) -> str:
        """Consumer group of the detect agents."""
        return f"{self.group}-detect"

    @property
    def incidents_group(self) -> str:
        """Consumer group of the incidents agents."""
        return f"{self.group}-incidents"

    @property
    def identities_group(self) -> str:
        """Consumer group that remembers which bad identities have become dead letters."""
        return f"{self.group}-identities"

    @property
    def changelog_topic(self) -> str:
        """Changelog of the detect agents' state."""
        return f"{self.detect_group}-state-changelog"


@dataclass(frozen=True)
class LedgerConfig:
    """How exposures are written to the ledger's topic.

    Attributes
    ----------
    hold_seconds
        That exposures wait for others to share a record with, at most.
    pseudonyms
        What employees are called there.
    """

    hold_seconds: float = 10.0
    pseudonyms: Pseudonyms = field(default_factory=lambda: Pseudonyms(None))


@dataclass(frozen=True)
class WorkerConfig:
    """Everything a worker needs besides the core's own tools."""

    connection: Connection
    topics: Topics
    detect: DetectConfig
    incidents: IncidentRules = field(default_factory=IncidentRules)
    engine: EngineConfig = field(default_factory=EngineConfig)
    ledger: LedgerConfig = field(default_factory=LedgerConfig)
    topic_ids: Callable[[Iterable[str]], Mapping[str, str]] | None = None
    """Asks Kafka for the identities of topics by name (`streamguard.admin.topic_ids`); None: the broker knows none."""
    web_host: str = "127.0.0.1"
    web_port: int | None = 6066
    """None: no web server; 0: the system chooses."""
