"""From settings to what the rooms take: the one place where both are known."""

from __future__ import annotations

import ssl
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from streamguard.admin import AdminConnection, topic_ids
from streamguard.cli.output import fail
from streamguard.detect import DetectConfig
from streamguard.exposure import Catalogue, Directory, Exposer, ExposureConfig
from streamguard.located import ConfigurationError, Mistake
from streamguard.pipeline import OriginTools
from streamguard.settings import Settings
from streamguard.sources import Decoder, format_names
from streamguard.sources.assemble import AssemblyConfig
from streamguard.stream import Connection, EngineConfig, Topics, WorkerConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.settings import Kafka


ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file; ./streamguard.yaml if it is there.")
]
BootstrapOption = Annotated[str | None, typer.Option("--bootstrap", help="Kafka, as host:port[,host:port].")]


def overrides(bootstrap: str | None = None, port: int | None = None) -> dict[str, Any]:
    """Return what the command line says, nested like the settings."""
    out: dict[str, Any] = {}
    if bootstrap is not None:
        out["kafka"] = {"bootstrap_servers": bootstrap}
    if port is not None:
        out["web"] = {"port": port}
    return out


def load_settings(path: Path | None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings, or end the command with every mistake."""
    try:
        return Settings.load(path, overrides)
    except ConfigurationError as error:
        refuse(error)


def refuse(error: ConfigurationError) -> NoReturn:
    """End the command with every mistake of a configuration."""
    count = len(error.mistakes)
    fail(f"the configuration has {count} mistake{'s' if count > 1 else ''}:\n{error}")


def tools(settings: Settings) -> OriginTools:
    """Read identities and catalogue and return the pure core's tools.

    Raises
    ------
    ConfigurationError
        With every mistake of all files, each with its place.
    """
    mistakes: list[Mistake] = []
    directory, catalogue = Directory.empty(), Catalogue.empty()
    try:
        if settings.identities is not None:
            directory = Directory.load(settings.identities)
    except ConfigurationError as error:
        mistakes += error.mistakes
    try:
        if settings.catalogue is not None:
            catalogue = Catalogue.load(settings.catalogue)
    except ConfigurationError as error:
        mistakes += error.mistakes
    if mistakes:
        raise ConfigurationError(mistakes)
    exposure = ExposureConfig(
        search_path=settings.exposure.search_path,
        shard_size=settings.exposure.shard_size,
        unknown_shards=settings.exposure.unknown_shards,
    )
    engine = settings.engine
    return OriginTools(
        decoder=Decoder(),
        exposer=Exposer(directory, catalogue, exposure),
        assembly=AssemblyConfig(gap_records=engine.statement_gap_records, gap_ms=engine.statement_gap_ms),
    )


def detect_config(settings: Settings) -> DetectConfig:
    """Return the detectors' configuration."""
    return DetectConfig(**settings.detect.model_dump())


def worker_config(settings: Settings) -> WorkerConfig:
    """Return the stream room's configuration."""
    engine = settings.engine.model_dump()
    compression = engine.pop("compression")
    assembly = AssemblyConfig(gap_records=engine.pop("statement_gap_records"), gap_ms=engine.pop("statement_gap_ms"))
    topics = settings.topics
    return WorkerConfig(
        connection=Connection(settings.kafka.bootstrap_servers, security(settings.kafka)),
        topics=Topics(
            audit={topic.name: topic.format for topic in topics.audit},
            activity=topics.activity,
            findings=topics.findings,
            deadletter=topics.deadletter,
        ),
        detect=detect_config(settings),
        engine=EngineConfig(
            group=settings.group,
            compression=None if compression == "none" else compression,
            assembly=assembly,
            request_timeout_seconds=engine["session_timeout_seconds"] + 10,
            **engine,
        ),
        topic_ids=partial(topic_ids, admin_connection(settings)) if settings.kafka.topic_identities else None,
        web_host=settings.web.host,
        web_port=settings.web.port or None,
    )


def admin_connection(settings: Settings) -> AdminConnection:
    """Return the admin room's way to Kafka."""
    return AdminConnection(settings.kafka.bootstrap_servers, security(settings.kafka))


def security(kafka: Kafka) -> dict[str, Any]:
    """Return the security arguments that aiokafka and kafka-python share; empty for plain text."""
    if kafka.security_protocol == "PLAINTEXT":
        return {}
    out: dict[str, Any] = {"security_protocol": kafka.security_protocol}
    if kafka.security_protocol.startswith("SASL"):
        out |= {
            "sasl_mechanism": kafka.sasl_mechanism,
            "sasl_plain_username": kafka.sasl_username,
            "sasl_plain_password": kafka.sasl_password.get_secret_value() if kafka.sasl_password else None,
        }
    if kafka.security_protocol.endswith("SSL"):
        context = ssl.create_default_context(cafile=str(kafka.ssl_ca_file) if kafka.ssl_ca_file else None)
        if kafka.ssl_cert_file is not None:
            context.load_cert_chain(str(kafka.ssl_cert_file), str(kafka.ssl_key_file))
        out["ssl_context"] = context
    return out


def unknown_formats(settings: Settings) -> list[str]:
    """Return one sentence per audit topic whose format does not exist."""
    known = format_names()
    return [
        f"topics.audit: {topic.name} has the format {topic.format!r}; known are: {', '.join(known)}"
        for topic in settings.topics.audit
        if topic.format is not None and topic.format not in known
    ]
