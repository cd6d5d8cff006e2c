"""The simulated company's own configuration, shipped with the package: the demo's and an example to start from."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.pipeline import OriginTools
from streamguard.sources import Decoder

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

COMPANY_FILES = ("identities.yaml", "catalogue.yaml", "streamguard.yaml")


def company_file(name: str) -> Traversable:
    """Return one of `COMPANY_FILES`."""
    return files("streamguard.simulate") / "company_files" / name


def company_tools() -> OriginTools:
    """Return the pure core's tools for the simulated company."""
    with as_file(company_file("identities.yaml")) as identities, as_file(company_file("catalogue.yaml")) as catalogue:
        return OriginTools(decoder=Decoder(), exposer=Exposer(Directory.load(identities), Catalogue.load(catalogue)))
