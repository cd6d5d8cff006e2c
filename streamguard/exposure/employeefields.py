"""The members of an employee, checked: the same in YAML, in CSV and on the identities topic."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from streamguard.activity import Account
from streamguard.exposure.directory import LOGIN_PREFIX, UNKNOWN_GROUP, Employee
from streamguard.exposure.logins import Login
from streamguard.exposure.patterns import Pattern, PatternError
from streamguard.exposure.shared import SERVICE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streamguard.filecheck import FileCheck
    from streamguard.located import Place

COMMON: Final = ("time_zone", "account")
"""What groups and defaults can say for many employees."""
EMPLOYEE: Final = ("id", "group", "logins", "start_date", *COMMON)
SCOPE: Final = ("instance", "database", "source")
_ACCOUNTS: Final = (Account.HUMAN.value, Account.SERVICE.value)
_GROUP_NAME: Final = re.compile(r"[^\s/]([^/\n\r\t]*[^\s/])?")


class Entry(NamedTuple):
    """One employee as a file or record says it, before the employees are seen together."""

    place: Place
    employee: Employee
    logins: Sequence[tuple[Place, Login]]


def check_common(check: FileCheck, place: Place, fields: Mapping[str, Any]) -> None:
    """Check what an employee, a group and the defaults have in common."""
    check_time_zone(check, place, fields)
    account = check.text(place, fields, "account")
    if account is not None and account not in _ACCOUNTS:
        check.unknown((*place, "account"), "kind of account", account, _ACCOUNTS)
    start = fields.get("start_date")
    if start is not None and not _is_date(start):
        check.mistake((*place, "start_date"), "start_date must be a date like 2024-02-01")


def check_time_zone(check: FileCheck, place: Place, fields: Mapping[str, Any]) -> str | None:
    """Return the name of a time zone; None if it is absent or wrong."""
    zone = check.text(place, fields, "time_zone")
    if zone is None or _is_zone(zone):
        return zone
    check.mistake((*place, "time_zone"), f"there is no time zone {zone}: use an IANA name such as Europe/Berlin")
    return None


def check_identity(check: FileCheck, place: Place, name: str, group: str) -> None:
    """Check the id and the group of an employee."""
    check_id(check, (*place, "id"), name)
    check_group(check, (*place, "group"), group)


def check_id(check: FileCheck, place: Place, name: str) -> None:
    """Check an employee id."""
    if name.startswith(LOGIN_PREFIX):
        check.mistake(place, f"ids that begin with {LOGIN_PREFIX} are reserved for logins that map to nobody")
    if name.startswith(SERVICE_PREFIX):
        check.mistake(place, f"ids that begin with {SERVICE_PREFIX} are reserved for shared accounts without an id")


def check_group(check: FileCheck, place: Place, group: str) -> None:
    """Check the name of a peer group: it becomes part of keys."""
    if group == UNKNOWN_GROUP:
        check.mistake(place, f"the group {UNKNOWN_GROUP} is reserved for logins that map to nobody")
    elif not _GROUP_NAME.fullmatch(group):
        check.mistake(place, "the name of a group is not empty, holds no slash and no surrounding space")


def employee_of(name: str, group: str, said: Mapping[str, Any]) -> Employee:
    """Return the employee; what is wrong in the rest reads as absent."""
    account = said.get("account") or Account.HUMAN
    start = said.get("start_date")
    return Employee(
        id=name,
        group=group,
        time_zone=str(said.get("time_zone") or "UTC"),
        account=Account(account) if account in _ACCOUNTS else Account.HUMAN,
        start_date=None if start is None else str(start),
    )


def logins_of(check: FileCheck, place: Place, value: Sequence[Any]) -> Iterator[tuple[Place, Login]]:
    """Yield the logins of a list, each with its place."""
    for index, item in enumerate(value):
        at = (*place, index)
        if isinstance(item, dict):
            fields = check.mapping(at, item, ("login", "pattern", *SCOPE))
            login = scoped_login(check, at, fields)
            if login is not None:
                yield at, login
        elif isinstance(item, str) and item:
            yield at, Login(item)
        else:
            check.mistake(at, "a login is a text (in quotes if it looks like a number) or login, instance, database")


def scoped_login(check: FileCheck, place: Place, fields: Mapping[str, Any]) -> Login | None:
    """Return a login, or a pattern of logins, with its scope; None if it is wrong."""
    if "login" in fields and "pattern" in fields:
        check.mistake((*place, "pattern"), "login and pattern exclude each other: a login is a name or a pattern")
        return None
    is_pattern = "pattern" in fields
    user = check.text(place, fields, "pattern" if is_pattern else "login", required=True)
    if user is None or (is_pattern and pattern_of(check, (*place, "pattern"), user) is None):
        return None
    instance, database, source = (check.text(place, fields, name) for name in SCOPE)
    return Login(user, instance, database, source, is_pattern)


def pattern_of(check: FileCheck, place: Place, text: str) -> Pattern | None:
    """Return a compiled pattern; None if it cannot be used."""
    try:
        return Pattern(text)
    except PatternError as error:
        check.mistake(place, str(error))
        return None


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
