"""JSON that the strict parser refuses: read once more, leniently, or refused with the reason.

Real records hold raw control characters inside strings, Firehose joins documents without a separator, and the audit
logs of the MySQL family are one array that is never closed while the server runs: a shipper that sends their lines
sends its brackets and commas too.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from streamguard.sources.reasons import Refusal, RejectedReason

if TYPE_CHECKING:
    from collections.abc import Iterator

_BETWEEN = " \t\r\n,"
_PUNCTUATION = frozenset({b"[", b"]", b",", b"],"})
_NOT_WHOLE = frozenset({RejectedReason.TRUNCATED_JSON, RejectedReason.INVALID_JSON})


def looks_like_json(value: bytes) -> bool:
    """Tell a JSON object, array or string from a line of a log that begins with the same character.

    Parameters
    ----------
    value
        Bytes without white space around them.
    """
    first = value[:1]
    if first == b"[":
        return value[1:64].lstrip()[:1] in {b"{", b"[", b'"', b"]"}
    # A csvlog row whose fields are all quoted begins like a JSON string; only a whole one parses.
    return first == b"{" or (first == b'"' and _is_json(value))


def is_punctuation(line: bytes) -> bool:
    """Whether a line holds nothing but a bracket or comma of the array around it."""
    return line in _PUNCTUATION


def read_odd_json(value: bytes, error: orjson.JSONDecodeError) -> Iterator[Any]:
    """Yield the JSON documents that stand one behind the other in some bytes, control characters allowed.

    Of an array that is not whole the items are yielded: what can be read of ``[{...},`` and ``{...}]`` is.

    Parameters
    ----------
    value
        What the strict parser refused.
    error
        Why it did.

    Raises
    ------
    Refusal
        At the first document that cannot be read: ``invalid_utf8``, ``too_deeply_nested``, ``not_a_number``,
        ``truncated_json`` or ``invalid_json``.
    """
    if "depth limit" in error.msg:
        raise Refusal(RejectedReason.TOO_DEEPLY_NESTED, "the JSON is nested more than a thousand levels deep")
    try:
        text = value.decode()
    except UnicodeDecodeError as problem:
        raise Refusal(RejectedReason.INVALID_UTF8, "the JSON is not UTF-8") from problem
    decoder = json.JSONDecoder(strict=False, parse_constant=_refuse_constant, parse_float=_finite)
    position, is_inside = 0, False
    while position < len(text):
        character = text[position]
        if character in _BETWEEN or (is_inside and character == "]"):
            position += 1
            continue
        try:
            document, after = _read_document(decoder, text, position, error)
        except Refusal as refusal:
            if is_inside or character != "[" or refusal.reason not in _NOT_WHOLE:
                raise
            # The items of an array that is not whole; nothing but this one bracket is passed over.
            position, is_inside = position + 1, True
            continue
        yield document
        position, is_inside = after, True


def _read_document(
    decoder: json.JSONDecoder, text: str, position: int, error: orjson.JSONDecodeError
) -> tuple[Any, int]:
    try:
        document, end = decoder.raw_decode(text, position)
        # The lenient parser lets through what nobody downstream can encode: lone surrogates, integers beyond 64 bits.
        orjson.dumps(document)
    except RecursionError as problem:
        raise Refusal(RejectedReason.TOO_DEEPLY_NESTED, "the JSON is nested too deeply") from problem
    except json.JSONDecodeError as problem:
        is_cut = "unexpected end" in error.msg or "Unterminated" in problem.msg or problem.pos >= len(text.rstrip())
        reason = RejectedReason.TRUNCATED_JSON if is_cut else RejectedReason.INVALID_JSON
        detail = f"the JSON is {'cut off' if is_cut else 'damaged'} at character {problem.pos}"
        raise Refusal(reason, detail) from problem
    except (ValueError, TypeError) as problem:
        raise Refusal(
            RejectedReason.INVALID_JSON, "the JSON holds numbers or characters that do not exist"
        ) from problem
    return document, end


def _is_json(value: bytes) -> bool:
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return True


def _refuse_constant(_name: str) -> NoReturn:
    raise Refusal(RejectedReason.NOT_A_NUMBER, "the JSON holds NaN or Infinity")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Refusal(RejectedReason.NOT_A_NUMBER, "the JSON holds a number beyond the range of doubles")
    return number
