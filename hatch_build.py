"""Compiles the hot rooms with mypyc; see ``docs/engine.md``, "Compiled".

A checkout, an editable install and the plain wheel are pure Python. Compiled are, on request:

* a wheel: ``HATCH_BUILD_HOOK_ENABLE_CUSTOM=true pip wheel --no-deps .``;
* a copy of the package in a directory: ``make compiled``, which is ``python hatch_build.py build/compiled``.

Nothing is ever built into the source tree: a stale binary cannot stand before an edited source.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Mapping

# What is imported from these is Any to the compiler: reading them takes minutes and gives nothing.
_OPAQUE = (
    "aiohttp", "aiokafka", "datasketches", "faust", "google", "kafka", "mode", "numpy", "prometheus_client",
    "pydantic", "re2", "rich", "river", "scipy", "sqlglot", "structlog", "typer",
)  # fmt: skip
_CONFIG = """\
[mypy]
python_version = {python}
ignore_missing_imports = True
cache_dir = {cache}
[mypy-{opaque}]
follow_imports = skip
follow_imports_for_stubs = True
"""


class CompileHook(BuildHookInterface):
    """Adds the compiled twins of modules to a wheel; which ones, :func:`modules` says."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and put the binaries beside their sources."""
        if version == "editable":
            return
        # The wheel is packed after this returns; the directory goes with the process.
        self._scratch = tempfile.TemporaryDirectory(prefix="streamguard-compiled-")
        root, scratch = Path(self.root), Path(self._scratch.name)
        binaries = compiled(root, modules(root, self.config), scratch)
        build_data["force_include"].update({str(path): str(place) for path, place in binaries.items()})
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def modules(root: Path, config: Mapping[str, Any]) -> list[str]:
    """Return what the patterns in ``compiled`` find and those in ``interpreted`` do not."""

    def found(option: str) -> set[str]:
        paths = {pattern: [str(path.relative_to(root)) for path in root.glob(pattern)] for pattern in config[option]}
        for pattern, several in paths.items():
            if not several:
                raise ValueError(f"pyproject.toml, hooks.custom.{option}: there is no {pattern}")
        return {path for several in paths.values() for path in several}

    names = sorted(found("compiled") - found("interpreted"))
    for name in names:
        # Compiled without a word, they would be records of another kind: not frozen, without a hash.
        if "(msgspec.Struct" in (root / name).read_text():
            raise ValueError(f"{name} defines records of msgspec, and the compiler drops their options: interpreted")
    return names


def compiled(root: Path, names: list[str], scratch: Path, opt_level: str = "3") -> dict[Path, Path]:
    """Compile modules of a source tree; return the binaries, and the place of each beside its source.

    Parameters
    ----------
    root, names
        The tree, and the modules' paths in it.
    scratch
        An empty directory.
    opt_level
        Of the C compiler.
    """
    from mypyc.build import mypycify  # noqa: PLC0415 -- in the build environment only if the hook is enabled
    from setuptools import Distribution  # noqa: PLC0415

    config = scratch / "mypy.ini"
    python = ".".join(platform.python_version_tuple()[:2])
    opaque = ",".join(f"{name}.*" for name in _OPAQUE)
    config.write_text(_CONFIG.format(python=python, opaque=opaque, cache=scratch / "cache"))
    here = Path.cwd()
    os.chdir(root)  # It gives modules their names by where they are from here.
    try:
        extensions = mypycify(
            [f"--config-file={config}", *names],
            opt_level=opt_level,
            debug_level="0",
            multi_file=True,
            target_dir=str(scratch / "c"),
        )
        command = Distribution({"name": "streamguard", "ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib, command.build_temp = str(scratch / "lib"), str(scratch / "temp")
        command.parallel = os.cpu_count()
        command.ensure_finalized()
        command.run()
    finally:
        os.chdir(here)
    lib = scratch / "lib"
    return {path: path.relative_to(lib) for path in lib.rglob("*") if path.is_file()}


def build(root: Path, out: Path, opt_level: str = "3") -> None:
    """Put a copy of the package into ``out``, binaries beside the sources they were made of."""
    config = tomllib.loads((root / "pyproject.toml").read_text())
    hook = config["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]
    with tempfile.TemporaryDirectory(prefix="streamguard-compiled-") as scratch:
        binaries = compiled(root, modules(root, hook), Path(scratch), opt_level)
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(root / "streamguard", out / "streamguard", ignore=shutil.ignore_patterns("__pycache__"))
        for path, place in binaries.items():
            shutil.copy(path, out / place)


if __name__ == "__main__":
    build(Path(__file__).parent, Path(sys.argv[1]).absolute(), *sys.argv[2:3])
