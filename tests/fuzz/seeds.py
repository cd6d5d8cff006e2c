"""Where the fuzzer starts: every record and every statement of the samples."""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from streamguard.sources import read_records

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = Path(__file__).parents[1] / "samples"
_STATEMENT = re.compile(
    rb"(?is)\b(?:select|with|copy|insert|update|delete|declare|unload|export|create|merge)\b[^\"]{8,2000}"
)
PER_FILE = 60
"""Records of one file: the others resemble them."""


def write_seeds(target: str, directory: Path) -> int:
    """Write one file per seed; return how many there are."""
    found = _records() if target == "record" else _statements()
    # The first byte chooses the format (detection) or the dialect (the first one).
    names = {blake2b(seed, digest_size=8).hexdigest(): seed for seed in found}
    for name, seed in names.items():
        (directory / name).write_bytes(b"\0" + seed)
    return len(names)


def _files() -> Iterator[Path]:
    yield from (path for path in sorted(SAMPLES.rglob("*.*")) if path.suffix != ".md")


def _records() -> Iterator[bytes]:
    for path in _files():
        for number, record in enumerate(read_records(path)):
            if number == PER_FILE:
                break
            yield record
        # Also whole files: batches, arrays, envelopes.
        if path.stat().st_size < 4_000:
            yield path.read_bytes()


def _statements() -> Iterator[bytes]:
    for path in _files():
        if path.suffix != ".gz":
            yield from _STATEMENT.findall(path.read_bytes())[:PER_FILE]
