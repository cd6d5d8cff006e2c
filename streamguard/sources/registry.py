"""Every format that is read, in the order of detection: the cheapest and most likely first.

To add a format: write one file with ``NAME`` and ``read`` (which returns None for a record that is not of its format,
and raises `Refusal` for one that is and cannot be read), and add one line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.sources import (
    ocsf,
    postgresql_azure,
    postgresql_cnpg,
    postgresql_csvlog,
    postgresql_jsonlog,
    postgresql_stderr,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject


class ObjectFormat(NamedTuple):
    """A format whose records are JSON objects."""

    name: str
    read: Callable[[JsonObject, Context], Activity | Ignored | None]


class TextFormat(NamedTuple):
    """A format whose records are texts."""

    name: str
    read: Callable[[str, Context], Activity | Ignored | None]


class Formats(NamedTuple):
    """The formats that a topic may carry."""

    objects: tuple[ObjectFormat, ...]
    texts: tuple[TextFormat, ...]


ALL_FORMATS = Formats(
    objects=(
        ObjectFormat(postgresql_jsonlog.NAME, postgresql_jsonlog.read),
        ObjectFormat(postgresql_cnpg.NAME, postgresql_cnpg.read),
        ObjectFormat(ocsf.NAME, ocsf.read),
        ObjectFormat(postgresql_azure.NAME, postgresql_azure.read),
    ),
    texts=(
        TextFormat(postgresql_csvlog.NAME, postgresql_csvlog.read),
        TextFormat(postgresql_stderr.NAME, postgresql_stderr.read),
    ),
)


def select(name: str | None) -> Formats | None:
    """Return the formats that a topic's setting allows.

    Parameters
    ----------
    name
        None for all of them, the name of one, or a family such as ``postgresql``.

    Returns
    -------
    Formats or None
        None if there is no format of that name.

    Examples
    --------
    >>> [text.name for text in select("postgresql").texts]
    ['postgresql.csvlog', 'postgresql.stderr']
    """
    if name is None:
        return ALL_FORMATS
    chosen = Formats(
        objects=tuple(f for f in ALL_FORMATS.objects if _belongs(f.name, name)),
        texts=tuple(f for f in ALL_FORMATS.texts if _belongs(f.name, name)),
    )
    return chosen if chosen.objects or chosen.texts else None


def format_names() -> tuple[str, ...]:
    """Return the names that a topic's ``format`` setting may have, families included, sorted."""
    names = {f.name for f in ALL_FORMATS.objects} | {f.name for f in ALL_FORMATS.texts}
    return tuple(sorted(names | {name.partition(".")[0] for name in names}))


def _belongs(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}.")
