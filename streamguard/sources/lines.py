"""Files and batches split into the records they hold, as bytes, so that a file reads like a topic.

One JSON object a line; csvlog rows with newlines inside quotes as one record; plain log lines joined with their
continuation lines; JSON arrays and pretty-printed JSON by value; gzip by its magic bytes. Memory is bounded by the
largest record allowed, not by the file.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from streamguard.sources.unpack import GZIP_MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""A longer record is handed out in pieces, which the decoder then rejects; nothing is skipped silently."""

_CSV_ROW = re.compile(rb'"?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [A-Za-z0-9+:-]{1,9}"?,')
_DATED = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
_OTHER_START = re.compile(rb"\{|<\d{1,3}>|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ")
_JSON_TOKEN = re.compile(rb'\\.|["{}\[\]]', re.DOTALL)


def read_records(path: Path | str) -> Iterator[bytes]:
    """Yield the records of a file, in order.

    Parameters
    ----------
    path
        A log file, plain or gzipped.

    Raises
    ------
    OSError
        When the file cannot be read, or its gzip data is damaged.
    EOFError
        When its gzip data is cut off.
    """
    with Path(path).open("rb") as stream:
        yield from split_records(stream)


def split_records(stream: BufferedReader) -> Iterator[bytes]:
    """Yield the records of an open binary stream (a file, ``sys.stdin.buffer``), in order.

    Parameters
    ----------
    stream
        Read once, from its current position.

    Raises
    ------
    OSError, EOFError
        As `read_records`.
    """
    lines = _lines(gzip.GzipFile(fileobj=stream) if stream.peek(2)[:2] == GZIP_MAGIC else stream)
    first = next((line for line in lines if line.strip()), b"")
    base_depth = _json_depth(first)
    if base_depth is None:
        yield from join_lines(_chain(first, lines))
    else:
        yield from _json_values(_chain(first, lines), base_depth)


def join_lines(lines: Iterable[bytes], max_bytes: int = MAX_RECORD_BYTES) -> Iterator[bytes]:
    r"""Yield records from lines: continuation lines are joined to the line they continue.

    A line continues the one before if it begins with white space (PostgreSQL puts a tab there), if a quoted field of a
    csvlog row is open, or if the record began with a date and the line does not begin like a record.

    Parameters
    ----------
    lines
        With or without their newlines.
    max_bytes
        A record that grows beyond this is handed out as it is.

    Examples
    --------
    >>> list(join_lines([b"2026-11-22 03:57 LOG:  a", b"\tb", b"2026-11-22 03:58 LOG:  c"]))
    [b'2026-11-22 03:57 LOG:  a\n\tb', b'2026-11-22 03:58 LOG:  c']
    """
    parts: list[bytes] = []
    size = 0
    is_csv = is_dated = False
    quotes = 0
    for raw_line in lines:
        line = raw_line.rstrip(b"\r\n")
        if parts and size <= max_bytes and (quotes % 2 if is_csv else _continues(line, is_dated)):
            parts.append(line)
        else:
            if parts:
                yield b"\n".join(parts).rstrip(b"\n")
            if not line.strip():
                parts, size = [], 0
                continue
            parts, size, quotes = [line], 0, 0
            is_csv = _CSV_ROW.match(line) is not None
            is_dated = not is_csv and _DATED.match(line) is not None
        size += len(line) + 1
        quotes += line.count(b'"') if is_csv else 0
    if parts:
        yield b"\n".join(parts).rstrip(b"\n")


def _continues(line: bytes, is_dated: bool) -> bool:
    if line[:1] in {b"\t", b" "}:
        return True
    return is_dated and not (_DATED.match(line) or _CSV_ROW.match(line) or _OTHER_START.match(line))


def _json_depth(first: bytes) -> int | None:
    """Return the depth at which a file's records stand, or None if it is read line by line."""
    start = first.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"[":
        return 1 if start[1:].lstrip()[:1] in {b"", b"{", b'"', b"["} else None
    if start[:1] != b"{":
        return None
    try:
        orjson.loads(start)
    except orjson.JSONDecodeError:
        # A pretty-printed object opens on a line of its own; a damaged line of NDJSON holds more than that.
        return 0 if start.strip() == b"{" else None
    return None


def _json_values(lines: Iterable[bytes], base_depth: int) -> Iterator[bytes]:
    """Yield the objects, arrays and strings that stand at a depth, by counting brackets outside of strings."""
    value: list[bytes] = []
    depth, size = 0, 0
    in_string = is_open = False
    for line in lines:
        start = 0
        for token in _JSON_TOKEN.finditer(line):
            kind = token[0]
            was_at_base = depth == base_depth and not in_string
            if kind == b'"':
                in_string = not in_string
            elif in_string or kind[0] == 0x5C:
                continue
            else:
                depth += 1 if kind in b"{[" else -1
            if was_at_base and not is_open and (in_string or depth > base_depth):
                is_open, start = True, token.start()
            elif is_open and depth == base_depth and not in_string:
                yield b"".join([*value, line[start : token.end()]])
                is_open, value, size = False, [], 0
        if is_open:
            value.append(line[start:])
            size += len(line)
            if size > MAX_RECORD_BYTES:
                yield b"".join(value)
                value, size = [], 0
    if is_open and value:
        yield b"".join(value)


def _lines(stream: BufferedReader | gzip.GzipFile) -> Iterator[bytes]:
    return iter(lambda: stream.readline(MAX_RECORD_BYTES + 1), b"")


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
