"""The detectors that can be compared, by name; and those that people bring, as ``module:Class``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from streamguard.detect.deciderscorer import DeciderScorer
from streamguard.detect.scorer import Calibrated
from streamguard.evaluate.rivals import RIVALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from streamguard.detect.scorer import Scorer

DETECTORS: Final[Mapping[str, Callable[[], Scorer]]] = MappingProxyType(
    {made.name: made for made in (DeciderScorer, *RIVALS)}
)
"""Makes a new one, by name, in the order of tables."""
ALL: Final = "all"


class UnknownDetectorError(Exception):
    """A detector that there is not; the message says what is wrong."""


def resolve(wanted: Iterable[str]) -> tuple[str, ...]:
    """Return what detectors are meant, each once: ``all`` stands for all that are built in.

    Raises
    ------
    UnknownDetectorError
        If one does not exist, cannot be imported, or is no detector.
    """
    meant = dict.fromkeys(name for one in wanted for name in (DETECTORS if one == ALL else (one,)))
    for name in meant:
        make_detector(name)
    return tuple(meant)


def make_detector(name: str) -> Scorer:
    """Make a new detector.

    Parameters
    ----------
    name
        Of a built-in one, or ``module:Class``; the module may lie in the working directory.

    Raises
    ------
    UnknownDetectorError
        See `resolve`.
    """
    made = DETECTORS.get(name)
    if made is not None:
        return made()
    module, colon, member = name.partition(":")
    if not colon:
        raise UnknownDetectorError(f"there is no detector {name}; there are: {', '.join(DETECTORS)}, or module:Class")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        scorer: Scorer = getattr(import_module(module), member)()
    except (ImportError, AttributeError, TypeError) as error:
        raise UnknownDetectorError(f"cannot make the detector {name}: {error}") from error
    if not isinstance(getattr(scorer, "name", None), str) or not callable(getattr(scorer, "observe", None)):
        raise UnknownDetectorError(f"{name} is no detector: it needs a name and observe(exposure) -> float")
    return scorer


def is_calibrated(name: str) -> bool:
    """Tell whether a detector says itself where a budget lies."""
    return isinstance(make_detector(name), Calibrated)
