"""OCSF Datastore Activity (6005): one JSON text a statement, with the rows where ``sources/ocsf.py`` reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from streamguard.simulate.moment import activity_id
from streamguard.simulate.schema import DATABASE, SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.simulate.moment import Moment

_ACTIVITIES: Final = {"SELECT": 1, "COPY": 1, "UPDATE": 2, "CREATE TABLE AS": 6}
"""OCSF's activity_id by PostgreSQL's command tag: 1 Read, 2 Update, 6 Create; 99 is Other."""
_OTHER: Final = 99
_TYPE: Final = 600_500
_PRODUCT: Final = {"name": "PostgreSQL", "vendor_name": "PostgreSQL Global Development Group"}
_SERVER: Final = {"hostname": SERVER}
_DATABASE: Final = {"name": DATABASE, "type_id": 1}


class OcsfLines:
    """Writes statements as OCSF events.

    Parameters
    ----------
    seed
        Of the simulation: ids of activities follow from it.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def lines(self, moment: Moment) -> Iterator[bytes]:
        """Write one moment; sessions that open or close leave nothing."""
        statement, session = moment.statement, moment.session
        if statement is None:
            return
        activity = _ACTIVITIES.get(statement.tag, _OTHER)
        event: dict[str, Any] = {
            "class_uid": 6005,
            "category_uid": 6,
            "activity_id": activity,
            "type_uid": _TYPE + activity,
            "severity_id": 1,
            "status_id": 1,
            "time": moment.time_ms,
            "metadata": {
                "version": "1.8.0",
                "uid": activity_id(self._seed, moment.number, moment.order),
                "product": _PRODUCT,
            },
            "actor": {
                "user": {"name": session.person.employee},
                "app_name": session.program,
                "session": {"uid": f"{session.opened_ms // 1000:x}.{session.number:x}"},
            },
            "src_endpoint": {"ip": session.client},
            "dst_endpoint": _SERVER,
            "database": _DATABASE,
            "query_info": {"query_string": statement.sql},
        }
        if statement.rows is not None:
            event["unmapped"] = {"rows_returned": statement.rows}
        yield orjson.dumps(event)
