"""Whether this process runs the compiled build (``docs/engine.md``, "Compiled")."""

from __future__ import annotations

import platform

from streamguard import __version__
from streamguard.detect import decider


def is_compiled() -> bool:
    """Return whether the hot rooms run as binaries and not as Python sources; results are the same, to the bit."""
    return not (decider.__file__ or "").endswith(".py")


def build_line() -> str:
    """Return version, Python and the kind of the build, for people."""
    kind = "compiled" if is_compiled() else "not compiled"
    return f"streamguard {__version__} (Python {platform.python_version()}, {kind})"
