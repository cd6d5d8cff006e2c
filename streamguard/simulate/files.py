"""The directory of the simulated company, in the formats that the product reads."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.simulate.calendar import at_local

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamguard.simulate.config import WorldConfig
    from streamguard.simulate.habits import Habits
    from streamguard.simulate.staff import Person

    People = Sequence[tuple[Person, Habits]]


_HEAD: Final = """\
# The people of a simulated company. A login that is not here is its own employee, in the group "unknown".
# An employee's login is the id unless `logins` says otherwise:
#   - {id: e-0815, group: support, logins: [jdoe, {login: app_jdoe, database: crm}], start_date: 2026-10-01}
# An account that several people use is told apart by what the client says of itself:
#   shared_accounts:
#     - {login: app_ro, person_from: [{application: "^psql-(?P<login>[a-z.]+)$"}], otherwise: service}
# `streamguard identities check` looks through this file.

# Everybody in a group is compared with the others in it.
groups:
"""


def identities_yaml(config: WorldConfig, people: People) -> str:
    """Return the directory as it is when the simulation begins."""
    groups = dict.fromkeys(person.role for person, _ in people)
    groups |= dict.fromkeys(habit.role_change[1] for _, habit in people if habit.role_change is not None)
    lines = [f"  {group}: {'{account: service, time_zone: UTC}' if group == 'service' else '{}'}\n" for group in groups]
    lines.append("\nemployees:\n")
    for person, habit in people:
        zone = f", time_zone: {person.zone}" if person.role != "service" else ""
        start = f", start_date: {config.start + timedelta(days=habit.hired)}" if habit.hired > 0 else ""
        lines.append(f"  - {{id: {person.employee}, group: {person.role}{zone}{start}}}\n")
    return _HEAD + "".join(lines)


def identity_changes(config: WorldConfig, people: People) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the changes of roles in the order of time: (milliseconds, employee id, JSON of the employee).

    Each takes effect half an hour before the first shift in the new role.
    """
    found = []
    for person, habit in people:
        if habit.role_change is None:
            continue
        day, role = habit.role_change
        moment = at_local(person.zone, config.start + timedelta(days=day), habit.shift_hours - 0.5)
        said = {"id": person.employee, "group": role, "time_zone": person.zone, "account": "human"}
        found.append((moment, person.employee.encode(), msgspec.json.encode(said, order="deterministic")))
    yield from sorted(found)
