"""The catalogue as a YAML file. Every mistake is found in one reading and told with its line.

::

    databases:
      crm:
        tables:
          public.customers:
            subject_type: customer
            subject_key: id
            region_column: country        # or region: EU
            subjects: 50000               # about
            columns:
              id: customer_number
              email: email_address
              phone: {category: phone_number, sensitivity: high}
              created_at: {category: none, type: timestamp}     # known to be harmless
              notes: unknown              # not decided yet
            honey: {column: id, keys: [900001]}         # planted rows, which nobody has any business with
          public.products: none           # a whole table known to be harmless

Columns that are not listed count as "cannot tell", so list the harmless ones as ``none``; ``unknown`` counts the same
and says that the column is there. ``type`` is what `COLUMN_TYPES` lists; with it ``streamguard catalog check`` tells
when the database has changed it. A view is listed like a table; one that is not listed counts by its base tables,
where the log names them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from streamguard.exposure.catalogue import COLUMN_TYPES, Column, Table
from streamguard.exposure.categories import CATEGORIES, NONE, SENSITIVITY_LEVELS, UNKNOWN
from streamguard.exposure.honeyfile import HoneyReader
from streamguard.filecheck import FileCheck
from streamguard.located import load_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from streamguard.located import Place

_TABLE: Final = ("columns", "subject_type", "subject_key", "region", "region_column", "subjects", "honey")


def read_catalogue(path: Path, subject_key: bytes | None = None, *, form_only: bool = False) -> list[tuple[str, Table]]:
    """Read the tables of a catalogue file, each with its database.

    Parameters
    ----------
    path
        Of the file.
    subject_key, form_only
        As `Catalogue.load` takes them.

    Raises
    ------
    ConfigurationError
        With every mistake in the file, each with its line.
    """
    check = FileCheck(load_yaml(path))
    root = check.mapping((), check.located.value, ("databases",))
    honey = HoneyReader(check, subject_key, form_only=form_only)
    found: dict[tuple[str, str], Table] = {}
    databases = check.mapping(("databases",), root.get("databases"))
    for database, said in databases.items():
        place = ("databases", database)
        tables = check.mapping((*place, "tables"), check.mapping(place, said, ("tables",)).get("tables"))
        for name, value in tables.items():
            key = (database.lower(), name.lower())
            if key in found:
                at = (*place, "tables", name)
                check.mistake(at, f"the table {name} is there twice (names are compared without regard to case)")
            found[key] = _table(check, (*place, "tables", name), name.lower(), value, honey)
    check.raise_mistakes()
    return [(database, table) for (database, _), table in found.items()]


def _table(check: FileCheck, place: Place, name: str, value: Any, honey: HoneyReader) -> Table:
    if value == NONE:
        return Table(name, {}, harmless=True)
    fields = check.mapping(place, value, _TABLE)
    listed = _columns(check, place, fields)
    table = Table(
        name=name,
        columns={column: told for column, told in listed.items() if told.category != UNKNOWN},
        subject_type=check.text(place, fields, "subject_type"),
        subject_key=_column_name(check, place, fields, "subject_key", listed),
        region=check.text(place, fields, "region"),
        region_column=_column_name(check, place, fields, "region_column", listed),
        subjects=_subjects(check, place, fields),
        unknown={column: told.type for column, told in listed.items() if told.category == UNKNOWN},
        honey=honey.read((*place, "honey"), fields["honey"], listed) if "honey" in fields else None,
    )
    if table.region is not None and table.region_column is not None:
        check.mistake((*place, "region"), "give region or region_column, not both")
    return table


def _columns(check: FileCheck, place: Place, fields: Mapping[str, Any]) -> dict[str, Column]:
    at = (*place, "columns")
    if not isinstance(fields.get("columns"), dict) or not fields["columns"]:
        message = "a table must list its columns (column: category), or be `none` as a whole if it is harmless"
        check.mistake(at if "columns" in fields else place, message)
        return {}
    columns: dict[str, Column] = {}
    for name, value in check.mapping(at, fields["columns"]).items():
        if name.lower() in columns:
            check.mistake((*at, name), f"the column {name} is there twice (names are compared without regard to case)")
        columns[name.lower()] = _column(check, (*at, name), value)
    return columns


def _column(check: FileCheck, place: Place, value: Any) -> Column:
    if isinstance(value, dict):
        fields = check.mapping(place, value, ("category", "sensitivity", "type"))
        category = check.text(place, fields, "category", required=True)
        sensitivity, type_ = check.text(place, fields, "sensitivity"), check.text(place, fields, "type")
        category_place = (*place, "category")
    else:
        fields = {str(place[-1]): value}
        category = check.text(place[:-1], fields, str(place[-1]))
        if value is None:
            check.mistake(place, f"{place[-1]} needs a category, `{NONE}` if it is harmless, or `{UNKNOWN}`")
        sensitivity, type_, category_place = None, None, place
    if type_ is not None and type_ not in COLUMN_TYPES:
        check.unknown((*place, "type"), "column type", type_, COLUMN_TYPES)
    if category is None or category in {NONE, UNKNOWN}:
        return Column(UNKNOWN if category == UNKNOWN else None, type=type_)
    if category not in CATEGORIES:
        check.unknown(category_place, "category", category, (*CATEGORIES, NONE, UNKNOWN))
    if sensitivity is not None and sensitivity not in SENSITIVITY_LEVELS:
        check.unknown((*place, "sensitivity"), "sensitivity", sensitivity, SENSITIVITY_LEVELS)
    return Column(category, SENSITIVITY_LEVELS.get(sensitivity or "", CATEGORIES.get(category, 0)), type_)


def _column_name(
    check: FileCheck, place: Place, fields: Mapping[str, Any], setting: str, columns: Mapping[str, Column]
) -> str | None:
    name = check.text(place, fields, setting)
    if name is not None and columns and name.lower() not in columns:
        check.unknown((*place, setting), "column", name, columns)
    return None if name is None else name.lower()


def _subjects(check: FileCheck, place: Place, fields: Mapping[str, Any]) -> int | None:
    value = fields.get("subjects")
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    check.mistake((*place, "subjects"), "subjects must be a whole number greater than 0")
    return None
