"""Collects the mistakes of one configuration file while it is read; what is wrong reads as absent."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from streamguard.located import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamguard.located import Located, Mistake, Place


class FileCheck:
    """The mistakes of one file.

    Parameters
    ----------
    located
        The file's data and positions.
    rows_repeat
        Whether the file may say several things about one employee in several rows.
    """

    def __init__(self, located: Located, *, rows_repeat: bool = False) -> None:
        self.located = located
        self.rows_repeat = rows_repeat
        self._mistakes: list[Mistake] = []

    def mistake(self, place: Place, message: str) -> None:
        """Note a mistake at a place."""
        self._mistakes.append(self.located.mistake(place, message))

    def unknown(self, place: Place, what: str, name: str, known: Iterable[str]) -> None:
        """Note a name that does not exist, with the one that was probably meant."""
        names = list(known)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}"
        self.mistake(place, f"there is no {what} {name}; {hint}")

    def raise_mistakes(self) -> None:
        """Report everything noted.

        Raises
        ------
        ConfigurationError
            If there was any mistake.
        """
        if self._mistakes:
            raise ConfigurationError(self._mistakes)

    def mapping(self, place: Place, value: Any, known: Iterable[str] | None = None) -> dict[str, Any]:
        """Return a mapping with text keys; with ``known``, other keys are mistakes."""
        if not isinstance(value, dict):
            self.mistake(place, f"{_said(place)} must be a mapping (name: value)")
            return {}
        result = {}
        for key, item in value.items():
            if not isinstance(key, str):
                self.mistake((*place, str(key)), f"the name {key} must be a text: put it in quotes")
            elif known is not None and key not in known:
                self.unknown((*place, key), "setting", key, known)
            else:
                result[key] = item
        return result

    def sequence(self, place: Place, value: Any) -> list[Any]:
        """Return a list that is not empty."""
        if not isinstance(value, list) or not value:
            self.mistake(place, f"{_said(place)} must be a list with at least one entry")
            return []
        return value

    def text(self, place: Place, fields: Mapping[str, Any], name: str, *, required: bool = False) -> str | None:
        """Return a text that is not empty; None if it is absent or wrong."""
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None:
            self.mistake(
                (*place, name), f"{name} must be a text that is not empty (in quotes if it looks like a number)"
            )
        elif required:
            self.mistake(place, f"{name} is missing")
        return None


def _said(place: Place) -> str:
    words = [str(step) for step in place if isinstance(step, str)]
    return words[-1] if words else "the file"
