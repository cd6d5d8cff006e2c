"""Accounts that several people share: who speaks through one, by what the client says of itself.

What a client says (application name, comment, query tag) is a claim: whoever knows the account's password can say it,
too. It tells colleagues apart who do not hide; a finding that rests on it needs the database's own logs of logins.
So a claim counts only if it names an employee of the directory: else a client could make itself new ones. A proxy user
and the account's own login are the server's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.activity import Account

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.activity import Activity
    from streamguard.exposure.logins import Login
    from streamguard.exposure.patterns import Pattern

SERVICE_PREFIX: Final = "service:"
"""Employee id of a shared account that nobody was found behind, if the account is a service: ``service:<login>``."""
SERVICE_GROUP: Final = "service"
"""Peer group of such accounts, if nothing else is said."""

HINT_FIELDS: Final = ("application", "comment", "query_tag", "proxy_user", "client", "login")
"""What of an activity can tell who is behind it; ``login`` is the account's own name, for accounts by pattern."""


@dataclass(frozen=True, eq=False)
class Hint:
    """One way to find the person.

    Attributes
    ----------
    field
        One of `HINT_FIELDS`.
    pattern
        Its group ``login`` is the person's login; None: the whole field is.
    table
        Instead: the login by the field's value, such as a client's address.
    """

    field: str
    pattern: Pattern | None = None
    table: Mapping[str, str] | None = None

    @property
    def is_of_server(self) -> bool:
        """Whether the server says it, after it has seen a password or the like, and not the client."""
        return self.field in {"proxy_user", "login"}

    def said(self, activity: Activity) -> str | None:
        """Return what an activity says in the field."""
        said: str | None = activity.user if self.field == "login" else getattr(activity, self.field)
        return said

    def login(self, said: str) -> str | None:
        """Return the login that is claimed by what was said; None if none is."""
        if self.table is not None:
            return self.table.get(said)
        return said if self.pattern is None else self.pattern.login(said)


@dataclass(frozen=True, eq=False)
class SharedAccount:
    """An account that several people use.

    Attributes
    ----------
    logins
        Its names.
    person_from
        Ways to find the person, the first that finds an employee counts, or a login that the server vouches for.
    otherwise
        What it is when none does: a service account of its own, or a login that maps to nobody.
    id, group, time_zone
        Of the service account; without an id it is ``service:<login>``.
    """

    logins: tuple[Login, ...]
    person_from: tuple[Hint, ...]
    otherwise: Account = Account.UNKNOWN
    id: str | None = None
    group: str = SERVICE_GROUP
    time_zone: str = "UTC"


def without_hints(activity: Activity) -> Activity:
    """Return an activity as it may travel on: comment and query tag can hold anything, and have done their work."""
    if activity.comment is None and activity.query_tag is None:
        return activity
    return msgspec.structs.replace(activity, comment=None, query_tag=None)
