"""What was measured on: machine, versions, and which build of this pipeline."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("faust-streaming", "mode-streaming", "aiokafka", "river", "sqlglot", "orjson", "msgspec")
_BINARIES = (".so", ".pyd")


def machine(broker: str) -> dict[str, object]:
    """Return what stands below the tables."""
    return {
        "broker": broker,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        **{name: _version(name) for name in LIBRARIES},
    }


def build() -> str:
    """Return which build of this pipeline this process runs, told by what it has imported."""
    mine = [module for name, module in sys.modules.items() if name.partition(".")[0] == "streamguard"]
    files = [found for module in mine if (found := getattr(module, "__file__", None))]
    compiled = [found for found in files if found.endswith(_BINARIES)]
    if not compiled:
        return "interpreted"
    return f"compiled ({len(compiled)} of {len(files)} modules)"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    found = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return found[0] if found else platform.processor()
