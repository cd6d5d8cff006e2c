"""Looks at Kafka and says what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.admin.check import Check, Level
from streamguard.admin.checks import judge
from streamguard.admin.connection import AdminError, UnreachableError, connected
from streamguard.admin.facts import collect

if TYPE_CHECKING:
    from streamguard.admin.check import DoctorConfig
    from streamguard.admin.connection import AdminConnection


def doctor(connection: AdminConnection, config: DoctorConfig) -> list[Check]:
    """Return everything that was looked at, in the order in which people should read it.

    A Kafka that does not answer, or refuses to, is a finding of its own and no exception.
    """
    try:
        with connected(connection) as client:
            facts = collect(
                client,
                connection,
                topics=[*(spec.name for spec in config.specs), *config.audit],
                dated=config.audit,
                groups=config.groups,
                deadletter=config.deadletter,
            )
    except UnreachableError as error:
        return [Check("broker", Level.FAIL, str(error), "start it, or correct kafka.* in the settings")]
    except AdminError as error:
        return [
            Check("broker", Level.FAIL, str(error), "grant StreamGuard's user what it asks for, or see Kafka's log")
        ]
    return judge(config, facts)
