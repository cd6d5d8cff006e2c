"""Configuration mistakes with their place: collected, sorted, and reported all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    Place = tuple[int | str, ...]


class Mistake(NamedTuple):
    """One mistake in a configuration. Line and column count from 1; line 0: the place has no lines."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class ConfigurationError(Exception):
    """A configuration that cannot be used; holds every mistake, sorted by place."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True)
class Located:
    """A YAML document as plain data, with the position of every part.

    Attributes
    ----------
    file
        Its name, for mistakes.
    value
        The plain data; None for an empty document.
    positions
        (line, column) of each place; a place is the path of keys and indices to a part.
    """

    file: str
    value: Any
    positions: Mapping[Place, tuple[int, int]]

    def position(self, place: Place) -> tuple[int, int]:
        """Return the position of a place, or of the nearest part around it."""
        while place and place not in self.positions:
            place = place[:-1]
        return self.positions.get(place, (1, 1))

    def mistake(self, place: Place, message: str) -> Mistake:
        """Return a mistake at a place."""
        return Mistake(self.file, *self.position(place), message)


def load_yaml(path: Path) -> Located:
    """Read a YAML file.

    Raises
    ------
    ConfigurationError
        If the file cannot be read, or is no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        raise ConfigurationError([Mistake(str(path), 0, 0, f"cannot be read: {reason}")]) from error
    yaml = YAML(typ="safe", pure=True)
    try:
        value = yaml.load(text)
        node = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, ValueError) as error:
        raise ConfigurationError([_no_yaml(path, text, error)]) from error
    positions: dict[Place, tuple[int, int]] = {}
    if node is not None:
        _locate(node, (), positions)
    return Located(str(path), value, positions)


def _no_yaml(path: Path, text: str, error: Exception) -> Mistake:
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Mistake(str(path), line, column, f"no valid YAML: {error.problem}")
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Mistake(str(path), line, 1, "no valid YAML: a control character is in the line")
    # A date that does not exist, for example; the library does not say where.
    return Mistake(str(path), 1, 1, f"no valid YAML: {error}")


def _locate(node: Node, place: Place, positions: dict[Place, tuple[int, int]]) -> None:
    positions.setdefault(place, _start(node))
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                # A mistake in a value is looked for where its key stands.
                positions[(*place, key.value)] = _start(key)
                _locate(value, (*place, key.value), positions)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            _locate(item, (*place, index), positions)


def _start(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
