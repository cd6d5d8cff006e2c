"""The settings as a list for people: name, environment variable, default, meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from streamguard.settings.places import variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.located import Place


class SettingDoc(NamedTuple):
    """One setting."""

    name: str
    """Place in the file: ``kafka.bootstrap_servers``."""
    variable: str
    """Its environment variable."""
    default: str
    """As one would write it."""
    description: str
    """What it is for."""


def reference_of(model: type[BaseModel], place: Place = ()) -> Iterator[SettingDoc]:
    """Yield every setting of a section and of those in it."""
    for name, field in model.model_fields.items():
        here = (*place, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from reference_of(field.annotation, here)
        else:
            default = "" if field.default is PydanticUndefined else _written(field.default)
            yield SettingDoc(".".join(map(str, here)), variable(here), default, field.description or "")


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(getattr(item, "name", item)) for item in value)
    return "none" if value is None or value == {} else str(value)
