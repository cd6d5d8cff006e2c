"""A recorded world: what an evaluation runs on. The directory that `streamguard simulate --world` writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from streamguard.evaluate.changes import apply_changes
from streamguard.evaluate.truth import Truth, read_truth
from streamguard.exposure import Catalogue, Directory, DirectoryHistory
from streamguard.located import ConfigurationError, Mistake
from streamguard.sources import read_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

ACTIVITIES: Final = ("activities.ndjson", "activities.ndjson.gz")
IDENTITIES: Final = "identities.yaml"
CHANGES: Final = "identities_changes.ndjson"
"""Optional: what changes in the directory while the world runs."""
CATALOGUE: Final = "catalogue.yaml"
TRUTH: Final = "truth.json"


@dataclass(frozen=True)
class Recording:
    """A world that can be read as often as one likes.

    Attributes
    ----------
    name
        For people.
    truth
        Who took what, and when.
    catalogue
        What is personal data.
    records
        Begins a reading: yields audit records as bytes, in the order of time.
    history
        Employees over time; nobody, if detectors are to do without.
    """

    name: str
    truth: Truth
    catalogue: Catalogue
    records: Callable[[], Iterable[bytes]]
    history: DirectoryHistory = field(default_factory=lambda: DirectoryHistory(Directory.empty()))


def open_recording(path: Path, *, directory: bool = True) -> Recording:
    """Open a world directory: activities, employees and what changes about them, catalogue, truth.

    Parameters
    ----------
    path
        The directory.
    directory
        False: without the employees, as if nobody had told who they are.

    Raises
    ------
    ConfigurationError
        With every mistake in any of its files.
    """
    mistakes: list[Mistake] = []
    activities = next((path / name for name in ACTIVITIES if (path / name).is_file()), None)
    if activities is None:
        mistakes.append(Mistake(str(path), 0, 0, f"there is no {' or '.join(ACTIVITIES)} in it"))
    people = _read(Directory.load, path / IDENTITIES, mistakes) if directory else Directory.empty()
    catalogue = _read(Catalogue.load, path / CATALOGUE, mistakes)
    truth = _read(read_truth, path / TRUTH, mistakes)
    if activities is None or people is None or catalogue is None or truth is None:
        raise ConfigurationError(mistakes)
    source, history = activities, DirectoryHistory(people)
    if directory and (path / CHANGES).is_file():
        apply_changes(path / CHANGES, history)
    return Recording(path.name, truth, catalogue, lambda: read_records(source), history)


T = TypeVar("T")


def _read(load: Callable[[Path], T], path: Path, mistakes: list[Mistake]) -> T | None:
    """Read one of the files, noting its mistakes."""
    try:
        return load(path)
    except ConfigurationError as error:
        mistakes += error.mistakes
        return None
