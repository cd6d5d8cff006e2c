"""``streamguard incident serve``: the read API."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from streamguard.cli.asking import require_topics
from streamguard.cli.incident.reach import FromFileOption, casebook_of, catalogue_of, ledger_of
from streamguard.cli.logs import configure_logs
from streamguard.cli.output import errors, fail
from streamguard.cli.wiring import BootstrapOption, ConfigOption, load_settings, overrides, worker_config
from streamguard.incidents import Casebook
from streamguard.scope import scope
from streamguard.stream import IncidentLog, IncidentsError

if TYPE_CHECKING:
    from pathlib import Path

    from streamguard.api import Source
    from streamguard.incidents import Incident
    from streamguard.ledger import Span
    from streamguard.scope import ScopeReport
    from streamguard.settings import Settings


def serve(
    from_file: FromFileOption = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Where to listen; api.port if not given.")] = None,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Answer over HTTP: incidents, what left, the statements behind it. Reads only; needs the secret api.token."""
    try:
        from streamguard import api  # noqa: PLC0415 - an extra
    except ImportError:
        fail("the API needs starlette and uvicorn: pip install 'streamguard[api]'")
    settings = load_settings(config, overrides(bootstrap))
    if settings.api.token is None:
        fail("there is no token: set STREAMGUARD_API__TOKEN, for example to the output of `openssl rand -hex 32`")
    configure_logs(json=settings.log.format == "json", level=settings.log.level)
    catalogue, ledger = catalogue_of(settings), ledger_of(settings)

    def scope_of(incident: Incident, span: Span) -> ScopeReport:
        found = ledger.exposures(span, incident.employees)
        return scope(found, catalogue, span, incident.employees, settings.exposure.search_path)

    source = _source(settings, from_file)
    app = api.create_app(api.Api(source, ledger, scope_of), source, settings.api.token.get_secret_value())
    try:
        listening = api.listen(settings.api.host, settings.api.port if port is None else port)
    except api.ListenError as error:
        fail(str(error))
    host, bound, *_ = listening.getsockname()
    errors.print(f"serving incidents on http://{host}:{bound}", highlight=False)
    api.serve(app, listening)


def _source(settings: Settings, from_file: Path | None) -> Source:
    if from_file is not None:
        return Dump(casebook_of(settings, from_file))
    require_topics(settings, settings.topics.incidents)
    return Topic(settings)


class Dump:
    """Incidents of a file.

    Parameters
    ----------
    found
        Those in it.
    """

    def __init__(self, found: Casebook) -> None:
        self._found = found

    async def start(self) -> None:
        """Do nothing: it was read."""

    async def stop(self) -> None:
        """Do nothing."""

    async def casebook(self) -> Casebook:
        """Return what was read."""
        return self._found


class Topic:
    """Incidents of the topic, as of each question.

    Parameters
    ----------
    settings
        Where it is.
    """

    def __init__(self, settings: Settings) -> None:
        self._config = worker_config(settings)
        self._log: IncidentLog | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Read the topic."""
        config = self._config
        log = IncidentLog(config.connection, config.topics.incidents, Casebook(config.incidents))
        try:
            await log.start()
        except IncidentsError:
            await log.stop()
            raise
        self._log = log

    async def stop(self) -> None:
        """Stop reading."""
        log, self._log = self._log, None
        if log is not None:
            await log.stop()

    async def casebook(self) -> Casebook:
        """Read on, and return what is there; after a failure from the beginning."""
        from streamguard.api import Unavailable  # noqa: PLC0415 - an extra

        async with self._lock:
            try:
                if self._log is None:
                    await self.start()
                else:
                    await self._log.look()
            except IncidentsError as error:
                await self.stop()
                raise Unavailable(str(error)) from error
            if self._log is None:
                raise Unavailable("the API is ending")
            return self._log.casebook
