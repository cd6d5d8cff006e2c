"""The scripted incident is what it says: the log tells everything that was run, and the recording is of such a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from incident.script import COUNTRIES, CUSTOMERS, JON, MARA, STEPS

if TYPE_CHECKING:
    from incident.incident import Incident

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


def test_the_log_tells_every_statement_of_everybody(incident: Incident) -> None:
    told = {(exposure.employee, exposure.activity.verb) for exposure in incident.everybody}
    assert {who for who, _ in told} == {step.who for step in STEPS}
    assert {(MARA, "COPY"), (MARA, "DECLARE CURSOR"), (JON, "SELECT")} <= told
    assert incident.truth.people < CUSTOMERS
    assert set(incident.truth.regions) == set(COUNTRIES)
    assert "phone_number" not in incident.truth.categories


def test_the_recording_is_of_such_a_run(incident: Incident, recorded_incident: Incident) -> None:
    assert recorded_incident.truth == incident.truth
    assert recorded_incident.leaked == incident.leaked

    def said(of: Incident) -> list[tuple[object, ...]]:
        return [(e.employee, e.activity.statement, e.activity.rows, e.activity.subjects) for e in of.everybody]

    assert said(recorded_incident) == said(incident)
