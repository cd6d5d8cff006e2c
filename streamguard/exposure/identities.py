"""The file of employees, YAML or CSV. Every mistake is found in one reading and told with its line.

YAML::

    defaults: {time_zone: Europe/Berlin, account: human}
    groups:                      # optional; with it, an employee's group must be one of these
      support: {time_zone: Europe/London}
      service: {account: service, time_zone: UTC}
    employees:
      - id: alice.smith          # and, if nothing else is said, the login
        group: support
        logins: [alice.smith, {login: asmith, instance: crm-eu, database: crm}]
        start_date: 2024-02-01

CSV, one row per employee (more rows with the same id add logins)::

    id,group,logins,time_zone,account,start_date,instance,database
    alice.smith,support,alice.smith;asmith,Europe/Berlin,human,2024-02-01,,
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from streamguard.activity import Account
from streamguard.exposure.directory import LOGIN_PREFIX, UNKNOWN_GROUP, Employee, Login
from streamguard.exposure.filecheck import FileCheck
from streamguard.located import ConfigurationError, Located, Mistake, load_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from streamguard.located import Place

_ACCOUNTS: Final = (Account.HUMAN.value, Account.SERVICE.value)
_COMMON: Final = ("time_zone", "account")
_EMPLOYEE: Final = ("id", "group", "logins", "start_date", *_COMMON)
_COLUMNS: Final = (*_EMPLOYEE, "instance", "database")
_GROUP_NAME: Final = re.compile(r"[^\s/]([^/\n\r\t]*[^\s/])?")


class _Entry(NamedTuple):
    """One employee as the file says it, before the employees are seen together."""

    place: Place
    employee: Employee
    logins: Sequence[tuple[Place, Login]]


def read_identities(path: Path) -> list[tuple[Employee, list[Login]]]:
    """Read the employees and their logins.

    Raises
    ------
    ConfigurationError
        With every mistake in the file, each with its line.
    """
    if path.suffix.lower() == ".csv":
        check, entries = _read_csv(path)
    else:
        check = FileCheck(load_yaml(path))
        entries = _read_yaml(check)
    people = _together(check, entries)
    check.raise_mistakes()
    return people


def _read_yaml(check: FileCheck) -> list[_Entry]:
    root = check.mapping((), check.located.value, ("defaults", "groups", "employees"))
    defaults = check.mapping(("defaults",), root.get("defaults", {}), _COMMON)
    _common(check, ("defaults",), defaults)
    groups: dict[str, dict[str, Any]] = {}
    for name, value in check.mapping(("groups",), root.get("groups", {})).items():
        place = ("groups", name)
        _group_name(check, place, name)
        groups[name] = check.mapping(place, {} if value is None else value, _COMMON)
        _common(check, place, groups[name])
    entries = []
    used = set()
    for index, value in enumerate(check.sequence(("employees",), root.get("employees"))):
        entry = _employee(check, ("employees", index), value, groups, defaults)
        entries += [] if entry is None else [entry]
        used.add(value.get("group") if isinstance(value, dict) else None)
    for name in groups:
        if name not in used:
            check.mistake(("groups", name), f"the group {name} has no employees")
    return entries


def _employee(
    check: FileCheck, place: Place, value: Any, groups: Mapping[str, dict[str, Any]], defaults: Mapping[str, Any]
) -> _Entry | None:
    fields = check.mapping(place, value, _EMPLOYEE)
    name = check.text(place, fields, "id", required=True)
    group = check.text(place, fields, "group", required=True)
    if name is None or group is None:
        return None
    if groups and group not in groups:
        check.unknown((*place, "group"), "group", group, groups)
    _common(check, place, fields)
    _identity(check, place, name, group)
    said = {**defaults, **groups.get(group, {}), **fields}
    logins = list(_logins(check, (*place, "logins"), fields.get("logins", [name])))
    return _Entry(place, _person(name, group, said), logins)


def _logins(check: FileCheck, place: Place, value: Any) -> Iterable[tuple[Place, Login]]:
    for index, item in enumerate(check.sequence(place, value)):
        at = (*place, index)
        if isinstance(item, dict):
            fields = check.mapping(at, item, ("login", "instance", "database"))
            user = check.text(at, fields, "login", required=True)
            if user is not None:
                yield at, Login(user, check.text(at, fields, "instance"), check.text(at, fields, "database"))
        elif isinstance(item, str) and item:
            yield at, Login(item)
        else:
            check.mistake(at, "a login is a text (in quotes if it looks like a number) or login, instance, database")


def _common(check: FileCheck, place: Place, fields: Mapping[str, Any]) -> None:
    """Check what an employee, a group and the defaults have in common."""
    zone = check.text(place, fields, "time_zone")
    if zone is not None and not _is_zone(zone):
        check.mistake((*place, "time_zone"), f"there is no time zone {zone}: use an IANA name such as Europe/Berlin")
    account = check.text(place, fields, "account")
    if account is not None and account not in _ACCOUNTS:
        check.unknown((*place, "account"), "kind of account", account, _ACCOUNTS)
    start = fields.get("start_date")
    if start is not None and not _is_date(start):
        check.mistake((*place, "start_date"), "start_date must be a date like 2024-02-01")


def _identity(check: FileCheck, place: Place, name: str, group: str) -> None:
    if name.startswith(LOGIN_PREFIX):
        check.mistake((*place, "id"), f"ids that begin with {LOGIN_PREFIX} are reserved for logins that map to nobody")
    _group_name(check, (*place, "group"), group)


def _group_name(check: FileCheck, place: Place, group: str) -> None:
    if group == UNKNOWN_GROUP:
        check.mistake(place, f"the group {UNKNOWN_GROUP} is reserved for logins that map to nobody")
    elif not _GROUP_NAME.fullmatch(group):
        check.mistake(place, "the name of a group is not empty, holds no slash and no surrounding space")


def _person(name: str, group: str, said: Mapping[str, Any]) -> Employee:
    account = said.get("account") or Account.HUMAN
    start = said.get("start_date")
    return Employee(
        id=name,
        group=group,
        time_zone=str(said.get("time_zone") or "UTC"),
        account=Account(account) if account in _ACCOUNTS else Account.HUMAN,
        start_date=None if start is None else str(start),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True


def _is_date(value: Any) -> bool:
    if isinstance(value, date):
        return not isinstance(value, datetime)
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _together(check: FileCheck, entries: Iterable[_Entry]) -> list[tuple[Employee, list[Login]]]:
    """See all employees at once: ids and logins belong to one employee each."""
    people: dict[str, tuple[Employee, list[Login]]] = {}
    owners: dict[Login, tuple[str, Place]] = {}
    for entry in entries:
        if entry.employee.id in people and not check.rows_repeat:
            check.mistake((*entry.place, "id"), f"the id {entry.employee.id} is there twice")
        elif people.setdefault(entry.employee.id, (entry.employee, []))[0] != entry.employee:
            check.mistake(entry.place, f"the rows of {entry.employee.id} contradict each other")
        for place, login in entry.logins:
            owner, first = owners.setdefault(login, (entry.employee.id, place))
            if first != place:
                line, _ = check.located.position(first)
                check.mistake(place, f"the login {login.user} belongs to {owner} already (line {line})")
            people[entry.employee.id][1].append(login)
    return list(people.values())


def _read_csv(path: Path) -> tuple[FileCheck, list[_Entry]]:
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
    entries: list[_Entry] = []
    before = reader.line_num
    for row in reader:
        place = (before + 1,)
        positions[place] = (before + 1, 1)
        before = reader.line_num
        if any(cell.strip() for cell in row):
            entries += _row(check, place, header, row)
    return check, entries


def _row(check: FileCheck, place: Place, header: list[str], row: list[str]) -> list[_Entry]:
    if len(row) != len(header):
        check.mistake(place, f"the row has {len(row)} cells, the header {len(header)}")
        return []
    fields = {name: cell.strip() for name, cell in zip(header, row, strict=True) if cell.strip()}
    name = check.text(place, fields, "id", required=True)
    group = check.text(place, fields, "group", required=True)
    if name is None or group is None:
        return []
    _common(check, place, fields)
    _identity(check, place, name, group)
    users = [user.strip() for user in fields.get("logins", name).split(";") if user.strip()]
    scope = (fields.get("instance"), fields.get("database"))
    logins = [((*place, index), Login(user, *scope)) for index, user in enumerate(users)]
    return [_Entry(place, _person(name, group, fields), logins)]
