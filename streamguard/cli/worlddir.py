"""A simulated company written to a directory: its log, directory, catalogue, settings, and the truth."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import orjson

from streamguard.cli.company import company_file
from streamguard.simulate import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from streamguard.simulate import Moment, World

_LEVEL: Final = 6
_EXAMPLE_FORMAT: Final = "postgresql.jsonlog"


def write_world(world: World, moments: Iterator[Moment], directory: Path, form: str, *, compress: bool) -> None:
    """Write everything about a simulated company.

    Parameters
    ----------
    world
        The company.
    moments
        Its moments, all of them.
    directory
        Where to; it is made, and files of an earlier run are replaced.
    form
        One of `FORMATS`.
    compress
        Whether the log is gzipped.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    writer = FORMATS[form].make(world.config.seed)
    with _log(directory / FORMATS[form].file, compress=compress) as log:
        for moment in moments:
            for line in writer.lines(moment):
                log.write(line + b"\n")
    truth = orjson.dumps(world.truth(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (directory / "truth.json").write_bytes(truth)
    (directory / "identities.yaml").write_text(world.identities_yaml(), encoding="utf-8")
    (directory / "catalogue.yaml").write_text(world.catalogue_yaml(form), encoding="utf-8")
    changes = (
        b'{"time_ms":%d,"key":%b,"value":%b}\n' % (time_ms, orjson.dumps(key.decode()), value)
        for time_ms, key, value in world.identity_changes()
    )
    (directory / "identities_changes.ndjson").write_bytes(b"".join(changes))
    settings = company_file("streamguard.yaml").read_text(encoding="utf-8")
    settings = settings.replace(f"format: {_EXAMPLE_FORMAT}", f"format: {form}")
    (directory / "streamguard.yaml").write_text(settings, encoding="utf-8")


@contextmanager
def _log(path: Path, *, compress: bool) -> Iterator[BinaryIO]:
    if not compress:
        with path.open("wb") as file:
            yield file
        return
    # Neither name nor time in the header: the same company gives the same bytes.
    with (
        path.with_name(f"{path.name}.gz").open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0) as packed,
    ):
        yield packed  # type: ignore[misc]
