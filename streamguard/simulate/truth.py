"""The truth about the attacks: what a detector should find out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from streamguard.simulate.config import Scenario
from streamguard.simulate.moment import activity_id
from streamguard.simulate.schema import categories_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamguard.simulate.attacks import Incident
    from streamguard.simulate.config import WorldConfig
    from streamguard.simulate.moment import OpenSession

_VERSION: Final = 1


class Attack(msgspec.Struct, frozen=True, kw_only=True):
    """The truth about one attack."""

    scenario: Scenario
    employees: tuple[str, ...]
    start_ms: int
    """Time of the first statement, milliseconds since 1970-01-01 UTC."""
    end_ms: int
    """Time of the last statement."""
    activity_ids: tuple[str, ...]
    """``metadata.uid`` of its statements in the OCSF stream, in the order of time."""
    rows: int
    people: int | None
    """Different people whose data were taken; None where the statements do not tell."""
    tables: tuple[str, ...]
    categories: tuple[str, ...]
    """GDPR terms of the catalogue, sorted."""
    strength: float | None = None
    """The frog's daily factor, the drip's and the cold start's multiple."""

    @property
    def statements(self) -> int:
        """How many statements it took."""
        return len(self.activity_ids)


def attack_of(incident: Incident, opened: Sequence[OpenSession], seed: int) -> Attack:
    """Return the truth about an incident, whose sessions are opened in their order."""
    deeds = sorted(
        (time_ms, session.number, order, statement)
        for session, made in zip(opened, incident.sessions, strict=True)
        for order, (time_ms, statement) in enumerate(made.work, start=1)
    )
    statements = [statement for *_, statement in deeds]
    rows = sum(statement.rows or 0 for statement in statements)
    return Attack(
        scenario=incident.scenario,
        employees=tuple(dict.fromkeys(session.person.employee for session in incident.sessions)),
        start_ms=deeds[0][0],
        end_ms=deeds[-1][0],
        activity_ids=tuple(activity_id(seed, number, order) for _, number, order, _ in deeds),
        rows=rows,
        people=rows if incident.distinct else None,
        tables=tuple(sorted({f"public.{table}" for statement in statements for table in statement.tables})),
        categories=categories_of(statements),
        strength=incident.strength,
    )


def truth_file(config: WorldConfig, attacks: Iterable[Attack]) -> dict[str, Any]:
    """Return what ``truth.json`` holds."""
    return {
        "version": _VERSION,
        "seed": config.seed,
        "start": config.start.isoformat(),
        "days": config.days,
        "evaluate_from_day": config.evaluate_from_day,
        "attacks": [msgspec.to_builtins(attack) for attack in attacks],
    }
