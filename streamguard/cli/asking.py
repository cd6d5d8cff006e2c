"""How commands ask Kafka: only of topics that exist, without the libraries' logs, and errors in plain words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from streamguard.admin import AdminError, survey
from streamguard.cli.logs import quiet_logs
from streamguard.cli.output import fail
from streamguard.cli.topics import own_topics
from streamguard.cli.wiring import admin_connection
from streamguard.stream import IdentitiesError, IncidentsError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from streamguard.settings import Settings

_T = TypeVar("_T")


def require_topics(settings: Settings, *topics: str) -> None:
    """Refuse to go on without the topics: reading one that does not exist would wait, or create it."""
    specs = tuple(spec for spec in own_topics(settings) if spec.name in topics)
    try:
        existing = survey(admin_connection(settings), specs).existing
    except AdminError as error:
        fail(str(error))
    for spec in specs:
        if spec.name not in existing:
            fail(f"topic {spec.name} does not exist: run `streamguard topics --create`")


def ask(work: Coroutine[Any, Any, _T]) -> _T:
    """Do the work, or end the command in plain words."""
    quiet_logs()
    try:
        return asyncio.run(work)
    except (IdentitiesError, IncidentsError) as error:
        fail(str(error))
