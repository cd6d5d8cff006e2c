"""The decoder: bytes of one Kafka record to the outcomes of the audit records inside.

    bytes -> (compression) -> JSON or text -> (envelopes, arrays, batches) -> one format -> Activity, Ignored, Rejected

Stateless: what comes out depends on the record and the configuration alone. The only memory is the cache of
statement analyses, which changes the time taken and nothing else, and a count for metrics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from streamguard.activity import Rejected
from streamguard.sources.config import DecoderConfig
from streamguard.sources.context import Context, Tools
from streamguard.sources.matching import first_match, rejection_of
from streamguard.sources.reasons import RejectedReason
from streamguard.sources.registry import formats_of, select
from streamguard.sources.timed import Timed, settled
from streamguard.sources.walk import Walk

if TYPE_CHECKING:
    from streamguard.activity import Outcome, RawRecord
    from streamguard.sources.registry import Formats
    from streamguard.sources.statement import CacheUse

_NOT_PARSED: Final = object()


class _Choice:
    """The formats that records of a topic may be of, with the short cut of the first."""

    __slots__ = ("beginning", "formats", "is_chosen", "read_bytes")

    def __init__(self, formats: Formats, *, is_chosen: bool) -> None:
        self.formats = formats
        self.is_chosen = is_chosen
        self.beginning, self.read_bytes = formats.short_cut


class Decoder:
    """Decodes Kafka records. One instance serves any number of topics; it is not shared between threads.

    Parameters
    ----------
    config
        Limits and local facts; the defaults fit a UTC server with a common log format.

    Raises
    ------
    ValueError
        When a ``log_line_prefix`` of the configuration cannot be compiled.

    Examples
    --------
    >>> from streamguard.activity import RawRecord
    >>> Decoder().decode(RawRecord("audit", 0, 0, 0, None, b"hello"))[0].reason
    'unknown_format'
    """

    def __init__(self, config: DecoderConfig | None = None) -> None:
        self.config = config or DecoderConfig()
        self._tools = Tools.build(self.config)
        self._any = _Choice(formats_of(self.config.mappings), is_chosen=False)
        self._choices: dict[str, _Choice] = {}
        self._simple_bytes = min(self.config.max_record_bytes, self.config.max_unpacked_bytes)
        self.lenient_reads = 0
        """JSON texts so far that only the lenient reader could read: raw control characters inside strings, documents
        without a separator, arrays that were not closed. It is some ten times slower; for metrics only."""

    @property
    def cache_use(self) -> CacheUse:
        """What the caches of statement analyses saved so far."""
        return self._tools.analyser.cache_use

    def decode(self, raw: RawRecord, format: str | None = None) -> list[Outcome]:  # noqa: A002 -- the setting's name
        """Return one outcome per audit record inside, in order; ``origin.index`` is the place inside.

        Never raises, whatever the bytes.

        Parameters
        ----------
        raw, format
            As of `decode_for_assembly`.
        """
        return [settled(outcome) for outcome in self.decode_for_assembly(raw, format)]

    def decode_for_assembly(self, raw: RawRecord, format: str | None = None) -> list[Outcome | Timed]:  # noqa: A002
        """Do the same for the assembler, which takes in what only tells how long a statement ran as it is.

        Parameters
        ----------
        raw
            The Kafka record, or one record of a file.
        format
            Name of a format or family (see `format_names`, and ``mapping.<name>`` of the configuration's mappings)
            that overrides detection.
        """
        context = Context(raw, self._tools)
        choice = self._any if format is None else self._choices.get(format) or self._choose(format)
        if choice is None:
            detail = "the topic's format setting names no format"
            return [Rejected(context.origin, RejectedReason.UNKNOWN_FORMAT_NAME.value, detail)]
        read_bytes = choice.read_bytes
        value = raw.value
        record: Any = _NOT_PARSED
        if value and value[:1] == b"{" and len(value) <= self._simple_bytes:
            # Nearly every record: one JSON object, of a format that is read. What follows in `Walk` is this and more.
            try:
                outcome = None
                if read_bytes is not None and value.startswith(choice.beginning):
                    outcome = read_bytes(value, context)
                if outcome is None:
                    record = orjson.loads(value)
                    outcome = first_match(choice.formats, record, context)
            except orjson.JSONDecodeError:
                record = _NOT_PARSED  # the walk finds out what it is
            except Exception as error:  # noqa: BLE001 -- one record must not stop a worker
                return [rejection_of(error, context)]
            else:
                if outcome is not None:
                    return [outcome]
        return self._walk(context, choice, record)

    def _walk(self, context: Context, choice: _Choice, record: Any) -> list[Outcome | Timed]:
        walk = Walk(context, choice.formats, is_chosen=choice.is_chosen)
        if record is _NOT_PARSED:
            walk.run()
        else:
            walk.run_unmatched(record)
        self.lenient_reads += walk.lenient_reads
        return list(walk.outcomes)

    def _choose(self, name: str) -> _Choice | None:
        formats = select(name, self._any.formats)
        if formats is None:
            return None  # Names come from settings; a wrong one must not grow the memory.
        choice = self._choices[name] = _Choice(formats, is_chosen=True)
        return choice
