"""The sections of the settings: names, types, bounds, defaults, and what each setting is for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from streamguard.sealing import SealError, checked_public
from streamguard.sources import format_names


class Section(BaseModel):
    """A part of the settings; unknown names are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Kafka(Section):
    """How to reach Kafka."""

    bootstrap_servers: str = Field(default="127.0.0.1:9092", min_length=3)
    """``host:port`` pairs, separated by commas."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """As Kafka calls it."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    """Needed with the SASL protocols."""
    sasl_username: str | None = None
    """Needed with the SASL protocols."""
    sasl_password: SecretStr | None = None
    """Needed with the SASL protocols; better in the environment than in the file."""
    ssl_ca_file: Path | None = None
    """Certificate authorities to trust (PEM); the system's own if not given."""
    ssl_cert_file: Path | None = None
    """Client certificate (PEM), where the brokers ask for one."""
    ssl_key_file: Path | None = None
    """Private key of the client certificate (PEM)."""
    topic_identities: bool = True
    """Ask Kafka for the identities of audit topics, so that one created anew is noticed; not before Kafka 2.8."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.security_protocol.startswith("SASL") and not (
            self.sasl_mechanism and self.sasl_username and self.sasl_password
        ):
            raise ValueError(f"{self.security_protocol} needs sasl_mechanism, sasl_username and sasl_password")
        if bool(self.ssl_cert_file) != bool(self.ssl_key_file):
            raise ValueError("ssl_cert_file and ssl_key_file belong together: give both or none")
        return self


class AuditTopic(Section):
    """One of the customer's own topics with audit records."""

    name: str = Field(min_length=1, max_length=249)
    format: str | None = None
    """Audit format; recognised by signature if not given."""

    @field_validator("format")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        # Those of a mapping are known when its file was read.
        if value is not None and value not in format_names() and value.partition(".")[0] != "mapping":
            raise ValueError(f"there is no format {value!r}; known are: {', '.join(format_names())}")
        return value


def _split(value: Any) -> Any:
    """Let the environment give a list as words between commas."""
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


def _as_topics(value: Any) -> Any:
    value = _split(value)
    if isinstance(value, list):
        return [{"name": item} if isinstance(item, str) else item for item in value]
    return value


def _nothing(value: Any) -> Any:
    """Let a text or a switch say that something is not wanted."""
    return None if value is False or (isinstance(value, str) and value.lower() in {"", "none", "false"}) else value


class Topics(Section):
    """Names and shapes of topics."""

    audit: Annotated[tuple[AuditTopic, ...], BeforeValidator(_as_topics)] = (AuditTopic(name="streamguard.audit"),)
    """Topics to read: names, or mappings of ``name`` and ``format``; in the environment separated by commas."""
    activity: str = "streamguard.activity"
    """Exposures on their way from ingest to detect."""
    findings: str = "streamguard.findings"
    """OCSF Detection Findings: what consumers of alerts read."""
    incidents: str = "streamguard.incidents"
    """Current state of incidents, compacted."""
    deadletter: str = "streamguard.deadletter"
    """What could not be understood, with its reason and place."""
    feedback: str = "streamguard.feedback"
    """What people say: verdicts on findings, approvals of planned exports, what becomes of incidents."""
    identities: str | None = Field(default=None, min_length=1, max_length=249)
    """Changes to the directory of employees (compacted, one partition), such as streamguard.identities; none: the
    directory is what the file says at the start."""
    ledger: Annotated[str | None, BeforeValidator(_nothing)] = Field(
        default="streamguard.ledger", min_length=1, max_length=249
    )
    """Every exposure of personal data, also those that alerted nobody; none: they are not kept."""
    replication_factor: int = Field(default=1, ge=1)
    """Of the topics that StreamGuard creates; 3 in production."""
    activity_partitions: int = Field(default=8, ge=1, le=10_000)
    """Of the activity topic and its state; cannot be changed later without starting afresh."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [topic.name for topic in self.audit]
        names += [self.activity, self.findings, self.incidents, self.deadletter, self.feedback]
        names += [name for name in (self.identities, self.ledger) if name is not None]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"topic names must differ, used twice: {', '.join(twice)}")
        if not self.audit:
            raise ValueError("at least one audit topic is needed")
        return self


def _lines(value: Any) -> Any:
    return [line for line in value.splitlines() if line] if isinstance(value, str) else value


def _pairs(value: Any) -> Any:
    return dict(pair.partition("=")[::2] for pair in _split(value)) if isinstance(value, str) else value


def _strong(value: SecretStr | None, name: str) -> SecretStr | None:
    """Refuse a secret that can be guessed, or that does not fit the hash."""
    if value is not None and not 16 <= len(value.get_secret_value().encode()) <= 64:
        raise ValueError(f"{name} must have 16 to 64 bytes: try `openssl rand -hex 32`")
    return value


class Sources(Section):
    """How audit records are read."""

    mappings: Path | None = None
    """Home-grown JSON formats (YAML): which member means what."""
    log_line_prefixes: Annotated[tuple[str, ...], BeforeValidator(_lines)] = ()
    """Your values of PostgreSQL's ``log_line_prefix``, tried before the common ones; in the environment one a line."""
    time_zones: Annotated[dict[str, int], BeforeValidator(_pairs)] = {}
    """Minutes east of UTC, by abbreviation, of servers whose log's time zone is ambiguous in the world (CST, IST);
    in the environment ``CST=-360,IST=330``."""
    subject_key: SecretStr | None = None
    """Secret (16 to 64 bytes as text) that hashes the customer numbers, addresses, ... in statements; keep it, or old
    hashes match no more. Without it they are dropped. Best given as STREAMGUARD_SOURCES__SUBJECT_KEY."""
    seal_public_key: str | None = None
    """Public key of whoever resolves incidents (`streamguard seal keygen`): complete statement texts that expose
    personal data are kept, sealed for it. Needs subject_key; without it they are not kept."""
    max_record_bytes: int = Field(default=1024 * 1024, ge=1024)
    """Largest single audit record."""
    max_unpacked_bytes: int = Field(default=16 * 1024 * 1024, ge=64 * 1024)
    """Largest Kafka message, and most bytes that its compressed parts may unpack to."""
    max_records_per_message: int = Field(default=10_000, ge=1)
    """Audit records in one Kafka message."""
    max_statement_bytes: int = Field(default=32 * 1024, ge=1024)
    """Statement text that is analysed; of a longer one only this prefix is."""
    statement_cache_size: int = Field(default=20_000, ge=100)
    """Statement texts whose analysis is remembered."""
    max_future_minutes: int = Field(default=24 * 60, ge=1)
    """How far an event time may lie after the Kafka time of its record."""

    @field_validator("subject_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        return _strong(value, "subject_key")

    @field_validator("seal_public_key")
    @classmethod
    def _is_public_key(cls, value: str | None) -> str | None:
        try:
            return value if value is None else checked_public(value)
        except SealError as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _can_seal(self) -> Self:
        if self.seal_public_key is not None and self.subject_key is None:
            raise ValueError("seal_public_key needs subject_key, from which sealing derives its keys")
        return self


class Exposure(Section):
    """How statements are matched with people and data."""

    search_path: Annotated[tuple[str, ...], BeforeValidator(_split)] = ("public",)
    """Schemas of tables that statements name without one."""
    shard_size: int = Field(default=500, ge=10)
    """People who share one peer shard, about: larger peer groups are split."""
    unknown_shards: int = Field(default=8, ge=1)
    """Shards of logins that map to nobody."""


class Detect(Section):
    """The alert budget and the memory of the detectors."""

    budget_per_1000: float = Field(default=5.0, gt=0, le=1000)
    """False cases per 1,000 employee-days that the SOC is ready to look at."""
    half_life_days: float = Field(default=14.0, gt=0)
    """After this many days a day counts half."""
    warmup_days: int = Field(default=7, ge=0)
    """No findings before this many days were seen."""
    warmup_employee_days: int = Field(default=20, ge=0)
    """... and this many days of employees, all together."""
    quarantine_days: int = Field(default=5, ge=0)
    """Active days in a row that are too strange to learn, before a new level is accepted."""
    lateness_hours: float = Field(default=1.0, ge=0, le=336)
    """How much older than the employee's newest record a record may be and still count."""
    lateness_hours_by_source: Annotated[dict[str, float], BeforeValidator(_pairs)] = {}
    """The same for slow sources, by adapter or family, besides the built-in ones (snowflake 6, databricks 3,
    redshift 2, bigquery 1); in the environment ``snowflake=6,mapping.portal=2``."""
    case_hours: int = Field(default=72, ge=1)
    """Findings of one employee within this time are one case."""
    day_start_local_hours: int = Field(default=4, ge=0, le=23)
    """Hour at which a behavioural day begins, in the employee's time zone."""


class Incidents(Section):
    """Which findings are one incident (docs/incidents.md)."""

    employee_days: float = Field(default=7.0, ge=0, le=400)
    """Between two findings of one employee, at most."""
    shared_days: float = Field(default=14.0, ge=0, le=400)
    """Between findings of two employees who share people, a shape of statement or a tool, at most."""
    window_minutes: float = Field(default=30.0, ge=0, le=24 * 60)
    """Between the statements of two employees who met something new together, at most."""
    retention_days: float = Field(default=400.0, ge=1, le=10_000)
    """Incidents that are over, and whose last statement is older than that, are removed from the topic."""


class Api(Section):
    """The read API of incidents, ``streamguard incident serve``."""

    host: str = "127.0.0.1"
    """Loopback unless something in front of it adds TLS: the answers are about employees."""
    port: int = Field(default=6067, ge=0, le=65_535)
    """0: the system chooses."""
    token: SecretStr | None = None
    """Secret (at least 32 characters) that callers send as ``Authorization: Bearer ...``; without it nothing is served.
    Best given as STREAMGUARD_API__TOKEN."""

    @field_validator("token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("token must have at least 32 characters: try `openssl rand -hex 32`")
        return value


class Ledger(Section):
    """Keeping every exposure of personal data (docs/ledger.md)."""

    directory: Path = Path("streamguard-ledger")
    """The store that ``streamguard ledger run`` builds from the topic."""
    retention_days: int = Field(default=400, ge=1, le=4_000)
    """Of the topic and of the store."""
    sealed_days: int = Field(default=90, ge=1, le=4_000)
    """Of sealed statement texts in the store (sources.seal_public_key); the topic keeps them for retention_days."""
    hold_seconds: float = Field(default=10.0, ge=0, le=600)
    """How long detect holds exposures, at most, so that more share a record; read again after a crash, never lost."""
    commit_seconds: float = Field(default=10.0, ge=0.1, le=3_600)
    """Between two commits of the store."""
    memory_mb: int = Field(default=1024, ge=256)
    """Memory that the store's database may take; beyond, it uses the disk."""
    pseudonym_key: SecretStr | None = None
    """Secret (16 to 64 bytes as text) under which employees are kept as pseudonyms; who lacks it can ask for nobody.
    Best given as STREAMGUARD_LEDGER__PSEUDONYM_KEY."""

    @field_validator("pseudonym_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        return _strong(value, "pseudonym_key")


class Engine(Section):
    """How the engine runs; the defaults are measured (docs/engine.md)."""

    run_records: int = Field(default=1_000, ge=1)
    """Records an agent gets at once, at most."""
    poll_records: int = Field(default=4_000, ge=1)
    """Records fetched at once, at most."""
    flush_seconds: float = Field(default=0.1, gt=0)
    """What was gathered waits at most this long before it is written; less if nothing more is there to read."""
    state_seconds: float = Field(default=0.5, gt=0)
    """Behind a backlog, state waits at most this long: what changes several times is written once."""
    flush_records: int = Field(default=4_000, ge=1)
    """More gathered records than this are written at once."""
    commit_seconds: float = Field(default=1.0, gt=0)
    """Between two offset commits."""
    idle_cut_seconds: float = Field(default=0.3, gt=0)
    """Silence after which statements that wait for further lines are closed."""
    statement_gap_records: int = Field(default=1_000, ge=1)
    """Records between two lines of one statement, at most."""
    statement_gap_ms: int = Field(default=1_000, ge=1)
    """Event time between two lines of one statement, at most."""
    session_timeout_seconds: float = Field(default=30.0, ge=1)
    """A dead worker is noticed after this time."""
    heartbeat_seconds: float = Field(default=3.0, gt=0)
    """Between two heartbeats to the consumer group; at most a third of the session time-out."""
    fetch_max_wait_ms: int = Field(default=50, ge=1)
    """How long a broker may hold a fetch back while there is nothing to read."""
    clock_skew_ms: int = Field(default=100, ge=0, le=10_000)
    """By how much brokers' clocks may be behind the workers'; with topics.identities, audit records wait that long."""
    compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = "zstd"
    """Of what StreamGuard writes. zstd needs Kafka 2.1 or later, everywhere; gzip takes many times as long."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.heartbeat_seconds > self.session_timeout_seconds / 3:
            raise ValueError("heartbeat_seconds must be at most a third of session_timeout_seconds")
        return self


class Controller(Section):
    """Who answers for the data: what a dossier must name. What is not given, the dossier marks as to be completed."""

    name: str | None = None
    """Of the company or authority that is the controller (Article 4(7) GDPR)."""
    address: str | None = None
    """Where it is."""
    officer: str | None = None
    """Data protection officer, or another contact point (Article 33(3)(b))."""
    contact: str | None = None
    """How to reach that person: e-mail address, telephone."""
    authority: str | None = None
    """The competent supervisory authority (Article 55)."""
    time_zone: str = "UTC"
    """In which dossiers write times, such as Europe/Berlin."""

    @field_validator("time_zone")
    @classmethod
    def _a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone {value!r}; names look like Europe/Berlin") from None
        return value


class Web(Section):
    """Metrics and health over HTTP."""

    host: str = "127.0.0.1"
    """Loopback unless you know who else can reach it: the metrics describe a security system."""
    port: int = Field(default=6066, ge=0, le=65_535)
    """0: no web server."""


class Log(Section):
    """Logs on standard error."""

    format: Literal["json", "plain"] = "json"
    """One JSON object a line, or lines for people."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Of StreamGuard's own messages; libraries log warnings and errors."""
