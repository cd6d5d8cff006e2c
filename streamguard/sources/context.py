"""What an adapter may use while it reads one record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Ignored, Origin
from streamguard.sealing import Sealer
from streamguard.sources.moments import EARLIEST_MS, LATEST_MS, Clock, check_moment
from streamguard.sources.postgresql.prefix import Prefix, compile_prefix
from streamguard.sources.statement import Analyser, Interests

if TYPE_CHECKING:
    from streamguard.activity import RawRecord
    from streamguard.sources.config import DecoderConfig
    from streamguard.sources.reasons import IgnoredReason


class Tools:
    """What one decoder builds once and lends to every adapter. Only the analyser remembers anything (a cache)."""

    __slots__ = ("analyser", "clock", "config", "prefixes")

    def __init__(self, config: DecoderConfig, analyser: Analyser, clock: Clock, prefixes: tuple[Prefix, ...]) -> None:
        self.config = config
        self.analyser = analyser
        self.clock = clock
        self.prefixes = prefixes

    @classmethod
    def build(cls, config: DecoderConfig) -> Tools:
        """Return the tools for a configuration.

        Raises
        ------
        ValueError
            When a ``log_line_prefix`` cannot be compiled.
        SealError
            When the public key for sealing is none.
        """
        return cls(
            config=config,
            analyser=Analyser(
                config.statement_cache_size,
                config.max_statement_bytes,
                Interests.of(config.identifying_columns, config.neutral_columns, config.subject_key),
                _sealer_of(config),
            ),
            clock=Clock(config.time_zones),
            prefixes=tuple(compile_prefix(prefix) for prefix in config.log_line_prefixes),
        )


def _sealer_of(config: DecoderConfig) -> Sealer | None:
    if config.seal_public_key is None or config.subject_key is None:
        return None
    return Sealer(config.seal_public_key, config.subject_key)


class Context:
    """The record that is being read: its origin, its Kafka time, and what its envelopes said of its server.

    Parameters
    ----------
    raw
        The Kafka record.
    tools
        The decoder's tools.
    """

    __slots__ = ("index", "instance", "produced_ms", "raw", "tools")

    def __init__(self, raw: RawRecord, tools: Tools) -> None:
        self.raw = raw
        self.tools = tools
        self.produced_ms = raw[4]
        """Kafka time of the record."""
        self.index = 0
        """Place of the audit record inside the Kafka record."""
        self.instance: str | None = None
        """Server that wrote the record, as far as an envelope names it."""

    @property
    def origin(self) -> Origin:
        """Where the record stood in the customer's log."""
        topic, partition, epoch, offset, _, _ = self.raw
        # What `Origin(...)` does is a function of Python's own around this.
        return tuple.__new__(Origin, (topic, partition, epoch, offset, self.index))

    @property
    def key(self) -> str:
        """``str`` of the origin: the key of a record that names no statement. Made of many, without the way around."""
        topic, partition, epoch, offset, _, _ = self.raw
        return f"{topic}[{partition}]@{epoch}:{offset}.{self.index}"

    def moment(self, time: str | int | None) -> int:
        """Return the checked event time in milliseconds; a log without times takes the Kafka time.

        Parameters
        ----------
        time
            As the log wrote it, or milliseconds since 1970 UTC, or None.

        Raises
        ------
        Refusal
            When the time cannot be read, cannot be true, or there is none at all.
        """
        produced_ms = self.produced_ms
        if time is None:
            time = produced_ms or 0
        time_ms = self.tools.clock.read(time) if isinstance(time, str) else time
        if produced_ms is not None and EARLIEST_MS <= time_ms <= produced_ms < LATEST_MS:
            return time_ms  # nearly every one
        return check_moment(time_ms, produced_ms, self.tools.config.max_future_ms)

    def ignore(self, reason: IgnoredReason) -> Ignored:
        """Return the outcome of a record that is no statement of interest."""
        return Ignored(self.origin, reason.value)
