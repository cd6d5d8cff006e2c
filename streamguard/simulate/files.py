"""The directory of the simulated company, in the formats that the product reads."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from streamguard.simulate.calendar import at_local

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamguard.simulate.habits import Habits
    from streamguard.simulate.staff import Person
    from streamguard.simulate.world_config import WorldConfig

    People = Sequence[tuple[Person, Habits]]


def identities_yaml(config: WorldConfig, people: People) -> str:
    """Return the directory as it is when the simulation begins."""
    groups = dict.fromkeys(person.role for person, _ in people)
    groups |= dict.fromkeys(habit.role_change[1] for _, habit in people if habit.role_change is not None)
    lines = ["groups:"]
    lines += [f"  {group}: {'{account: service}' if group == 'service' else '{}'}" for group in groups]
    lines.append("employees:")
    for person, habit in people:
        start = f", start_date: {config.start + timedelta(days=habit.hired)}" if habit.hired > 0 else ""
        lines.append(f"  - {{id: {person.employee}, group: {person.role}, time_zone: {person.zone}{start}}}")
    return "\n".join(lines) + "\n"


def identity_changes(config: WorldConfig, people: People) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the changes of roles in the order of time: (milliseconds, employee id, JSON of the employee).

    Each takes effect as the first day in the new role begins, at four o'clock local time, when nobody works.
    """
    found = []
    for person, habit in people:
        if habit.role_change is None:
            continue
        day, role = habit.role_change
        moment = at_local(person.zone, config.start + timedelta(days=day), 4.0)
        said = {"id": person.employee, "group": role, "time_zone": person.zone, "account": "human"}
        found.append((moment, person.employee.encode(), msgspec.json.encode(said, order="deterministic")))
    yield from sorted(found)
