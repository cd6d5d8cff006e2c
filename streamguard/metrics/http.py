"""Serves metrics and health over HTTP, on loopback unless configured otherwise: they describe a security system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from streamguard.metrics.health import Health
    from streamguard.metrics.manager import Metrics

_EXPOSITION_TYPE = "text/plain; version=0.0.4"


class ListenError(Exception):
    """The address cannot be listened on; the message says which and why."""


class Server:
    """``/metrics``, ``/health`` (alive) and ``/ready``; 503 when the answer is no.

    Parameters
    ----------
    metrics, health
        What to serve.
    host, port
        Where; port 0 lets the system choose, see `port`.
    """

    def __init__(self, metrics: Metrics, health: Health, host: str, port: int) -> None:
        self._metrics = metrics
        self._health = health
        self._host = host
        self.port = port
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen.

        Raises
        ------
        ListenError
            If the address is taken, or not this machine's.
        """
        app = web.Application()
        app.add_routes(
            [
                web.get("/metrics", self._serve_metrics),
                web.get("/health", self._serve_health),
                web.get("/ready", self._serve_ready),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self.port).start()
        except OSError as error:
            raise ListenError(
                f"cannot listen on {self._host}:{self.port} ({error.strerror or error}): choose another `web.port`"
            ) from error
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve_metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": _EXPOSITION_TYPE})

    async def _serve_health(self, _: web.Request) -> web.Response:
        return self._answer(yes=self._health.is_alive)

    async def _serve_ready(self, _: web.Request) -> web.Response:
        return self._answer(yes=self._health.is_ready)

    def _answer(self, *, yes: bool) -> web.Response:
        return web.Response(
            body=orjson.dumps(self._health.as_dict()), status=200 if yes else 503, content_type="application/json"
        )
