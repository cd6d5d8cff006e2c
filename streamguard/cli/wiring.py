"""From settings to what the rooms take: the one place where both are known."""

from __future__ import annotations

import ssl
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from streamguard.admin import AdminConnection, topic_ids
from streamguard.cli.output import fail
from streamguard.detect import DEFAULT_LATENESS_HOURS, DetectConfig
from streamguard.exposure import Catalogue, Directory, Exposer, ExposureConfig
from streamguard.incidents import IncidentRules
from streamguard.ledger import Pseudonyms
from streamguard.located import ConfigurationError, Mistake, load_yaml
from streamguard.pipeline import OriginTools
from streamguard.settings import DEFAULT_FILE, Settings
from streamguard.sources import DEFAULT_LOG_LINE_PREFIXES, Decoder, DecoderConfig, Mapping, format_names, load_mappings
from streamguard.sources.assemble import AssemblyConfig
from streamguard.stream import Connection, EngineConfig, LedgerConfig, Topics, WorkerConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as Values

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


def load_settings(path: Path | None, overrides: Values[str, Any] | None = None) -> Settings:
    """Read the settings, or end the command with every mistake."""
    try:
        return Settings.load(path, overrides)
    except ConfigurationError as error:
        refuse(error)


def refuse(error: ConfigurationError) -> NoReturn:
    """End the command with every mistake of a configuration."""
    count = len(error.mistakes)
    fail(f"the configuration has {count} mistake{'s' if count > 1 else ''}:\n{error}")


def load_all(path: Path | None, overrides: Values[str, Any] | None = None) -> tuple[Settings, OriginTools]:
    """Read settings, identities and catalogue; return the settings and the pure core's tools.

    Raises
    ------
    ConfigurationError
        With every mistake of all three files, each with its place.
    """
    mistakes: list[Mistake] = []
    settings: Settings | None = None
    try:
        settings = Settings.load(path, overrides)
        named = {
            "identities": settings.identities,
            "catalogue": settings.catalogue,
            "mappings": settings.sources.mappings,
        }
    except ConfigurationError as error:
        mistakes += error.mistakes
        named = _files_named_in(path or DEFAULT_FILE)
    directory = _read(Directory.load, named.get("identities"), Directory.empty(), mistakes)
    load = partial(Catalogue.load, subject_key=subject_key(settings), form_only=settings is None)
    catalogue = _read(load, named.get("catalogue"), Catalogue.empty(), mistakes)
    none: tuple[Mapping, ...] = ()
    mappings = _read(load_mappings, named.get("mappings"), none, mistakes)
    if settings is not None and not mistakes:
        mistakes += _unknown_formats(settings, mappings)
    if settings is None or mistakes:
        raise ConfigurationError(mistakes)
    return settings, _tools(settings, directory, catalogue, mappings)


def subject_key(settings: Settings | None) -> bytes | None:
    """Return the secret that hashes the people in statements; None if there is none."""
    key = None if settings is None else settings.sources.subject_key
    return None if key is None else key.get_secret_value().encode()


def pseudonyms(settings: Settings) -> Pseudonyms:
    """Return what the ledger calls employees."""
    key = settings.ledger.pseudonym_key
    return Pseudonyms(None if key is None else key.get_secret_value().encode())


_T = TypeVar("_T")


def _read(load: Callable[[Path], _T], path: Path | None, otherwise: _T, mistakes: list[Mistake]) -> _T:
    """Read a file if one is named, noting its mistakes."""
    if path is None:
        return otherwise
    try:
        return load(path)
    except ConfigurationError as error:
        mistakes += error.mistakes
        return otherwise


def _unknown_formats(settings: Settings, mappings: tuple[Mapping, ...]) -> list[Mistake]:
    """Return the topics whose format is of a mapping that the mappings file does not have."""
    known = format_names(mappings)
    where = str(settings.sources.mappings or "sources.mappings")
    return [
        Mistake(where, 0, 0, f"the topic {topic.name} has the format {topic.format}, which no mapping here defines")
        for topic in settings.topics.audit
        if topic.format is not None and topic.format not in known
    ]


def _files_named_in(path: Path) -> dict[str, Path | None]:
    """Return the files that faulty settings name, so that their mistakes can be told in the same breath."""
    try:
        value = load_yaml(path).value
    except ConfigurationError:
        return {}
    if not isinstance(value, dict):
        return {}
    names = {name: value.get(name) for name in ("identities", "catalogue")}
    if isinstance(sources := value.get("sources"), dict):
        names["mappings"] = sources.get("mappings")
    return {name: path.parent / told for name, told in names.items() if isinstance(told, str)}


def _tools(
    settings: Settings, directory: Directory, catalogue: Catalogue, mappings: tuple[Mapping, ...]
) -> OriginTools:
    engine, exposure = settings.engine, settings.exposure
    return OriginTools(
        decoder=Decoder(decoder_config(settings, catalogue, mappings)),
        exposer=Exposer(
            directory,
            catalogue,
            ExposureConfig(
                search_path=exposure.search_path,
                shard_size=exposure.shard_size,
                unknown_shards=exposure.unknown_shards,
            ),
        ),
        assembly=AssemblyConfig(gap_records=engine.statement_gap_records, gap_ms=engine.statement_gap_ms),
    )


def decoder_config(settings: Settings, catalogue: Catalogue, mappings: tuple[Mapping, ...] = ()) -> DecoderConfig:
    """Return the sources room's configuration; of the catalogue it learns the names of some columns, no more."""
    told = settings.sources
    return DecoderConfig(
        max_record_bytes=told.max_record_bytes,
        max_unpacked_bytes=told.max_unpacked_bytes,
        max_records_per_message=told.max_records_per_message,
        max_statement_bytes=told.max_statement_bytes,
        statement_cache_size=told.statement_cache_size,
        max_future_ms=told.max_future_minutes * 60_000,
        log_line_prefixes=(*told.log_line_prefixes, *DEFAULT_LOG_LINE_PREFIXES),
        time_zones=tuple(sorted(told.time_zones.items())),
        mappings=mappings,
        identifying_columns=catalogue.identifying_columns,
        neutral_columns=catalogue.region_columns,
        subject_key=subject_key(settings),
        seal_public_key=told.seal_public_key,
    )


def detect_config(settings: Settings) -> DetectConfig:
    """Return the detectors' configuration."""
    told = settings.detect.model_dump()
    told["lateness_hours_by_source"] = {**DEFAULT_LATENESS_HOURS, **told["lateness_hours_by_source"]}
    return DetectConfig(**told)


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
            incidents=topics.incidents,
            deadletter=topics.deadletter,
            feedback=topics.feedback,
            identities=topics.identities,
            ledger=topics.ledger,
        ),
        ledger=LedgerConfig(settings.ledger.hold_seconds, pseudonyms(settings)),
        detect=detect_config(settings),
        incidents=IncidentRules(**settings.incidents.model_dump()),
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
