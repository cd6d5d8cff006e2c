"""Where a mistake in the settings was made: in the flags, the environment or the file; and what was meant."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from streamguard.located import Mistake
from streamguard.settings.sections import AuditTopic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from streamguard.located import Located, Place

ENV_PREFIX = "STREAMGUARD_"
ENV_DELIMITER = "__"
_ABSENT = object()


def variable(place: Place) -> str:
    """Return the environment variable of a setting."""
    return ENV_PREFIX + ENV_DELIMITER.join(str(step).upper() for step in place if isinstance(step, str))


@dataclass(frozen=True)
class Places:
    """Finds where a value came from; the strongest source that has it counts.

    Attributes
    ----------
    model
        The settings.
    overrides
        Values from the command line.
    located
        The file, if there is one.
    """

    model: type[BaseModel]
    overrides: Mapping[str, Any]
    located: Located | None
    environment: Mapping[str, str]

    def mistake(self, detail: ErrorDetails) -> Mistake:
        """Turn one of pydantic's errors into a mistake where it was made."""
        place = tuple(detail["loc"])
        message = f"{'.'.join(map(str, place)) or 'settings'}: {self._in_words(detail)}"
        # What is missing was forgotten where the rest of its entry was written.
        said = place[:-1] if detail["type"] == "missing" else place
        if _reaches(self.overrides, said):
            return Mistake("command line", 0, 0, message)
        name = variable(place)
        if name not in self.environment and self.located is not None and _reaches(self.located.value, said):
            return self.located.mistake(place, message)
        return Mistake("environment", 0, 0, f"{message} ({name})")

    def _in_words(self, detail: ErrorDetails) -> str:
        if detail["type"] == "model_type":
            return "a mapping of settings is needed here"
        if detail["type"] != "extra_forbidden":
            return detail["msg"].removeprefix("Value error, ")
        near = _nearest(str(detail["loc"][-1]), names_at(self.model, detail["loc"][:-1]))
        return "there is no such setting" + (f", did you mean {near}?" if near else "")


def names_at(model: type[BaseModel], place: Place) -> list[str]:
    """Return the names of the settings in a section."""
    for step in place:
        if isinstance(step, str) and step in model.model_fields:
            annotation = model.model_fields[step].annotation
            is_section = isinstance(annotation, type) and issubclass(annotation, BaseModel)
            model = annotation if is_section else AuditTopic  # type: ignore[assignment]
    return list(model.model_fields)


def unknown_variables(model: type[BaseModel], environment: Iterable[str]) -> list[Mistake]:
    """Return a mistake for each variable that looks like a setting of ours and is none.

    Only names with the delimiter: Kubernetes puts ``STREAMGUARD_PORT`` and the like into every pod beside a service
    of that name.
    """
    known = [variable((section,)) for section in model.model_fields]
    mistakes = []
    for name in environment:
        section, delimiter, _ = name.partition(ENV_DELIMITER)
        if name.startswith(ENV_PREFIX) and delimiter and section not in known:
            near = _nearest(section, known)
            hint = f", did you mean {near}{ENV_DELIMITER}...?" if near else ""
            mistakes.append(Mistake("environment", 0, 0, f"{name}: there is no such setting{hint}"))
    return mistakes


def _nearest(name: str, known: list[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


def _reaches(values: Any, place: Place) -> bool:
    """Whether a source says something at a place, or where it leads."""
    for step in place:
        if isinstance(values, dict):
            values = values.get(step, _ABSENT)
        elif isinstance(values, list) and isinstance(step, int):
            values = values[step] if step < len(values) else _ABSENT
        else:
            # The words of a text between commas have places of their own.
            return isinstance(values, str)
        if values is _ABSENT:
            return False
    return bool(place)
