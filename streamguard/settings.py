"""All settings, in one place: flag, then environment, then ``streamguard.yaml``, then default.

Every setting can be given in the environment as ``STREAMGUARD_<SECTION>__<NAME>``, for example
``STREAMGUARD_KAFKA__BOOTSTRAP_SERVERS``. Mistakes are collected and reported together, each with its place.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from streamguard.located import ConfigurationError, Mistake, load_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

    from streamguard.located import Located

ENV_PREFIX = "STREAMGUARD_"
ENV_DELIMITER = "__"
DEFAULT_FILE = Path("streamguard.yaml")


class Section(BaseModel):
    """A part of the settings; unknown names are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Kafka(Section):
    """How to reach Kafka."""

    bootstrap_servers: str = Field("127.0.0.1:9092", min_length=3)
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


def _split(value: Any) -> Any:
    """Let the environment give a list as words between commas."""
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


def _as_topics(value: Any) -> Any:
    value = _split(value)
    if isinstance(value, list):
        return [{"name": item} if isinstance(item, str) else item for item in value]
    return value


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
    """Verdicts of analysts."""
    replication_factor: int = Field(1, ge=1)
    """Of the topics that StreamGuard creates; 3 in production."""
    activity_partitions: int = Field(8, ge=1, le=10_000)
    """Of the activity topic and its state; cannot be changed later without starting afresh."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [topic.name for topic in self.audit]
        names += [self.activity, self.findings, self.incidents, self.deadletter, self.feedback]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"topic names must differ, used twice: {', '.join(twice)}")
        if not self.audit:
            raise ValueError("at least one audit topic is needed")
        return self


class Exposure(Section):
    """How statements are matched with people and data."""

    search_path: Annotated[tuple[str, ...], BeforeValidator(_split)] = ("public",)
    """Schemas of tables that statements name without one."""
    shard_size: int = Field(500, ge=10)
    """People who share one peer shard, about: larger peer groups are split."""
    unknown_shards: int = Field(8, ge=1)
    """Shards of logins that map to nobody."""


class Detect(Section):
    """The alert budget and the memory of the detectors."""

    budget_per_1000: float = Field(5.0, gt=0, le=1000)
    """False cases per 1,000 employee-days that the SOC is ready to look at."""
    half_life_days: float = Field(14.0, gt=0)
    """After this many days a day counts half."""
    warmup_days: int = Field(7, ge=0)
    """No findings before this many days were seen."""
    case_hours: int = Field(72, ge=1)
    """Findings of one employee within this time are one case."""
    day_start_local_hours: int = Field(4, ge=0, le=23)
    """Hour at which a behavioural day begins, in the employee's time zone."""


class Engine(Section):
    """How the engine runs; the defaults are measured (docs/engine.md)."""

    run_records: int = Field(1_000, ge=1)
    """Records an agent gets at once, at most."""
    poll_records: int = Field(4_000, ge=1)
    """Records fetched at once, at most."""
    flush_seconds: float = Field(0.05, gt=0)
    """What was gathered waits at most this long before it is written."""
    flush_records: int = Field(4_000, ge=1)
    """More gathered records than this are written at once."""
    commit_seconds: float = Field(1.0, gt=0)
    """Between two offset commits."""
    idle_cut_seconds: float = Field(0.3, gt=0)
    """Silence after which statements that wait for further lines are closed."""
    statement_gap_records: int = Field(1_000, ge=1)
    """Records between two lines of one statement, at most."""
    statement_gap_ms: int = Field(1_000, ge=1)
    """Event time between two lines of one statement, at most."""
    session_timeout_seconds: float = Field(30.0, ge=1)
    """A dead worker is noticed after this time."""
    heartbeat_seconds: float = Field(3.0, gt=0)
    """Between two heartbeats to the consumer group; at most a third of the session time-out."""
    fetch_max_wait_ms: int = Field(50, ge=1)
    """How long a broker may hold a fetch back while there is nothing to read."""
    compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = "gzip"
    """Of what StreamGuard writes; snappy, lz4 and zstd need the extra ``compression``."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.heartbeat_seconds > self.session_timeout_seconds / 3:
            raise ValueError("heartbeat_seconds must be at most a third of session_timeout_seconds")
        return self


class Web(Section):
    """Metrics and health over HTTP."""

    host: str = "127.0.0.1"
    """Loopback unless you know who else can reach it: the metrics describe a security system."""
    port: int = Field(6066, ge=0, le=65_535)
    """0: no web server."""


class Log(Section):
    """Logs on standard error."""

    format: Literal["json", "plain"] = "json"
    """One JSON object a line, or lines for people."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Of StreamGuard's own messages; libraries log warnings and errors."""


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=ENV_DELIMITER,
        # Lists come as words between commas, which is no JSON.
        enable_decoding=False,
        use_attribute_docstrings=True,
    )

    kafka: Kafka = Kafka()
    topics: Topics = Topics()
    group: str = Field("streamguard", min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$")
    """Prefix of the consumer groups and of the changelog topic."""
    identities: Path | None = None
    """The directory of employees (YAML or CSV); without it every login is its own employee."""
    catalogue: Path | None = None
    """The catalogue of personal data (YAML); without it nothing is known to be personal data."""
    exposure: Exposure = Exposure()
    detect: Detect = Detect()
    engine: Engine = Engine()
    web: Web = Web()
    log: Log = Log()

    _file: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
        """Read the settings.

        Parameters
        ----------
        path
            The file; ``streamguard.yaml`` in the working directory if it is there and nothing else is said.
        overrides
            Values from the command line, nested like the file.

        Raises
        ------
        ConfigurationError
            With every mistake, each with its place.
        """
        if path is None and DEFAULT_FILE.exists():
            path = DEFAULT_FILE
        located = load_yaml(path) if path is not None else None
        values = located.value if located is not None else {}
        if not isinstance(values, dict):
            raise ConfigurationError([Mistake(str(path), 1, 1, "the file must hold a mapping of settings")])
        if path is not None:
            values = _beside(values, path.parent)
        sources = _FromFile.of(values)
        try:
            return _bound(sources)(**dict(overrides or {}))
        except ValidationError as error:
            raise ConfigurationError([_mistake(detail, located, path, overrides) for detail in error.errors()]) from None

    def describe(self) -> dict[str, Any]:
        """Return all settings as plain data, secrets masked: fit for logs."""
        return self.model_dump(mode="json")


class _FromFile(EnvSettingsSource):
    """The file's values, as the weakest source before the defaults."""

    values: Mapping[str, Any] = {}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> type[_FromFile]:
        return type("FromFile", (cls,), {"values": values})

    def __call__(self) -> dict[str, Any]:
        return dict(self.values)


def _bound(from_file: type[_FromFile]) -> type[Settings]:
    class Bound(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, from_file(settings_cls)

    return Bound


def _beside(values: dict[str, Any], directory: Path) -> dict[str, Any]:
    """Make the file's relative paths relative to the file."""
    out = dict(values)
    for name in ("identities", "catalogue"):
        if isinstance(out.get(name), str):
            out[name] = str(directory / out[name])
    kafka = out.get("kafka")
    if isinstance(kafka, dict):
        paths = {k: str(directory / v) for k, v in kafka.items() if k.endswith("_file") and isinstance(v, str)}
        out["kafka"] = {**kafka, **paths}
    return out


def _mistake(
    detail: ErrorDetails, located: Located | None, path: Path | None, overrides: Mapping[str, Any] | None
) -> Mistake:
    """Turn one of pydantic's errors into a mistake where it was made: in the flags, the environment or the file."""
    place = tuple(detail["loc"])
    message = f"{'.'.join(map(str, place)) or 'settings'}: {_in_words(detail)}"
    if _reaches(overrides, place):
        return Mistake("command line", 0, 0, message)
    if located is not None and path is not None and _reaches(located.value, place):
        line, column = located.position(place)
        return Mistake(str(path), line, column, message)
    return Mistake("environment", 0, 0, f"{message} ({_variable(place)})")


def _in_words(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        name = str(detail["loc"][-1])
        near = difflib.get_close_matches(name, _known_names(detail["loc"][:-1]), n=1)
        return "there is no such setting" + (f", did you mean {near[0]}?" if near else "")
    return detail["msg"].removeprefix("Value error, ")


def _known_names(place: tuple[int | str, ...]) -> list[str]:
    model: Any = Settings
    for step in place:
        if isinstance(step, str) and step in model.model_fields:
            annotation = model.model_fields[step].annotation
            model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else AuditTopic
    return list(model.model_fields)


def _reaches(values: Any, place: tuple[int | str, ...]) -> bool:
    for step in place:
        if isinstance(values, dict) and step in values:
            values = values[step]
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return isinstance(values, str) or isinstance(step, int)
    return bool(place)


def _variable(place: tuple[int | str, ...]) -> str:
    return ENV_PREFIX + ENV_DELIMITER.join(str(step).upper() for step in place if isinstance(step, str))
