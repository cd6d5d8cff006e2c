"""Amazon Redshift's audit files: the user activity log, and the connection log beside it.

``'2022-03-10T08:16:02Z UTC [ db=dev user=ann pid=1073979586 userid=104 xid=1390963 ]' LOG: select ...``; the statement
may go on over lines. It counts no rows and names neither client nor program: those are in the connection log only,
which is understood and ignored. SYS_QUERY_HISTORY has the counts; see `redshift_history`.
Source: docs.aws.amazon.com, Redshift management guide, "Database audit logging"; one real record.

Known gaps: lines without the prefix (only ``LOG: ...``) name no user and are not recognised.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "redshift.useractivity"

_START = re.compile(r"'?\d{4}-\d\d-\d\dT[\d:.]{8,15}Z? UTC \[ db=")
_LINE = re.compile(
    r"'?(\d{4}-\d\d-\d\dT[\d:.]{8,15})Z? UTC \[ db=(.{0,128}?) user=(.{0,128}?) pid=(\d{1,10}) userid=\d{1,10}"
    r" xid=\d{1,20} \]'? LOG: (.*)",
    re.DOTALL,
)
_CONNECTION = re.compile(r"([\w ]{1,64}?) *\|\w{3}, \d\d \w{3} \d{4} [\d:]{8,12}\s*\|")
_SERVICE_USER = "rdsdb"
"""The superuser of the hosting service, whom no customer can be."""


def read(record: str, context: Context) -> Activity | Ignored | None:
    """Read one entry of either log; None if it is of another format.

    Raises
    ------
    Refusal
        When it begins like an entry and cannot be read.
    """
    if _START.match(record):
        return _statement(record, context)
    connection = _CONNECTION.match(record)
    if connection is None:
        return None
    gone = connection[1].startswith("disconnect")
    return context.ignore(IgnoredReason.DISCONNECTION if gone else IgnoredReason.CONNECTION)


def _statement(record: str, context: Context) -> Activity | Ignored:
    match = _LINE.match(record)
    if match is None:
        raise Refusal(
            RejectedReason.MALFORMED_AUDIT, "an entry has db, user, pid, userid and xid, and LOG: behind them"
        )
    time, database, user, pid, text = match.groups()
    if not user:
        return context.ignore(IgnoredReason.NO_USER)
    if user == _SERVICE_USER:
        return context.ignore(IgnoredReason.MAINTENANCE)
    return activity_of(
        Told(
            source=NAME,
            dialect="redshift",
            user=user,
            time=f"{time}Z",
            complete=True,
            text=text,
            database=database or None,
            session=f"pid:{pid}",
        ),
        context,
    )
