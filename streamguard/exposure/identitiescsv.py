"""Employees as CSV: one row per employee, more rows with the same id add logins."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from streamguard.exposure.employeefields import EMPLOYEE, SCOPE, Entry, check_common, check_identity, employee_of
from streamguard.exposure.logins import Login
from streamguard.filecheck import FileCheck
from streamguard.located import ConfigurationError, Located, Mistake

if TYPE_CHECKING:
    from pathlib import Path

    from streamguard.located import Place

_COLUMNS: Final = (*EMPLOYEE, *SCOPE)


def read_csv(path: Path) -> tuple[FileCheck, list[Entry]]:
    """Read the rows; mistakes are in the check.

    Raises
    ------
    ConfigurationError
        If the file cannot be read at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or "is not readable"
        raise ConfigurationError([Mistake(str(path), 0, 0, f"cannot be read: {reason}")]) from error
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip().lower() for name in next(reader, [])]
    positions: dict[Place, tuple[int, int]] = {(): (1, 1)}
    check = FileCheck(Located(str(path), None, positions), rows_repeat=True)
    for name in header:
        if name not in _COLUMNS:
            check.unknown((), "column", name, _COLUMNS)
    for name in ("id", "group"):
        if name not in header:
            check.mistake((), f"the column {name} is missing")
    entries: list[Entry] = []
    before = reader.line_num
    for row in reader:
        place = (before + 1,)
        positions[place] = (before + 1, 1)
        before = reader.line_num
        if any(cell.strip() for cell in row):
            entries += _row(check, place, header, row)
    return check, entries


def _row(check: FileCheck, place: Place, header: list[str], row: list[str]) -> list[Entry]:
    if len(row) != len(header):
        check.mistake(place, f"the row has {len(row)} cells, the header {len(header)}")
        return []
    fields = {name: cell.strip() for name, cell in zip(header, row, strict=True) if cell.strip()}
    name = check.text(place, fields, "id", required=True)
    group = check.text(place, fields, "group", required=True)
    if name is None or group is None:
        return []
    check_common(check, place, fields)
    check_identity(check, place, name, group)
    users = [user.strip() for user in fields.get("logins", name).split(";") if user.strip()]
    instance, database, source = (fields.get(part) for part in SCOPE)
    logins = [((*place, index), Login(user, instance, database, source)) for index, user in enumerate(users)]
    return [Entry(place, employee_of(name, group, fields), logins)]
