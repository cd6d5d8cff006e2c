"""Employees as records of the identities topic: the key is the employee id, the value JSON, null takes back.

A value holds what an employee of the YAML file holds: ``id``, ``group``, ``logins``, ``time_zone``, ``account``,
``start_date``. Only ``id`` and ``group`` must be there; no list of logins means the id, an empty one no login at all.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from streamguard.exposure.directory import Person
from streamguard.exposure.employeefields import EMPLOYEE, SCOPE, check_common, check_identity, employee_of, logins_of
from streamguard.filecheck import FileCheck
from streamguard.located import Located

if TYPE_CHECKING:
    from streamguard.exposure.logins import Login
    from streamguard.located import Place

MAX_VALUE_BYTES: Final = 256 * 1024
MAX_ID_CHARACTERS: Final = 200
_encode = msgspec.json.Encoder(order="deterministic").encode


class WrongReason(StrEnum):
    """Why a record is no identity; a metric label."""

    KEY = "identity_without_key"
    NOT_JSON = "identity_not_json"
    TOO_LARGE = "identity_too_large"
    OTHER_ID = "identity_of_another_key"
    MEMBERS = "identity_members"


class Wrong(NamedTuple):
    """A record that cannot be used; ``detail`` holds no values of it."""

    reason: WrongReason
    detail: str


class Change(NamedTuple):
    """What a record says: from its time on this is true of the employee; None: nothing is said any more."""

    employee_id: str
    person: Person | None


def read_change(key: bytes | None, value: bytes | None) -> Change | Wrong:
    """Read one record. Never raises."""
    employee_id = _id(key)
    if employee_id is None:
        return Wrong(WrongReason.KEY, "The key must be the employee id, as UTF-8 of at most 200 characters.")
    if value is None:
        return Change(employee_id, None)
    if len(value) > MAX_VALUE_BYTES:
        return Wrong(WrongReason.TOO_LARGE, f"The value is larger than {MAX_VALUE_BYTES} bytes.")
    try:
        said = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Wrong(WrongReason.NOT_JSON, "The value must be a JSON object, or null to take the employee back.")
    return _change(employee_id, said)


def write_person(person: Person) -> tuple[bytes, bytes]:
    """Return key and value of the record that says what is true of an employee: always the same bytes."""
    employee = person.employee
    said: dict[str, Any] = {
        "id": employee.id,
        "group": employee.group,
        "logins": [_written(login) for login in person.logins],
        "time_zone": employee.time_zone,
        "account": employee.account.value,
    }
    if employee.start_date is not None:
        said["start_date"] = employee.start_date
    return employee.id.encode(), _encode(said)


def _written(login: Login) -> str | dict[str, str]:
    scope = {name: part for name in SCOPE if (part := getattr(login, name)) is not None}
    if not scope and not login.is_pattern:
        return login.user
    return {"pattern" if login.is_pattern else "login": login.user, **scope}


def _id(key: bytes | None) -> str | None:
    try:
        text = (key or b"").decode()
    except UnicodeDecodeError:
        return None
    return text if text.strip() and len(text) <= MAX_ID_CHARACTERS else None


class _Faults(FileCheck):
    """Notes which members are wrong, and nothing of what they hold: that may be personal data."""

    def __init__(self, value: Any) -> None:
        super().__init__(Located("identity", value, {}))
        self.members: set[str] = set()

    def mistake(self, place: Place, message: str) -> None:  # noqa: ARG002
        first = place[0] if place else "id or group"
        known = first in EMPLOYEE or not place
        self.members.add(str(first) if known else "a member that employees do not have")


def _change(employee_id: str, said: Any) -> Change | Wrong:
    check = _Faults(said)
    if not isinstance(said, dict):
        return Wrong(WrongReason.NOT_JSON, "The value must be a JSON object, or null to take the employee back.")
    fields = check.mapping((), said, EMPLOYEE)
    name, group = check.text((), fields, "id", required=True), check.text((), fields, "group", required=True)
    if name is not None and name != employee_id:
        return Wrong(WrongReason.OTHER_ID, "The member id must be the same as the key.")
    if name is None or group is None:
        return _wrong(check)
    check_common(check, (), fields)
    check_identity(check, (), name, group)
    listed = fields.get("logins", [name])
    if not isinstance(listed, list):
        check.mistake(("logins",), "not a list")
        listed = []
    logins = tuple(login for _, login in logins_of(check, ("logins",), listed))
    return _wrong(check) if check.members else Change(name, Person(employee_of(name, group, fields), logins))


def _wrong(check: _Faults) -> Wrong:
    return Wrong(WrongReason.MEMBERS, f"Wrong or missing: {', '.join(sorted(check.members))}.")
