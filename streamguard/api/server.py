"""Serves the API with uvicorn: one process, no access log, which would name incidents, and no header of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.applications import Starlette


def serve(app: Starlette, host: str, port: int) -> bool:
    """Serve until told to stop (SIGTERM, Ctrl-C); return whether it could begin."""
    server = uvicorn.Server(
        uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, server_header=False, lifespan="on", ws="none"
        )
    )
    server.run()
    return server.started
