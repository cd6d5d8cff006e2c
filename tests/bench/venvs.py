"""A virtual environment for each contestant that is not ours: they pin what we pin, and otherwise.

Quix Streams wants an older confluent-kafka than the embedded broker does. So each gets what a user of it alone would
get. What to install stands in pyproject.toml, in the extra ``bench``.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from bench.arena import TESTS, ContestantError

_INSTALL_SECONDS = 240


def requirement(name: str) -> str:
    """Return the line of the extra ``bench`` that names a package."""
    project = tomllib.loads((TESTS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return next(line for line in project["optional-dependencies"]["bench"] if line.startswith(name))


def python_with(name: str) -> str:
    """Return the interpreter of a virtual environment that has a package, made the first time.

    Raises
    ------
    ContestantError
        If the package cannot be installed.
    """
    wanted = requirement(name)
    home = Path(sys.prefix) / "bench" / name
    python, done = home / "bin" / "python", home / "installed"
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        _run(sys.executable, "-m", "venv", "--clear", str(home))
        # orjson: the work reads records with it.
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted, "orjson")
        done.write_text(wanted, encoding="utf-8")
    return str(python)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise ContestantError(f"not installed within {_INSTALL_SECONDS} s") from error
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines() or ["no reason given"]
        raise ContestantError(f"cannot be installed: {said[-1][-300:]}")
