"""Worlds to evaluate on: simulated ones by seed, and directories that people recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from streamguard.evaluate import Recording, Truth, changed, open_recording
from streamguard.exposure import Catalogue, Directory, DirectoryHistory
from streamguard.simulate import World, WorldConfig


@dataclass(frozen=True)
class SimulatedWorld:
    """A world made by `streamguard simulate`'s code, without writing its records anywhere.

    Attributes
    ----------
    name
        For people.
    config
        Seed, size, what happens.
    directory
        Whether detectors are told who is who.
    """

    name: str
    config: WorldConfig
    directory: bool = True

    def open(self) -> Recording:
        """Simulate it."""
        world = World(self.config)
        with TemporaryDirectory() as folder:
            people, catalogue = Path(folder, "identities.yaml"), Path(folder, "catalogue.yaml")
            people.write_text(world.identities_yaml(), encoding="utf-8")
            catalogue.write_text(world.catalogue_yaml(), encoding="utf-8")
            employees, columns = Directory.load(people), Catalogue.load(catalogue)
        history = changed(DirectoryHistory(employees), world.identity_changes())
        return Recording(
            name=self.name,
            truth=msgspec.convert(world.truth(), Truth),
            catalogue=columns,
            records=world.activities,
            history=history if self.directory else DirectoryHistory(Directory.empty()),
        )


@dataclass(frozen=True)
class RecordedWorld:
    """A world directory."""

    path: Path
    directory: bool = True

    @property
    def name(self) -> str:
        """Name of the directory."""
        return self.path.resolve().name

    def open(self) -> Recording:
        """Open it.

        Raises
        ------
        ConfigurationError
            With every mistake in its files.
        """
        return open_recording(self.path, directory=self.directory)
