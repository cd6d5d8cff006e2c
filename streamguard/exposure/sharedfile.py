r"""The section ``shared_accounts`` of the file of employees.

::

    shared_accounts:
      - login: app_ro                # or pattern: "svc_.*"; with instance, database, source as any login
        person_from:                 # in order; the first that finds a login counts
          - application: "^psql-(?P<login>[a-z.]+)$"
          - comment: "user:(?P<login>\\S+)"
          - query_tag: "(?P<login>[^;]+);"
          - proxy_user: true         # as it is; or a pattern
          - client: {10.1.2.3: jdoe}
        otherwise: service           # or unknown; with service: id, group, time_zone
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from streamguard.activity import Account
from streamguard.exposure.employeefields import (
    SCOPE,
    check_group,
    check_id,
    check_time_zone,
    pattern_of,
    scoped_login,
)
from streamguard.exposure.patterns import LOGIN_GROUP
from streamguard.exposure.shared import HINT_FIELDS, SERVICE_GROUP, Hint, SharedAccount

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from streamguard.filecheck import FileCheck
    from streamguard.located import Place

_SERVICE: Final = ("id", "group", "time_zone")
_MEMBERS: Final = ("login", "pattern", *SCOPE, "person_from", "otherwise", *_SERVICE)
_OTHERWISE: Final = (Account.SERVICE.value, Account.UNKNOWN.value)
_AS_IT_IS: Final = ("proxy_user",)
"""Fields that can be a login by themselves."""
_BY_VALUE: Final = ("client",)
"""Fields that are looked up in a table."""


def shared_accounts(
    check: FileCheck, place: Place, value: Any, groups: Collection[str]
) -> Iterator[tuple[Place, SharedAccount]]:
    """Yield the shared accounts, each with its place.

    Parameters
    ----------
    groups
        The peer groups that the file declares; empty: any will do.
    """
    for index, item in enumerate(check.sequence(place, value)):
        at = (*place, index)
        account = _account(check, at, check.mapping(at, item, _MEMBERS), groups)
        if account is not None:
            yield at, account


def _account(
    check: FileCheck, place: Place, fields: Mapping[str, Any], groups: Collection[str]
) -> SharedAccount | None:
    otherwise = check.text(place, fields, "otherwise") or Account.UNKNOWN.value
    if otherwise not in _OTHERWISE:
        check.unknown((*place, "otherwise"), "kind of account", otherwise, _OTHERWISE)
    name, group = check.text(place, fields, "id"), check.text(place, fields, "group") or SERVICE_GROUP
    zone = check_time_zone(check, place, fields)
    if otherwise == Account.SERVICE.value:
        check_group(check, (*place, "group"), group)
        if name is not None:
            check_id(check, (*place, "id"), name)
        if groups and group not in groups:
            check.unknown((*place, "group"), "group", group, groups)
    else:
        for member in sorted(fields.keys() & set(_SERVICE)):
            check.mistake((*place, member), f"{member} is of use with `otherwise: service` only")
    hints = tuple(_hints(check, (*place, "person_from"), fields.get("person_from")))
    login = scoped_login(check, place, fields)
    if login is None:
        return None
    if login.is_pattern and name is not None:
        check.mistake((*place, "id"), "accounts by pattern are several: each has its own id, service:<login>")
    kind = Account.SERVICE if otherwise == Account.SERVICE.value else Account.UNKNOWN
    return SharedAccount((login,), hints, kind, name, group, zone or "UTC")


def _hints(check: FileCheck, place: Place, value: Any) -> Iterator[Hint]:
    for index, item in enumerate(check.sequence(place, value)):
        at = (*place, index)
        fields = check.mapping(at, item, HINT_FIELDS)
        if len(fields) > 1:
            check.mistake(at, "one field each: the order of the list decides which is looked at first")
        for field, how in fields.items():
            hint = _hint(check, (*at, field), field, how)
            if hint is not None:
                yield hint


def _hint(check: FileCheck, place: Place, field: str, how: Any) -> Hint | None:
    if field in _BY_VALUE:
        return _by_value(check, place, field, how)
    if field in _AS_IT_IS and how is True:
        return Hint(field)
    if not isinstance(how, str) or not how:
        choice = "true or a pattern" if field in _AS_IT_IS else "a pattern (a text)"
        check.mistake(place, f"{field} must be {choice}")
        return None
    pattern = pattern_of(check, place, how)
    if pattern is not None and not pattern.captures_login:
        check.mistake(place, f"the pattern needs a group that is the login: (?P<{LOGIN_GROUP}>...)")
        return None
    return None if pattern is None else Hint(field, pattern)


def _by_value(check: FileCheck, place: Place, field: str, how: Any) -> Hint | None:
    table = check.mapping(place, how)
    for name, login in table.items():
        if not isinstance(login, str) or not login:
            check.mistake((*place, name), "a login is a text (in quotes if it looks like a number)")
    if isinstance(how, dict) and not how:
        check.mistake(place, f"{field} must be a mapping of at least one value to a login")
    logins = {name: login for name, login in table.items() if isinstance(login, str) and login}
    return Hint(field, table=logins) if logins else None
