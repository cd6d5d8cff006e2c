"""Complete statement texts, sealed: whoever seals cannot open, and one holder of a private key can.

X25519, HKDF-SHA256 and ChaCha20-Poly1305 of the ``cryptography`` library, put together as in ECIES (and age):

    version (1 byte) | fingerprint of the recipient (4) | ephemeral public key (32) | ciphertext and tag (16 more)

The ephemeral key is not drawn but derived, from the pipeline's secret and from all that is sealed: a replay gives the
same bytes, equal statements are stored once, and no key ever seals two different contents, so that the nonce may be
constant. Who holds the secret can test a guess of a whole statement, as with the hashes made with the same secret;
without the text nobody can derive its key.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

MAX_SEALED_BYTES: Final = 128 * 1024
"""A text that is longer when sealed is not kept: one exposure has to fit into a Kafka record with others."""

_VERSION: Final = b"\x01"
_KEY_BYTES: Final = 32
_FINGERPRINT_BYTES: Final = 4
_HEAD_BYTES: Final = len(_VERSION) + _FINGERPRINT_BYTES + _KEY_BYTES
_NONCE: Final = bytes(12)
_CONTEXT: Final = b"streamguard sealed statement 1"
_DERIVATION: Final = b"sg-seal"
_PACK_FROM_BYTES: Final = 512
"""Lists of numbers shrink to less than half; short texts are not worth the time."""
_MAX_UNPACKED_BYTES: Final = 16 * 1024 * 1024


class SealError(Exception):
    """A key or a sealed text cannot be used; the message says what to do, and holds neither."""


class SealedText(NamedTuple):
    """What is sealed of a statement."""

    text: str
    """As logged."""
    parameters: tuple[str | None, ...] = ()
    """Values of its bind parameters, from the first, as far as the log has them."""


class Sealer:
    """Seals for one recipient. It cannot open what it sealed.

    Parameters
    ----------
    public_key
        Of the recipient, as `public_text` writes it.
    secret
        Of the pipeline; not empty.

    Raises
    ------
    SealError
        When the public key is none.

    Examples
    --------
    >>> key = new_key()
    >>> sealed = Sealer(public_text(key), b"secret").seal(SealedText("select 1"))
    >>> Opener(key).open(sealed).text
    'select 1'
    """

    def __init__(self, public_key: str, secret: bytes) -> None:
        if not secret:
            raise SealError("there is no secret to derive keys from")
        self._public = _public_bytes(public_key)
        self._recipient = X25519PublicKey.from_public_bytes(self._public)
        self._head = _VERSION + _fingerprint(self._public)
        self._secret = secret if len(secret) <= blake2b.MAX_KEY_SIZE else blake2b(secret).digest()

    def seal(self, content: SealedText) -> bytes | None:
        """Return a statement sealed; None if that would be longer than `MAX_SEALED_BYTES`."""
        plain = msgspec.json.encode(content)
        packed = b"z" + zlib.compress(plain, 6) if len(plain) >= _PACK_FROM_BYTES else b"r" + plain
        if len(packed) > MAX_SEALED_BYTES - _HEAD_BYTES - 16:
            return None
        seed = blake2b(packed, key=self._secret, digest_size=_KEY_BYTES, person=_DERIVATION, salt=self._head[1:])
        ephemeral = X25519PrivateKey.from_private_bytes(seed.digest())
        public = ephemeral.public_key().public_bytes_raw()
        key = _content_key(ephemeral.exchange(self._recipient), public, self._public)
        return self._head + public + ChaCha20Poly1305(key).encrypt(_NONCE, packed, self._head)


class Opener:
    """Opens what was sealed for its key.

    Parameters
    ----------
    key
        The private key.
    """

    def __init__(self, key: X25519PrivateKey) -> None:
        self._key = key
        self._public = key.public_key().public_bytes_raw()

    def open(self, sealed: bytes) -> SealedText:
        """Return the statement.

        Raises
        ------
        SealError
            When it was sealed for another key, or altered.
        """
        head, public = sealed[: _HEAD_BYTES - _KEY_BYTES], sealed[_HEAD_BYTES - _KEY_BYTES : _HEAD_BYTES]
        if head[:1] != _VERSION or len(public) != _KEY_BYTES:
            raise SealError("this is no sealed statement")
        if head[1:] != _fingerprint(self._public):
            raise SealError("the statement was sealed for another private key")
        try:
            key = _content_key(self._key.exchange(X25519PublicKey.from_public_bytes(public)), public, self._public)
            packed = ChaCha20Poly1305(key).decrypt(_NONCE, sealed[_HEAD_BYTES:], head)
            return msgspec.json.decode(_unpacked(packed), type=SealedText)
        except (InvalidTag, ValueError, zlib.error, msgspec.DecodeError):
            raise SealError("the sealed statement was altered or is cut off") from None


def new_key() -> X25519PrivateKey:
    """Return a new private key."""
    return X25519PrivateKey.generate()


def public_text(key: X25519PrivateKey) -> str:
    """Return the public key of a private one as the settings take it: 44 characters of base64."""
    return b64encode(key.public_key().public_bytes_raw()).decode()


def checked_public(text: str) -> str:
    """Return a public key without space around it.

    Raises
    ------
    SealError
        When it is none.
    """
    return b64encode(_public_bytes(text)).decode()


def private_pem(key: X25519PrivateKey, passphrase: str | None = None) -> bytes:
    """Return a private key as a file holds it (PKCS 8, PEM), encrypted if there is a passphrase."""
    protection: KeySerializationEncryption = NoEncryption()
    if passphrase:
        protection = BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


def read_private(pem: bytes, passphrase: str | None = None) -> X25519PrivateKey:
    """Return the private key of a file's content.

    Raises
    ------
    SealError
        When it is no such key, or the passphrase is missing or wrong.
    """
    try:
        key = load_pem_private_key(pem, passphrase.encode() if passphrase else None)
    except TypeError:
        needed = "needs its passphrase" if passphrase is None else "has no passphrase"
        raise SealError(f"the private key {needed}") from None
    except ValueError:
        raise SealError("this is no private key of `streamguard seal keygen`, or the passphrase is wrong") from None
    if not isinstance(key, X25519PrivateKey):
        raise SealError("this is a private key of another kind; make one with `streamguard seal keygen`")
    return key


def _public_bytes(text: str) -> bytes:
    try:
        found = b64decode(text.strip(), validate=True)
    except (Base64Error, ValueError):
        found = b""
    if len(found) != _KEY_BYTES:
        raise SealError("this is no public key of `streamguard seal keygen` (44 characters of base64)")
    return found


def _fingerprint(public: bytes) -> bytes:
    return blake2b(public, digest_size=_FINGERPRINT_BYTES, person=_DERIVATION).digest()


def _content_key(shared: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=_CONTEXT + ephemeral + recipient).derive(shared)


def _unpacked(packed: bytes) -> bytes:
    if packed[:1] != b"z":
        return packed[1:]
    reader = zlib.decompressobj()
    plain = reader.decompress(packed[1:], _MAX_UNPACKED_BYTES)
    if reader.unconsumed_tail:
        raise ValueError("too much in it")
    return plain
