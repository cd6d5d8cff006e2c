"""One fuzz target in a process of its own: ``python -m fuzz.target record|statement <libFuzzer's arguments>``."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["streamguard"]):
    from fuzz.check import CHECKS, MOST_BYTES


def main() -> None:
    """Fuzz until libFuzzer's limits end it."""
    check = CHECKS[sys.argv.pop(1)]
    atheris.Setup([*sys.argv, f"-max_len={MOST_BYTES}"], lambda data: check(bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
