"""The walk through the layers of one Kafka record, down to the audit records inside."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from streamguard.activity import Rejected
from streamguard.sources import envelopes, unsupported
from streamguard.sources.jsontext import is_punctuation, looks_like_json, read_odd_json
from streamguard.sources.lines import join_lines
from streamguard.sources.matching import first_match, rejection_of
from streamguard.sources.naming import MAX_QUALIFIER_CHARACTERS
from streamguard.sources.partial import join_partial
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.unpack import decode_base64, is_packed, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.activity import Outcome
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject
    from streamguard.sources.registry import Formats

_BOM = b"\xef\xbb\xbf"
_GZIP_AS_BASE64 = b"H4sI"
_REGISTRY_HEADER_BYTES = 5
"""The magic byte 0 and the number of the schema."""
_CUT_OFF = frozenset({RejectedReason.MALFORMED_AUDIT, RejectedReason.MALFORMED_CSV})


class _Layer(NamedTuple):
    """Where in the nesting the walk is."""

    depth: int
    instance: str | None
    at_most_bytes: int
    """Size of the text that a value was parsed from: the value itself is not larger."""


class _FullError(Exception):
    """The message holds more records than allowed."""


class Walk:
    """One walk through the layers of one Kafka record.

    Parameters
    ----------
    context
        The record.
    formats
        Those that it may be of.
    is_chosen
        Whether somebody chose the formats, so that a record of none of them is a mismatch.
    """

    __slots__ = ("_budget_bytes", "_config", "_context", "_formats", "_is_chosen", "lenient_reads", "outcomes")

    def __init__(self, context: Context, formats: Formats, *, is_chosen: bool) -> None:
        self._context = context
        self._config = context.tools.config
        self._budget_bytes = context.tools.config.max_unpacked_bytes
        self._formats = formats
        self._is_chosen = is_chosen
        self.lenient_reads = 0
        """JSON texts that only the lenient reader could read."""
        self.outcomes: list[Outcome] = []

    def run(self) -> None:
        """Fill ``outcomes``; never raises."""
        # When there is no room for more, the rejection that says so is the last outcome.
        with suppress(_FullError):
            self._place(self._start, self._context.raw.value, _Layer(0, None, 0))

    def run_unmatched(self, record: JsonObject) -> None:
        """Fill ``outcomes`` from what the value was parsed to, if it is a JSON object that no format took."""
        with suppress(_FullError):
            self._place(self._peel, record, _Layer(0, None, len(self._context.raw.value)))

    def _start(self, value: bytes, layer: _Layer) -> None:
        if not value or value.isspace():
            raise Refusal(RejectedReason.EMPTY_RECORD, "the record has no value")
        if len(value) > self._config.max_unpacked_bytes:
            raise Refusal(RejectedReason.RECORD_TOO_LARGE, "the message is larger than max_unpacked_bytes allows")
        self._bytes(value, layer)

    def _bytes(self, value: bytes, layer: _Layer) -> None:
        first = value[:1]
        if first == b"{":
            self._json(value, layer)
        elif is_packed(value):
            unpacked = unpack(value, self._budget_bytes)
            self._budget_bytes -= len(unpacked)
            self._bytes(unpacked, self._deeper(layer))
        elif first == b"\0":
            self._registry_encoded(value, layer)
        else:
            self._plain(value.removeprefix(_BOM).strip(), layer)

    def _registry_encoded(self, value: bytes, layer: _Layer) -> None:
        """Read JSON behind a schema's number; what else may stand there cannot be read without the registry."""
        content = value[_REGISTRY_HEADER_BYTES:]
        if content[:1] in {b"{", b"["}:
            try:
                parsed = orjson.loads(content)
            except orjson.JSONDecodeError:
                pass  # Avro or Protobuf that happens to begin like JSON
            else:
                self._value(parsed, _Layer(layer.depth, layer.instance, len(content)))
                return
        raise Refusal(
            RejectedReason.SCHEMA_REGISTRY_ENCODING,
            "Avro or Protobuf of a schema registry (magic byte 0): "
            "write JSON instead (org.apache.kafka.connect.json.JsonConverter), or convert before this topic",
        )

    def _plain(self, value: bytes, layer: _Layer) -> None:
        """Read bytes that are neither packed nor plainly a JSON object."""
        first = value[:1]
        if not first:
            raise Refusal(RejectedReason.EMPTY_RECORD, "the record has no content")
        if first == b"{" or (first in {b"[", b'"'} and looks_like_json(value)):
            self._json(value, layer)
        elif b"\n" in value:
            # One by one: a message of a million empty lines is not to be a million objects.
            lines = join_partial(BytesIO(value), self._config.max_record_bytes)
            self._each(self._line, join_lines(lines), layer)
        else:
            self._line(value, layer)

    def _json(self, value: bytes, layer: _Layer) -> None:
        try:
            parsed = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            self._odd_json(value, error, layer)
            return
        self._value(parsed, _Layer(layer.depth, layer.instance, len(value)))

    def _odd_json(self, value: bytes, error: orjson.JSONDecodeError, layer: _Layer) -> None:
        """Read what is not one well-formed JSON document: a batch of lines, or a text that needs a lenient parser."""
        if b"\n" in value:
            lines = (line for line in BytesIO(value) if line.strip())
            first, second = next(lines, b""), next(lines, b"")
            if second.lstrip()[:1] in {b"{", b"[", b"]"}:
                self._each(self._line, chain((first, second), lines), self._deeper(layer))
                return
        inner = _Layer(layer.depth, layer.instance, len(value))
        bare = value.rstrip(b", \t\r\n")
        if len(bare) < len(value):
            try:
                parsed = orjson.loads(bare)
            except orjson.JSONDecodeError:
                pass  # the trailing comma is not all that is odd
            else:
                self._value(parsed, inner)
                return
        self._each(self._value, read_odd_json(value, error), inner)
        self.lenient_reads += 1

    def _line(self, line: bytes, layer: _Layer) -> None:
        """Read one record that stands as text: JSON, an enveloped text, or a line of a log."""
        line = line.strip()
        first = line[:1]
        if first in {b"{", b"["} and looks_like_json(line):
            self._json(line, layer)
            return
        if first in {b"[", b"]", b","} and is_punctuation(line):
            self._emit(self._context.ignore(IgnoredReason.ARRAY_PUNCTUATION))
            return
        if len(line) > self._config.max_record_bytes:
            raise Refusal(RejectedReason.RECORD_TOO_LARGE, "the record is larger than max_record_bytes allows")
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise Refusal(RejectedReason.INVALID_UTF8, "the text is not UTF-8: set client_encoding") from error
        if line.startswith(_GZIP_AS_BASE64):
            self._bytes(decode_base64(text), self._deeper(layer))
            return
        self._text(text, layer)

    def _text(self, text: str, layer: _Layer) -> None:
        peeled = envelopes.peel_text(text)
        if peeled is None:
            self._text_record(text, layer)
            return
        try:
            self._value(peeled.contents[0], self._inside(layer, peeled.instance))
        except Refusal as refusal:
            if peeled.may_be_cut and refusal.reason in _CUT_OFF:
                raise envelopes.syslog_split() from refusal
            raise

    def _value(self, value: Any, layer: _Layer) -> None:
        kind = type(value)
        if kind is dict:
            self._object(value, layer)
        elif kind is str:
            self._bytes(value.encode(), layer)
        elif kind is list:
            self._each(self._value, value, self._deeper(layer))
        elif kind is bytes:
            self._bytes(value, layer)
        elif value is None:
            raise Refusal(RejectedReason.EMPTY_RECORD, "an envelope has no content")
        else:
            raise Refusal(RejectedReason.UNKNOWN_FORMAT, "a JSON number or truth value is no audit record")

    def _object(self, record: JsonObject, layer: _Layer) -> None:
        self._context.instance = layer.instance
        outcome = first_match(self._formats, record, self._context)
        if outcome is None:
            self._peel(record, layer)
        else:
            self._check_size(record, layer)
            self._emit(outcome)

    def _peel(self, record: JsonObject, layer: _Layer) -> None:
        """Read what is inside an object that no format took."""
        peeled = envelopes.peel_object(record)
        if peeled is None:
            raise self._unknown(unsupported.name_of_object(record))
        if isinstance(peeled, IgnoredReason):
            self._context.instance = layer.instance
            self._emit(self._context.ignore(peeled))
            return
        inner = self._inside(layer, peeled.instance)
        if len(peeled.contents) == 1:
            self._value(peeled.contents[0], inner)
        else:
            self._each(self._value, peeled.contents, inner)

    def _check_size(self, record: JsonObject, layer: _Layer) -> None:
        """Refuse a large record. Measured only if the text around it was large: an array of small ones may be."""
        limit = self._config.max_record_bytes
        if layer.at_most_bytes > limit and len(orjson.dumps(record)) > limit:
            raise Refusal(RejectedReason.RECORD_TOO_LARGE, "the record is larger than max_record_bytes allows")

    def _text_record(self, text: str, layer: _Layer) -> None:
        self._context.instance = layer.instance
        for candidate in self._formats.texts:
            outcome = candidate.read(text, self._context)
            if outcome is not None:
                self._emit(outcome)
                return
        raise self._unknown(unsupported.name_of_text(text))

    def _unknown(self, name: str | None) -> Refusal:
        if name is not None:
            return Refusal(RejectedReason.UNSUPPORTED_FORMAT, f"{name} is known, but not read yet")
        if self._is_chosen:
            return Refusal(RejectedReason.FORMAT_MISMATCH, "the record is not of the format that the topic is set to")
        return Refusal(RejectedReason.UNKNOWN_FORMAT, "the record is of no known audit format")

    def _each(self, read: Callable[[Any, _Layer], None], items: Iterable[Any], layer: _Layer) -> None:
        before = len(self.outcomes)
        for item in items:
            self._place(read, item, layer)
        if len(self.outcomes) == before:
            self._emit(self._context.ignore(IgnoredReason.EMPTY_BATCH))

    def _place(self, read: Callable[[Any, _Layer], None], item: Any, layer: _Layer) -> None:
        """Read one item; whatever is wrong with it is its own outcome and not its neighbours'."""
        try:
            read(item, layer)
        except _FullError:
            raise
        except Exception as error:  # noqa: BLE001 -- one record must not stop a worker; the reason shows the defect
            self._emit(rejection_of(error, self._context))

    def _emit(self, outcome: Outcome) -> None:
        if len(self.outcomes) >= self._config.max_records_per_message:
            detail = "the message holds more records than max_records_per_message allows; the rest was not read"
            self.outcomes.append(
                Rejected(self._context.origin, RejectedReason.TOO_MANY_RECORDS.value, detail),
            )
            raise _FullError
        self.outcomes.append(outcome)
        self._context.index += 1

    def _inside(self, layer: _Layer, instance: str | None) -> _Layer:
        deeper = self._deeper(layer)
        # Every record of a batch is told with it, so it must not be as long as the batch.
        named = instance[:MAX_QUALIFIER_CHARACTERS] if instance else deeper.instance
        return _Layer(deeper.depth, named, deeper.at_most_bytes)

    def _deeper(self, layer: _Layer) -> _Layer:
        if layer.depth >= self._config.max_depth:
            raise Refusal(RejectedReason.TOO_DEEPLY_NESTED, "more envelopes around a record than max_depth allows")
        return _Layer(layer.depth + 1, layer.instance, layer.at_most_bytes)
