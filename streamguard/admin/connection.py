"""How to reach Kafka for administration, and one sentence that says why it cannot be reached."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kafka import KafkaAdminClient
from kafka.errors import AuthorizationError, KafkaError, KafkaTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class AdminError(Exception):
    """Kafka did not do what was asked; the message says why and what to do.

    ::

        AdminError
        `-- UnreachableError     no broker answered at all
    """


class UnreachableError(AdminError):
    """No broker answered."""


@dataclass(frozen=True)
class AdminConnection:
    """How to reach Kafka.

    Attributes
    ----------
    bootstrap
        ``host:port`` pairs, separated by commas.
    security
        kafka-python's security arguments (``security_protocol``, ``ssl_context``, ``sasl_*``); empty for plain text.
    api_version
        Protocol to speak; None negotiates it. The embedded broker needs its ``KAFKA_PYTHON_API_VERSION``.
    timeout_seconds
        For the first answer, and for each request.
    """

    bootstrap: str
    security: Mapping[str, Any] = field(default_factory=dict)
    api_version: tuple[int, ...] | None = None
    timeout_seconds: float = 10.0

    def arguments(self) -> dict[str, Any]:
        """Return the arguments that kafka-python's clients share."""
        return {
            "bootstrap_servers": [address.strip() for address in self.bootstrap.split(",")],
            "api_version": self.api_version,
            "request_timeout_ms": int(self.timeout_seconds * 1000),
            "client_id": "streamguard-admin",
            **self.security,
        }


@contextmanager
def connected(connection: AdminConnection) -> Iterator[KafkaAdminClient]:
    """Open an administration client for a moment.

    Raises
    ------
    UnreachableError
        If no broker answers in time, with the last reason.
    AdminError
        If Kafka refuses what the block asks of it.
    """
    client = _open(connection)
    try:
        yield client
    except AuthorizationError as error:
        raise AdminError(f"Kafka does not allow this: {words(error)}. Grant it to the user of kafka.*") from error
    except KafkaError as error:
        raise AdminError(f"Kafka at {connection.bootstrap} answered with an error: {words(error)}") from error
    finally:
        client.close()


def words(error: BaseException) -> str:
    """Return an error of kafka-python without the decoration of its class."""
    text = str(error)
    for prefix in (f"[Error {getattr(error, 'errno', '')}] ", f"{type(error).__name__}: "):
        text = text.removeprefix(prefix)
    return text or type(error).__name__


def _open(connection: AdminConnection) -> KafkaAdminClient:
    made: list[Any] = []

    def make(**settings: Any) -> Any:
        made.append(KafkaAdminClient.DEFAULT_CONFIG["kafka_client"](**settings))
        return made[0]

    with _listening() as reasons:
        try:
            return KafkaAdminClient(
                **connection.arguments(),
                bootstrap_timeout_ms=int(connection.timeout_seconds * 1000),
                kafka_client=make,
            )
        except (KafkaError, OSError, ValueError) as error:
            for client in made:
                # kafka-python leaves its thread running when it could not connect.
                client.close()
            reason = reasons[-1] if reasons else words(error)
            raise UnreachableError(
                f"cannot reach Kafka at {connection.bootstrap}: {reason}; "
                "is it running, and is kafka.bootstrap_servers right?"
            ) from error


class _Reasons(logging.Handler):
    """Keeps why connections failed: kafka-python tells only its log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the error that a message about a failed connection carries; that time ran out explains nothing."""
        for argument in record.args if isinstance(record.args, tuple) else ():
            if isinstance(argument, KafkaError | OSError) and not isinstance(argument, KafkaTimeoutError):
                self.found.append(words(argument))


@contextmanager
def _listening() -> Iterator[list[str]]:
    handler = _Reasons()
    logger = logging.getLogger("kafka.net.manager")
    level, propagate = logger.level, logger.propagate
    if not logger.isEnabledFor(logging.WARNING):
        # The program wants silence: the reason is still needed, and is not to be printed.
        logger.setLevel(logging.WARNING)
        logger.propagate = False
    logger.addHandler(handler)
    try:
        yield handler.found
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
