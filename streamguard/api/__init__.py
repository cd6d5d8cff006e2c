"""The read API: incidents, their scope, their exposures over HTTP, for a console or a case system.

The contract of this room: a source of incidents, a ledger and the scope of an incident come in; an ASGI application
comes out that answers in JSON. It changes nothing, tells nothing without the token, and holds no keyed hash of anybody.
It needs starlette and uvicorn: the extra ``api``.
"""

from __future__ import annotations

from streamguard.api.app import Api, Source, Unavailable, create_app
from streamguard.api.server import ListenError, listen, serve

__all__ = ["Api", "ListenError", "Source", "Unavailable", "create_app", "listen", "serve"]
