"""Keyed pseudonyms of employees: who has the key can ask for a person, and nobody else can find one."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

if TYPE_CHECKING:
    from streamguard.activity import Exposure

PREFIX: Final = "pseudonym:"
_DIGEST_BYTES: Final = 16
_MAX_REMEMBERED: Final = 100_000


class Pseudonyms:
    """Turns what names an employee into pseudonyms: the id, the logins and the client's address.

    BLAKE2b with a key (RFC 7693, section 2.9), 128 bits: it needs no HMAC around it. Each kind of name has hashes of
    its own. Peer group, program and session stay: they are what an investigation compares.

    Parameters
    ----------
    key
        The secret, 16 to 64 bytes; None: names stay as they are.
    """

    def __init__(self, key: bytes | None) -> None:
        self._key = key
        self._known: dict[tuple[bytes, str], str] = {}

    @property
    def are_on(self) -> bool:
        """Whether there is a key."""
        return self._key is not None

    def employee(self, name: str) -> str:
        """Return how the ledger calls an employee."""
        return self._of(b"sg-employee", name)

    def mask(self, exposure: Exposure) -> Exposure:
        """Return an exposure that names nobody."""
        if self._key is None:
            return exposure
        told = exposure.activity
        activity = replace(
            told,
            user=self._of(b"sg-login", told.user),
            proxy_user=None if told.proxy_user is None else self._of(b"sg-login", told.proxy_user),
            client=None if told.client is None else self._of(b"sg-client", told.client),
        )
        return replace(exposure, activity=activity, employee=self.employee(exposure.employee))

    def _of(self, kind: bytes, name: str) -> str:
        if self._key is None or name.startswith(PREFIX):
            return name
        known = self._known.get((kind, name))
        if known is None:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            digest = blake2b(name.encode("utf-8", "replace"), key=self._key, digest_size=_DIGEST_BYTES, person=kind)
            known = self._known[kind, name] = PREFIX + digest.hexdigest()
        return known
