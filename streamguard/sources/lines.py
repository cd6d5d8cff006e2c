"""Files and batches split into the records they hold, as bytes, so that a file reads like a topic.

One JSON object a line; csvlog rows with newlines inside quotes as one record; plain log lines joined with their
continuation lines; entries of MySQL's slow log and records of its XML whole; JSON arrays and pretty-printed JSON by
value; gzip by its magic bytes. Memory is bounded by the largest record allowed, not by the file.
"""

from __future__ import annotations

import gzip
import re
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from streamguard.sources.partial import join_partial
from streamguard.sources.unpack import GZIP_MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""A longer record is handed out in pieces, which the decoder then rejects; nothing is skipped silently."""

_CSV_ROW = re.compile(rb'"?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [A-Za-z0-9+:-]{1,9}"?,')
# The second and third begin entries of Oracle's audit trail, whose statements hold line ends like others. Redshift puts
# its prefix into quotes.
_DATED = re.compile(
    rb"'?\d{4}-\d\d-\d\d[ T]\d\d:\d\d|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}|<AuditRecord>"
)
_SLOW = re.compile(
    rb"# Time: |# User@Host: |\S{1,255}, Version: .{1,300}started with:|Tcp port: \d|Time\s+Id\s+Command\s+Argument"
)
_SERVER_AUDIT = re.compile(
    rb"\d{8} \d\d:\d\d:\d\d,[^,\n]{1,255},.{0,160}?,[^,\n]{0,255},\d{1,20},\d{1,20},[A-Z_]{4,16},"
)
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
    lines = join_partial(lines, MAX_RECORD_BYTES)
    first = next((line for line in lines if line.strip()), b"")
    base_depth = _json_depth(first)
    if base_depth is None:
        yield from join_lines(_chain(first, lines))
    else:
        yield from _json_values(_chain(first, lines), base_depth)


def join_lines(lines: Iterable[bytes], max_bytes: int = MAX_RECORD_BYTES) -> Iterator[bytes]:
    r"""Yield records from lines: continuation lines are joined to the line they continue.

    A line continues the one before if it begins with white space (PostgreSQL puts a tab there), if a quoted field of a
    csvlog row is open, or if the record began with a date and the line does not begin like a record. An entry of a
    slow log goes on to the next line that begins one, and an ``<AUDIT_RECORD>`` to its end.

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
    current: _Joined | None = None
    for raw_line in lines:
        line = raw_line.rstrip(b"\r\n")
        if current is not None and current.size <= max_bytes and current.goes_on_with(line):
            current.add(line)
            continue
        if current is not None:
            yield current.content()
        current = _Joined(line) if line.strip() else None
    if current is not None:
        yield current.content()


class _Kind(Enum):
    """How a record that begins with a certain line goes on."""

    CSV = auto()
    DATED = auto()
    SLOW = auto()
    XML = auto()
    PLAIN = auto()


class _Joined:
    """A record that may still grow by a line."""

    __slots__ = ("_kind", "_parts", "_quotes", "size")

    def __init__(self, first: bytes) -> None:
        self._parts: list[bytes] = []
        self._kind = _kind_of(first)
        self._quotes = 0
        self.size = 0
        self.add(first)

    def add(self, line: bytes) -> None:
        self._parts.append(line)
        self.size += len(line) + 1
        if self._kind is _Kind.CSV:
            self._quotes += line.count(b'"')

    def content(self) -> bytes:
        return b"\n".join(self._parts).rstrip(b"\n")

    def goes_on_with(self, line: bytes) -> bool:
        kind = self._kind
        if kind is _Kind.CSV:
            return self._quotes % 2 == 1
        if kind is _Kind.XML:
            return not (self._is_closed() or line.lstrip().startswith((b"<AUDIT_RECORD", b"</AUDIT>")))
        if kind is _Kind.SLOW:
            # Only the line of the user may follow the line of the time, and nothing else begins like either.
            is_head = self._parts[-1].startswith(b"# Time: ") and line.startswith(b"# User@Host: ")
            return is_head or not (_SLOW.match(line) or _SERVER_AUDIT.match(line))
        if line[:1] in {b"\t", b" "}:
            return not (kind is _Kind.PLAIN and line.lstrip().startswith(b"<AUDIT_RECORD"))
        return kind is _Kind.DATED and not (_DATED.match(line) or _CSV_ROW.match(line) or _OTHER_START.match(line))

    def _is_closed(self) -> bool:
        # Elements that are empty end like a record of the old style, which is one tag with attributes.
        is_one_tag = not self._parts[0].lstrip().startswith(b"<AUDIT_RECORD>")
        return self._parts[-1].rstrip().endswith(b"/>" if is_one_tag else b"</AUDIT_RECORD>")


def _kind_of(line: bytes) -> _Kind:
    if _CSV_ROW.match(line):
        return _Kind.CSV
    if _DATED.match(line):
        return _Kind.DATED
    if line.startswith((b"# Time: ", b"# User@Host: ")):
        return _Kind.SLOW
    return _Kind.XML if line.lstrip().startswith(b"<AUDIT_RECORD") else _Kind.PLAIN


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
