"""From SQLAlchemy's types to the kinds of values that a catalogue names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import types as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql as pg

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS: Final[tuple[tuple[tuple[type[Any], ...], str], ...]] = (
    # The first that fits: an enumeration is a kind of string in SQLAlchemy, too.
    ((sa.ARRAY,), "array"),
    ((sa.Enum, mysql.SET), "enum"),
    ((sa.JSON, pg.HSTORE), "json"),
    ((sa.Uuid,), "uuid"),
    ((pg.INET, pg.CIDR, pg.MACADDR, pg.MACADDR8), "network"),
    ((sa.Boolean,), "boolean"),
    ((sa.Date,), "date"),
    ((sa.DateTime,), "timestamp"),
    ((sa.Time,), "time"),
    ((sa.Integer, mysql.YEAR, pg.OID), "integer"),
    ((sa.Numeric, pg.MONEY), "number"),
    ((sa.LargeBinary, sa.BINARY, sa.VARBINARY, mysql.BIT, pg.BIT), "binary"),
    ((sa.String,), "text"),
)

_BY_NAME: Final[Mapping[str, str]] = {
    "inet4": "network",
    "inet6": "network",
    "xml": "text",
    **dict.fromkeys(
        (
            *("point", "line", "lseg", "box", "path", "polygon", "circle", "geometry", "geography", "linestring"),
            *("multipoint", "multilinestring", "multipolygon", "geometrycollection"),
        ),
        "geometry",
    ),
}
"""Types that SQLAlchemy does not know."""


def column_type(type_: Any, name: str | None = None) -> str:
    """Return the kind of values of a column, one of `streamguard.exposure.catalogue.COLUMN_TYPES`.

    Parameters
    ----------
    type_
        SQLAlchemy's type.
    name
        The database's name of the type, where SQLAlchemy does not know it.
    """
    if isinstance(type_, pg.DOMAIN):
        return column_type(type_.data_type)
    # MySQL has no other boolean, and PostgreSQL's bit(1) is one, too.
    if (isinstance(type_, mysql.TINYINT) and type_.display_width == 1) or (
        isinstance(type_, mysql.BIT | pg.BIT) and type_.length == 1
    ):
        return "boolean"
    for kinds, kind in _KINDS:
        if isinstance(type_, kinds):
            return kind
    return _BY_NAME.get((name or "").lower(), "other")
