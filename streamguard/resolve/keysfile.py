"""The list of people in a file that its owner alone may read; it goes nowhere else."""

from __future__ import annotations

import csv
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from streamguard.resolve.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamguard.resolve.resolver import Resolved


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Make the file before anything is asked; if that comes to nothing, it is removed again.

    Raises
    ------
    ResolveError
        When it exists, whatever it is, or cannot be made.
    """
    try:
        # Exclusive: neither a file, nor a link, nor a terminal that is there already.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ResolveError(f"{path} exists: a list of people is written to a new file only") from None
    except OSError as error:
        raise ResolveError(f"{path} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise


def write(file: TextIO, resolved: Resolved) -> int:
    """Write one line a person: kind, subject key, region, whether certain, categories; return how many.

    Categories in brackets are those that may have left; the others certainly did.
    """
    categories = resolved.people.categories
    certain = {name: resolved.tally.certain(name) for name in categories}
    possible = {name: resolved.tally.possible(name) for name in categories}
    sure, anybody = resolved.tally.certain(), resolved.tally.possible()
    lines = csv.writer(file)
    lines.writerow(("kind", "key", "region", "certain", "categories"))
    for kind, key, region, number in resolved.people.keys(anybody):
        told = [
            name if certain[name][number] else f"({name})"
            for name in categories
            if certain[name][number] or possible[name][number]
        ]
        lines.writerow((kind, key, region, "yes" if sure[number] else "perhaps", " ".join(told)))
    return int(anybody.sum())
