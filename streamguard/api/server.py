"""Serves the API with uvicorn: one process, no access log, which would name incidents, and no header of its own."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.applications import Starlette


class ListenError(Exception):
    """The address cannot be listened on; the message says which and why."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 lets the system choose.

    Raises
    ------
    ListenError
        If the address is taken, or not this machine's.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise ListenError(
            f"cannot listen on {host}:{port} ({error.strerror or error}): choose another `api.port`"
        ) from (error)


def serve(app: Starlette, listening: socket.socket) -> None:
    """Serve until told to stop (SIGTERM, Ctrl-C)."""
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, lifespan="on", ws="none")
    uvicorn.Server(config).run([listening])
