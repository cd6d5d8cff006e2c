"""The API as an ASGI application: reads only, answers JSON, and knows neither Kafka nor where the ledger lies."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from streamguard.api import asked, views
from streamguard.api.auth import BearerToken
from streamguard.api.openapi import document
from streamguard.api.pages import CursorError, page_of
from streamguard.ledger import LedgerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

    from streamguard.incidents import Casebook, Incident
    from streamguard.ledger import Ledger, Span
    from streamguard.scope import ScopeReport


class Unavailable(Exception):  # noqa: N818 - what it is, not what went wrong
    """The incidents cannot be read at the moment; the message says why."""


class Source(Protocol):
    """Where incidents come from."""

    async def start(self) -> None:
        """Begin to follow them."""

    async def stop(self) -> None:
        """Stop following them."""

    async def casebook(self) -> Casebook:
        """Return all incidents as they are now.

        Raises
        ------
        Unavailable
            If they cannot be read.
        """
        ...


class Api:
    """The answers.

    Parameters
    ----------
    source
        Of incidents.
    ledger
        Of exposures; asked in threads.
    scope
        What its employees took in a piece of time; called in threads.
    """

    def __init__(self, source: Source, ledger: Ledger, scope: Callable[[Incident, Span], ScopeReport]) -> None:
        self._source = source
        self._ledger = ledger
        self._scope = scope

    async def health(self, request: Request) -> Response:
        """Say whether incidents can be read."""
        del request
        await self._source.casebook()
        return _json({"ok": True})

    async def openapi(self, request: Request) -> Response:
        """Describe the API."""
        del request
        return _json(document())

    async def incidents(self, request: Request) -> Response:
        """List incidents, the oldest first."""
        wanted = asked.filters(request.query_params)
        found = (await self._source.casebook()).incidents()
        return _json({"incidents": [views.brief(one) for one in found if wanted.fit(one)]})

    async def incident(self, request: Request) -> Response:
        """Show one incident."""
        return _json(views.whole(await self._find(request)))

    async def scope(self, request: Request) -> Response:
        """Say what left."""
        incident = await self._find(request)
        span = asked.span(request.query_params, incident)
        found = await run_in_threadpool(self._scope, incident, span)
        return _json({"incident": incident.uid, "scope": views.report(found)})

    async def exposures(self, request: Request) -> Response:
        """List the statements of those who are in an incident."""
        incident, values = await self._find(request), request.query_params
        span, limit = asked.span(values, incident, "limit", "cursor"), asked.limit(values)
        page = await run_in_threadpool(page_of, self._ledger, span, incident.employees, limit, values.get("cursor"))
        exposures = [views.exposure(one) for one in page.exposures]
        return _json({"incident": incident.uid, "exposures": exposures, "next": page.next})

    async def _find(self, request: Request) -> Incident:
        uid = request.path_params["uid"]
        found = (await self._source.casebook()).find(uid)
        if found is None:
            raise HTTPException(404, f"there is no incident {uid}")
        return found


def create_app(api: Api, source: Source, token: str) -> Starlette:
    """Return the application.

    Parameters
    ----------
    api
        The answers.
    source
        Started before the first request and stopped after the last.
    token
        What callers must send.

    Raises
    ------
    ValueError
        If the token is empty.
    """
    if not token:
        raise ValueError("the token of the API is empty")

    @asynccontextmanager
    async def following(app: Starlette) -> AsyncIterator[None]:
        del app
        await source.start()
        try:
            yield
        finally:
            await source.stop()

    return Starlette(
        routes=[
            Route("/healthz", api.health),
            Route("/openapi.json", api.openapi),
            Route("/incidents", api.incidents),
            Route("/incidents/{uid}", api.incident),
            Route("/incidents/{uid}/scope", api.scope),
            Route("/incidents/{uid}/exposures", api.exposures),
        ],
        middleware=[Middleware(BearerToken, token=token)],
        exception_handlers={
            HTTPException: _refuse,
            asked.AskedError: _refuse,
            CursorError: _refuse,
            LedgerError: _refuse,
            Unavailable: _refuse,
        },
        lifespan=following,
    )


def _json(value: Any, status: int = 200) -> Response:
    # The answers are about people: nobody in between keeps them.
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, media_type="application/json")


async def _refuse(request: Request, error: Exception) -> Response:
    del request
    if isinstance(error, HTTPException):
        return _json({"error": error.detail}, error.status_code)
    return _json({"error": str(error)}, 503 if isinstance(error, (LedgerError, Unavailable)) else 400)
