"""All settings, in one place: flag, then environment, then ``streamguard.yaml``, then default.

Every setting can be given in the environment as ``STREAMGUARD_<SECTION>__<NAME>``, for example
``STREAMGUARD_KAFKA__BOOTSTRAP_SERVERS``; `reference` lists them all with their defaults. Mistakes are collected
and reported together, each with its place.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from streamguard.located import ConfigurationError, Mistake, load_yaml
from streamguard.settings.places import ENV_DELIMITER, ENV_PREFIX, Places, unknown_variables
from streamguard.settings.reference import SettingDoc, reference_of
from streamguard.settings.sections import (
    Api,
    AuditTopic,
    Controller,
    Detect,
    Engine,
    Exposure,
    Incidents,
    Kafka,
    Ledger,
    Log,
    Section,
    Sources,
    Topics,
    Web,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Api",
    "AuditTopic",
    "Controller",
    "Detect",
    "Engine",
    "Exposure",
    "Incidents",
    "Kafka",
    "Ledger",
    "Log",
    "Section",
    "SettingDoc",
    "Settings",
    "Sources",
    "Topics",
    "Web",
    "reference",
]

DEFAULT_FILE = Path("streamguard.yaml")


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
    group: str = Field(default="streamguard", min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$")
    """Prefix of the consumer groups and of the changelog topic."""
    identities: Path | None = None
    """The directory of employees (YAML or CSV); without it every login is its own employee."""
    catalogue: Path | None = None
    """The catalogue of personal data (YAML); without it nothing is known to be personal data."""
    sources: Sources = Sources()
    exposure: Exposure = Exposure()
    detect: Detect = Detect()
    incidents: Incidents = Incidents()
    ledger: Ledger = Ledger()
    engine: Engine = Engine()
    controller: Controller = Controller()
    web: Web = Web()
    api: Api = Api()
    log: Log = Log()

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
        values = located.value if located is not None and located.value is not None else {}
        if not isinstance(values, dict):
            raise ConfigurationError([Mistake(str(path), 1, 1, "the file must hold a mapping of settings")])
        if path is not None:
            values = _beside(values, path.parent)
        flags = dict(overrides or {})
        mistakes = unknown_variables(cls, os.environ)
        try:
            bound = _bound(_FromFile.of(values))(**flags)
        except ValidationError as error:
            places = Places(cls, flags, located, os.environ)
            raise ConfigurationError([*mistakes, *map(places.mistake, error.errors())]) from None
        if mistakes:
            raise ConfigurationError(mistakes)
        return cls.model_construct(**{name: getattr(bound, name) for name in cls.model_fields})

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


def reference() -> tuple[SettingDoc, ...]:
    """Return every setting with its environment variable, its default and what it is for, in order."""
    return tuple(reference_of(Settings))


def _beside(values: dict[str, Any], directory: Path) -> dict[str, Any]:
    """Make the file's relative paths relative to the file."""
    # A section with nothing in it yet (``web:``) is no mistake.
    out = {name: value for name, value in values.items() if value is not None}
    for name in ("identities", "catalogue"):
        if isinstance(out.get(name), str):
            out[name] = str(directory / out[name])
    kafka = out.get("kafka")
    if isinstance(kafka, dict):
        paths = {k: str(directory / v) for k, v in kafka.items() if k.endswith("_file") and isinstance(v, str)}
        out["kafka"] = {**kafka, **paths}
    sources = out.get("sources")
    if isinstance(sources, dict) and isinstance(sources.get("mappings"), str):
        out["sources"] = {**sources, "mappings": str(directory / sources["mappings"])}
    ledger = out.get("ledger")
    if isinstance(ledger, dict) and isinstance(ledger.get("directory"), str):
        out["ledger"] = {**ledger, "directory": str(directory / ledger["directory"])}
    return out
