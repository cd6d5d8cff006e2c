"""One fuzz target in a process of its own: ``python -m fuzz.target <name> <slowest> <libFuzzer's arguments>``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

with atheris.instrument_imports(include=["streamguard"]):
    import streamguard
    from fuzz.check import CHECKS, DIALECTS, MOST_BYTES

from fuzz.mutate import JsonMutator
from fuzz.mutate_sql import SqlMutator
from fuzz.words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = "plain"
"""In place of the target's name with this suffix the changes are libFuzzer's own, to compare."""


def _mutate(data: bytes, max_size: int) -> bytes:
    # atheris 3.0 sets `atheris.Mutate` up in another of its extension modules than the one that fuzzes; that one is
    # there only while it does.
    from atheris import core_with_libfuzzer

    changed: bytes = core_with_libfuzzer.Mutate(data, max_size)
    return changed


def main() -> None:
    """Fuzz until libFuzzer's limits end it; what took longest is written to the file ``slowest``."""
    name, _, how = sys.argv.pop(1).partition(".")
    slowest = Path(sys.argv.pop(1))
    check = CHECKS[name]
    check(b"")  # reads files, once
    most_seconds = 0.0

    def test_one_input(data: bytes) -> None:
        nonlocal most_seconds
        data = bytes(data)
        start = time.process_time()
        check(data)
        seconds = time.process_time() - start
        if seconds > most_seconds * 1.2:
            most_seconds = seconds
            slowest.write_bytes(data)
            slowest.with_suffix(".seconds").write_text(f"{seconds:.4f}")

    options: dict[str, Callable[[bytes, int, int], bytes]] = {}
    if how == PLAIN:
        pass
    elif name == "statement":
        options["custom_mutator"] = SqlMutator(_mutate, len(DIALECTS))
    else:
        names = [word for word in words_of(Path(streamguard.__file__).parent / "sources") if word.isidentifier()]
        options["custom_mutator"] = JsonMutator(_mutate, names, has_line=name == "mapping")
    atheris.Setup([*sys.argv, f"-max_len={MOST_BYTES}"], test_one_input, **options)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
