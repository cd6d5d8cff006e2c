"""From a case and its exposures to the dossier: the whole room as one function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import VerdictId
from streamguard.dossier.atoms import Name
from streamguard.dossier.blocks import Dossier, Table
from streamguard.dossier.material import gather, moment
from streamguard.dossier.sayings import names
from streamguard.dossier.sections.appendix import appendix
from streamguard.dossier.sections.brief import brief
from streamguard.dossier.sections.clock import clock
from streamguard.dossier.sections.completeness import completeness
from streamguard.dossier.sections.counted import counted
from streamguard.dossier.sections.course import course, usual
from streamguard.dossier.sections.early import early
from streamguard.dossier.sections.notification import notification
from streamguard.dossier.sections.risk import documentation, risk
from streamguard.dossier.sections.scope import people, verdicts
from streamguard.dossier.sections.unknown import unknown
from streamguard.dossier.sections.who import who

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.activity import Exposure
    from streamguard.dossier.case import Case
    from streamguard.dossier.material import Material


def make(case: Case, exposures: Iterable[Exposure]) -> Dossier:
    """Make the dossier. Pure: the same case and exposures give the same dossier.

    Parameters
    ----------
    case
        The incident, its scope, and what else is known.
    exposures
        Of the incident's employees and of their peers, from some weeks before the incident to its end, in the order of
        (time, origin), each once. They are looked at once and not kept.
    """
    material = gather(case, exposures)
    sections = (
        brief(material),
        clock(material),
        *notification(material),
        verdicts(material),
        people(material),
        counted(material),
        who(material),
        course(material),
        usual(material),
        early(material),
        completeness(material),
        unknown(material),
        risk(material),
        documentation(material),
        appendix(material),
    )
    return Dossier(
        title="Incident dossier",
        incident_uid=case.incident.uid,
        made_ms=case.now_ms,
        time_zone=case.time_zone,
        facts=_facts(material),
        sections=tuple(section for section in sections if section is not None),
    )


def _facts(material: Material) -> Table:
    case = material.case
    incident = case.incident
    verdict = "none yet" if incident.verdict is VerdictId.UNKNOWN else incident.verdict.name.lower().replace("_", " ")
    rows = (
        (("Incident",), (Name(incident.uid, is_code=True),)),
        (("Controller",), (Name(case.controller.name),) if case.controller.name else ("to be completed",)),
        (("Made for",), (moment("now", case.now_ms),)),
        (("Employees",), names(incident.employees)),
        (("Status",), (incident.status.name.lower().replace("_", " "),)),
        (("Verdict",), (verdict,)),
        (("Assigned to",), (Name(incident.assignee),) if incident.assignee else ("nobody yet",)),
        (("Times are in",), (Name(case.time_zone),)),
        (("Handling",), ("confidential: it names employees; of the people concerned it holds no personal data",)),
    )
    return Table((), rows)
