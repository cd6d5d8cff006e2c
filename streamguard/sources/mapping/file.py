"""Mappings of home-grown JSON as a YAML file. Every mistake is found in one reading and told with its line.

::

    mappings:
      portal:                                       # the format is called mapping.portal
        when: {app: portal, kind: exists}           # all must hold; a value, a list of them, or `exists` for any
        fields:
          time: $.ts
          user: [$.who.mail, $.who.login]           # the first that is there
          tables: $.objects[*].name
          rows: $.result.count
          statement: $.sql
          database: {path: $.db, default: crm}
        time_unit: ms                               # iso (the default: a text), s, ms, us, ns
        dialect: mysql                              # of the statement; postgres if not given
        rows_quality: exact                         # what the rows count; by the statement if not given
        zero_is_unknown: true                       # a count of 0 stands for "not counted"
        complete: true                              # one record a statement; false needs a key to merge by
        ignore: [{kind: [login, logout]}]           # signatures of those of them that are of no interest

A path is ``$.a.b[0].c``, ``a.b``, ``$.list[*].name`` or ``$['a.b']``. Fields: see
`streamguard.sources.mapping.record.FIELDS`. A mapping goes before the formats that are built in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from sqlglot.dialects.dialect import Dialects

from streamguard.activity import RowsQuality
from streamguard.filecheck import FileCheck
from streamguard.located import load_yaml
from streamguard.sources.mapping.paths import Path, parse_path
from streamguard.sources.mapping.record import FIELDS, Condition, Field, Mapping, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path as FilePath

    from streamguard.located import Place

EXISTS: Final = "exists"
_SETTINGS: Final = (
    "when", "fields", "time_unit", "dialect", "rows_quality", "zero_is_unknown", "complete", "ignore",
)  # fmt: skip
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_TIME_UNITS: Final[tuple[str, ...]] = get_args(TimeUnit)
_DIALECTS: Final = tuple(sorted(dialect.value for dialect in Dialects if dialect.value))
_QUALITIES: Final = tuple(quality.value for quality in RowsQuality)
_TOUCHED: Final = ("statement", "tables")


def load_mappings(path: FilePath) -> tuple[Mapping, ...]:
    """Read the mappings of a file, in its order.

    Raises
    ------
    ConfigurationError
        With every mistake in the file, each with its line.
    """
    check = FileCheck(load_yaml(path))
    root = check.mapping((), check.located.value, ("mappings",))
    at: Place = ("mappings",)
    found = [_mapping(check, (*at, name), name, said) for name, said in check.mapping(at, root.get("mappings")).items()]
    check.raise_mistakes()
    return tuple(found)


def _mapping(check: FileCheck, place: Place, name: str, value: Any) -> Mapping:
    if not _NAME.fullmatch(name):
        check.mistake(place, f"the name {name} must be of lower-case letters, digits and _ (40 at most)")
    said = check.mapping(place, value, _SETTINGS)
    fields = _fields(check, place, said)
    has_key = "key" in fields
    complete = _truth(check, place, said, "complete", default=not has_key)
    if not complete and not has_key:
        check.mistake((*place, "complete"), "complete: false needs the field key, by which records are merged")
    return Mapping(
        name=name,
        when=_when(check, place, said),
        fields=tuple(fields.items()),
        time_unit=cast("TimeUnit", _one_of(check, place, said, "time_unit", _TIME_UNITS) or "iso"),
        dialect=_one_of(check, place, said, "dialect", _DIALECTS) or "postgres",
        rows_quality=_quality(_one_of(check, place, said, "rows_quality", _QUALITIES)),
        zero_is_unknown=_truth(check, place, said, "zero_is_unknown", default=False),
        complete=complete,
        ignore=_ignore(check, place, said),
    )


def _when(check: FileCheck, place: Place, said: dict[str, Any]) -> tuple[Condition, ...]:
    if said.get("when") is None:
        check.mistake(place, "when is missing: say by which values the records are told from others")
        return ()
    return _conditions(check, (*place, "when"), said["when"])


def _conditions(check: FileCheck, place: Place, value: Any) -> tuple[Condition, ...]:
    conditions = check.mapping(place, value)
    if value == {}:
        check.mistake(place, "a signature needs at least one path and its value")
    found = (_condition(check, (*place, path), path, wanted) for path, wanted in conditions.items())
    return tuple(condition for condition in found if condition is not None)


def _condition(check: FileCheck, place: Place, text: str, wanted: Any) -> Condition | None:
    path = _path(check, place, text)
    values = tuple(wanted) if isinstance(wanted, list) else (wanted,)
    if not values or not all(isinstance(value, str | int | float) for value in values):
        check.mistake(place, f"{text} must be a value, a list of values, or `{EXISTS}`")
        return None
    if path is None:
        return None
    return Condition(path, None if wanted == EXISTS else values)


def _fields(check: FileCheck, place: Place, said: dict[str, Any]) -> dict[str, Field]:
    at = (*place, "fields")
    if said.get("fields") is None:
        check.mistake(place, "fields is missing: say where user, time, statement, ... stand")
        return {}
    fields = check.mapping(at, said["fields"], FIELDS)
    if "user" not in fields:
        check.mistake(at, "user is missing: who ran the statement?")
    if not any(name in fields for name in _TOUCHED):
        check.mistake(at, "statement or tables is missing: what did the user touch?")
    return {name: _field(check, (*at, name), value) for name, value in fields.items()}


def _field(check: FileCheck, place: Place, value: Any) -> Field:
    default = None
    if isinstance(value, dict):
        entry = check.mapping(place, value, ("path", "default"))
        value, default = entry.get("path", []), entry.get("default")
        if not entry or not isinstance(default, str | int | float | None):
            check.mistake(place, f"{place[-1]} needs a path, a default (one value), or both")
        if value == []:
            return Field((), default)
    texts = value if isinstance(value, list) else [value]
    if not texts:
        check.mistake(place, f"{place[-1]} needs a path, a list of paths, or `path:` and `default:`")
    paths = (_path(check, place, text) for text in texts)
    return Field(tuple(path for path in paths if path is not None), default)


def _path(check: FileCheck, place: Place, text: Any) -> Path | None:
    if not isinstance(text, str):
        check.mistake(place, f"{place[-1]} needs a path such as $.a.b (a text)")
        return None
    try:
        return parse_path(text)
    except ValueError as error:
        check.mistake(place, str(error))
        return None


def _ignore(check: FileCheck, place: Place, said: dict[str, Any]) -> tuple[tuple[Condition, ...], ...]:
    if said.get("ignore") is None:
        return ()
    at = (*place, "ignore")
    return tuple(
        _conditions(check, (*at, number), item) for number, item in enumerate(check.sequence(at, said["ignore"]))
    )


def _truth(check: FileCheck, place: Place, said: dict[str, Any], name: str, *, default: bool) -> bool:
    value = said.get(name)
    if value is None or isinstance(value, bool):
        return default if value is None else value
    check.mistake((*place, name), f"{name} must be true or false")
    return default


def _one_of(check: FileCheck, place: Place, said: dict[str, Any], name: str, known: Iterable[str]) -> str | None:
    value = check.text(place, said, name)
    if value is None or value in known:
        return value
    check.unknown((*place, name), name, value, known)
    return None


def _quality(value: str | None) -> RowsQuality | None:
    return None if value is None else RowsQuality(value)
