r"""The file of employees, YAML or CSV. Every mistake is found in one reading and told with its line.

YAML::

    case_insensitive_logins: true   # BOB@corp, bob@corp and CORP\bob are one login; default: false
    defaults: {time_zone: Europe/Berlin, account: human}
    groups:                      # optional; with it, an employee's group must be one of these
      support: {time_zone: Europe/London}
      service: {account: service, time_zone: UTC}
    employees:
      - id: alice.smith          # and, if nothing else is said, the login
        group: support
        logins: [alice.smith, {login: asmith, instance: crm-eu, database: crm}, {pattern: "v-.*-asmith-.*"}]
        start_date: 2024-02-01
    shared_accounts: ...         # see streamguard.exposure.sharedfile

CSV, one row per employee (more rows with the same id add logins)::

    id,group,logins,time_zone,account,start_date,instance,database,source
    alice.smith,support,alice.smith;asmith,Europe/Berlin,human,2024-02-01,,,
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from streamguard.activity import Account
from streamguard.exposure.directory import Directory, Employee
from streamguard.exposure.employeefields import (
    COMMON,
    EMPLOYEE,
    Entry,
    check_common,
    check_group,
    check_identity,
    employee_of,
    logins_of,
)
from streamguard.exposure.identitiescsv import read_csv
from streamguard.exposure.logins import plain_login
from streamguard.exposure.sharedfile import shared_accounts
from streamguard.filecheck import FileCheck
from streamguard.located import load_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from streamguard.exposure.logins import Login
    from streamguard.exposure.shared import SharedAccount
    from streamguard.located import Place

_SECTIONS: Final = ("case_insensitive_logins", "defaults", "groups", "employees", "shared_accounts")


class _File(NamedTuple):
    """What a file says, before its parts are seen together."""

    entries: list[Entry]
    shared: list[tuple[Place, SharedAccount]]
    ignore_case: bool


def read_identities(path: Path) -> Directory:
    """Read the employees, their logins and the shared accounts.

    Raises
    ------
    ConfigurationError
        With every mistake in the file, each with its line.
    """
    if path.suffix.lower() == ".csv":
        check, entries = read_csv(path)
        said = _File(entries, [], ignore_case=False)
    else:
        check = FileCheck(load_yaml(path))
        said = _read_yaml(check)
    people = _together(check, said)
    check.raise_mistakes()
    return Directory(people, [account for _, account in said.shared], ignore_case=said.ignore_case)


def _read_yaml(check: FileCheck) -> _File:
    root = check.mapping((), check.located.value, _SECTIONS)
    ignore_case = root.get("case_insensitive_logins", False)
    if not isinstance(ignore_case, bool):
        check.mistake(("case_insensitive_logins",), "case_insensitive_logins must be true or false")
    defaults = check.mapping(("defaults",), root.get("defaults", {}), COMMON)
    check_common(check, ("defaults",), defaults)
    groups = _groups(check, root.get("groups", {}))
    shared: list[tuple[Place, SharedAccount]] = []
    if "shared_accounts" in root:
        shared = list(shared_accounts(check, ("shared_accounts",), root["shared_accounts"], groups))
    entries: list[Entry] = []
    used: set[Any] = {account.group for _, account in shared if account.otherwise is Account.SERVICE}
    # With a topic of identities, or to try, a file may hold shared accounts only.
    if "employees" in root or not shared:
        for index, value in enumerate(check.sequence(("employees",), root.get("employees"))):
            entry = _employee(check, ("employees", index), value, groups, defaults)
            entries += [] if entry is None else [entry]
            used.add(value.get("group") if isinstance(value, dict) else None)
    for name in groups:
        if name not in used:
            check.mistake(("groups", name), f"the group {name} has no employees")
    return _File(entries, shared, ignore_case is True)


def _groups(check: FileCheck, value: Any) -> dict[str, dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for name, said in check.mapping(("groups",), value).items():
        place = ("groups", name)
        check_group(check, place, name)
        groups[name] = check.mapping(place, {} if said is None else said, COMMON)
        check_common(check, place, groups[name])
    return groups


def _employee(
    check: FileCheck, place: Place, value: Any, groups: Mapping[str, dict[str, Any]], defaults: Mapping[str, Any]
) -> Entry | None:
    fields = check.mapping(place, value, EMPLOYEE)
    name = check.text(place, fields, "id", required=True)
    group = check.text(place, fields, "group", required=True)
    if name is None or group is None:
        return None
    if groups and group not in groups:
        check.unknown((*place, "group"), "group", group, groups)
    check_common(check, place, fields)
    check_identity(check, place, name, group)
    said = {**defaults, **groups.get(group, {}), **fields}
    listed = check.sequence((*place, "logins"), fields.get("logins", [name]))
    return Entry(place, employee_of(name, group, said), list(logins_of(check, (*place, "logins"), listed)))


def _together(check: FileCheck, said: _File) -> list[tuple[Employee, list[Login]]]:
    """See everybody at once: ids and logins belong to one employee or shared account each."""
    people: dict[str, tuple[Employee, list[Login]]] = {}
    owners = _Owners(check, ignore_case=said.ignore_case)
    for entry in said.entries:
        if entry.employee.id in people and not check.rows_repeat:
            check.mistake((*entry.place, "id"), f"the id {entry.employee.id} is there twice")
        elif people.setdefault(entry.employee.id, (entry.employee, []))[0] != entry.employee:
            check.mistake(entry.place, f"the rows of {entry.employee.id} contradict each other")
        for place, login in entry.logins:
            owners.take(place, login, entry.employee.id)
            people[entry.employee.id][1].append(login)
    ids: set[str] = set(people)
    for place, account in said.shared:
        for login in account.logins:
            owners.take(place, login, "a shared account")
        if account.id is not None and account.id in ids:
            check.mistake((*place, "id"), f"the id {account.id} is there twice")
        ids.update(() if account.id is None else (account.id,))
    return list(people.values())


class _Owners:
    """Notes whose a login is, and complains when somebody else takes it."""

    def __init__(self, check: FileCheck, *, ignore_case: bool) -> None:
        self._check = check
        self._ignore_case = ignore_case
        self._known: dict[tuple[Any, ...], tuple[str, Place]] = {}

    def take(self, place: Place, login: Login, owner: str) -> None:
        """Note a login."""
        is_folded = self._ignore_case and not login.is_pattern
        name = plain_login(login.user) if is_folded else login.user
        key = (name, login.is_pattern, *_scope(login))
        taken_by, first = self._known.setdefault(key, (owner, place))
        if first != place:
            line, _ = self._check.located.position(first)
            self._check.mistake(place, f"the login {login.user} belongs to {taken_by} already (line {line})")


def _scope(login: Login) -> Iterable[str | None]:
    return login.instance, login.database, login.source
