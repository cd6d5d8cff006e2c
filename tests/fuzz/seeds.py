"""Where the fuzzer starts: every record and every statement of the samples."""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz.canaries import planted
from fuzz.mappings import SEEDS
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
    """Write one file per seed, as it is and with planted values; return how many there are."""
    found = {"record": _records, "statement": _statements, "mapping": lambda: iter(SEEDS)}[target]()
    # The first byte chooses the format (detection) or the dialect (the first one).
    seeds = {b"\0" + variant for seed in found for variant in (seed, planted(seed))}
    for seed in seeds:
        (directory / blake2b(seed, digest_size=8).hexdigest()).write_bytes(seed)
    return len(seeds)


def planted_records() -> list[tuple[str, bytes]]:
    """Return the samples' records with planted values: those in which there is room for one."""
    return [
        (f"{path.parent.name}/{path.name}", changed)
        for path in _files()
        for record in read_records(path)
        if (changed := planted(record)) != record
    ]


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
