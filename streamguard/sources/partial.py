"""Container log lines that the runtime split because they were long: joined again where all parts are at hand.

The container runtime interface writes ``<time> <stream> P <text>`` for every part but the last, which has ``F``. In a
file, or a batch of lines, the parts of one stream follow each other. Parts that come as Kafka records of their own
cannot be joined here, because decoding keeps no state: they are rejected as ``partial_line``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LINE = re.compile(rb"(\d{4}-\d\d-\d\dT\S{8,40} (stdout|stderr) )([FP])(?: |$)")
_NO_TIME = b"1970-01-01T00:00:00Z "
"""Of parts whose last one never came; nobody reads the time of a line that is rejected."""


def join_partial(lines: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    r"""Yield lines, the parts of split ones as one.

    Parameters
    ----------
    lines
        With or without their newlines.
    max_bytes
        A line that grows beyond this is handed out as the part that it is.

    Examples
    --------
    >>> list(join_partial([b"2026-11-22T03:57:28Z stdout P ab\n", b"2026-11-22T03:57:28Z stdout F c\n"], 99))
    [b'2026-11-22T03:57:28Z stdout F abc\n']
    """
    waiting: dict[bytes, list[bytes]] = {}
    sizes: dict[bytes, int] = {}
    for line in lines:
        match = _LINE.match(line) if line[10:11] == b"T" else None
        if match is None:
            yield line
            continue
        head, stream, tag = match.groups()
        parts = waiting.setdefault(stream, [])
        sizes[stream] = sizes.get(stream, 0) + len(line)
        if tag == b"P" and sizes[stream] <= max_bytes:
            parts.append(line[match.end() :].rstrip(b"\r\n"))
            continue
        yield b"".join([head, tag, b" ", *parts, line[match.end() :]])
        del waiting[stream], sizes[stream]
    for stream, parts in waiting.items():
        yield b"".join([_NO_TIME, stream, b" P ", *parts])
