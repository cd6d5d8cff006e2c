"""Who may ask: whoever sends the token. Without one everything but health is refused."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

OPEN_PATHS: Final = frozenset({"/healthz"})
_SCHEME: Final = b"bearer "


class BearerToken:
    """Lets a request through that carries ``Authorization: Bearer <token>`` (RFC 6750, section 2.1).

    Parameters
    ----------
    app
        What is behind it.
    token
        The secret; not empty.

    Raises
    ------
    ValueError
        If the token is empty.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        if not token:
            raise ValueError("the token of the API is empty")
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS and not self._is_known(scope):
            refusal = JSONResponse(
                {"error": "send the token as `Authorization: Bearer ...`"}, 401, {"WWW-Authenticate": "Bearer"}
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) != 1 or given[0][: len(_SCHEME)].lower() != _SCHEME:
            return False
        # Compared in a time that tells nothing of how much of it was right.
        return hmac.compare_digest(given[0][len(_SCHEME) :].strip(), self._token)
