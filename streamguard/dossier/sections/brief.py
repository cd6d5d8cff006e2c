"""In brief: what a manager has to know, in one paragraph, and the numbers once more beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Verdict
from streamguard.dossier.atoms import Law, Name
from streamguard.dossier.blocks import Paragraph, Section, Table
from streamguard.dossier.material import count, length, moment
from streamguard.dossier.sayings import categories, joined, sentence
from streamguard.dossier.sections.clock import HOURS, deadline, remaining
from streamguard.dossier.sections.counted import people_counted
from streamguard.dossier.written import plural
from streamguard.findings.plain import category
from streamguard.scope import UNKNOWN_REGION, Bounds

if TYPE_CHECKING:
    from streamguard.dossier.atoms import Text
    from streamguard.dossier.material import Material
    from streamguard.scope import CategoryScope


def brief(material: Material) -> Section:
    """Write what happened, in plain words."""
    return Section(
        anchor="brief",
        title="In brief",
        blocks=(
            Paragraph(_what(material)),
            Paragraph(_which(material)),
            Paragraph(sentence(*_told(material))),
            Table((), _numbers(material)),
        ),
    )


def _what(material: Material) -> Text:
    report, proofs = material.case.report, material.proofs
    exposing = proofs.exposing()
    return sentence(
        "Between ",
        moment("first", material.first_ms, proofs.at(material.first_ms)),
        " and ",
        moment("last", material.last_ms, proofs.at(material.last_ms)),
        ", statements run under ",
        _accounts(material),
        " read personal data of ",
        material.bounded("people", report.people, exposing, "person"),
        _kinds(material),
        _places(material),
        ". ",
        *_usual(material),
    )


def _accounts(material: Material) -> Text:
    who = [sentence(Name(person.employee), " (", Name(person.peer_group), ")") for person in material.people] or [
        (Name(employee),) for employee in material.case.incident.employees
    ]
    return sentence("the account of " if len(who) == 1 else "the accounts of ", joined(who))


def _kinds(material: Material) -> Text:
    kinds = material.case.subject_types
    return sentence(" (", joined([(Name(plural(kind)),) for kind in kinds]), ")") if kinds else ()


def _places(material: Material) -> Text:
    named = {region: bounds for region, bounds in material.case.report.regions.items() if region != UNKNOWN_REGION}
    if not named:
        return ()
    somewhere_else = material.case.report.region(UNKNOWN_REGION).upper != 0
    bounds = Bounds(
        sum(bounds.lower > 0 for bounds in named.values()),
        None if somewhere_else else sum(bounds.upper != 0 for bounds in named.values()),
    )
    return sentence(" in ", material.bounded("regions", bounds, material.proofs.exposing(), "region"))


def _usual(material: Material) -> Text:
    """Compare the largest day of the incident with a usual day, for the employee who took most."""
    best = max(material.people, key=lambda person: (person.whole.rows, person.employee), default=None)
    if best is None or not best.days:
        return ()
    usual = material.days.usual(best.employee, material.from_day)
    day, deed = max(best.days.items(), key=lambda one: (one[1].rows, -one[0]))
    if usual is None or deed.rows <= usual.middle:
        return ()
    proof = material.proofs.of_shapes(deed.fingerprints)
    anchor = f"B{material.case.incident.employees.index(best.employee) + 1}"
    return sentence(
        "On the fullest of these days the log counts ",
        count(f"day/{best.employee}/{day}/rows", deed.rows, proof, "row"),
        " for ",
        Name(best.employee),
        ", whose usual day has ",
        count(f"usual/{best.employee}/middle", usual.middle, (anchor,), "row"),
        ".",
    )


def _which(material: Material) -> Text:
    """Say what left and how much of it, what may have left, and what did not."""
    found: dict[Verdict, list[CategoryScope]] = {verdict: [] for verdict in Verdict}
    for scope in material.case.report.categories:
        found[scope.verdict].append(scope)
    said: list[Text] = []
    if seen := found[Verdict.SEEN]:
        said.append(sentence("What left: ", joined([_amount(material, one) for one in seen]), "."))
    if hidden := found[Verdict.CANNOT_TELL]:
        may = joined([_amount(material, one) for one in hidden])
        said.append(sentence("What may have left, because the log cannot tell: ", may, "."))
    if untouched := found[Verdict.NOT_SEEN]:
        said.append(sentence("What did not leave: ", categories(one.category for one in untouched), "."))
    if (exact := material.case.exact) is not None:
        said.append(sentence("Counted in the database since: ", people_counted(material, exact), "."))
    return sentence(*(piece for place, one in enumerate(said) for piece in (" " if place else "", one)))


def _amount(material: Material, scope: CategoryScope) -> Text:
    proofs = material.proofs.of_category(scope.category)
    people = material.bounded(f"people/{scope.category}", scope.people, proofs, "person")
    return (category(scope.category), " of ", people)


def _told(material: Material) -> Text:
    incident, proofs = material.case.incident, material.proofs
    aware, first = incident.aware_ms, material.first_ms
    after: Text = ()
    if aware > first:
        after = (
            ", ",
            length("told_after", aware - first, (*proofs.first_finding(), *proofs.at(first))),
            " after the first of these statements",
        )
    left = remaining(material)
    ended = material.case.now_ms >= deadline(material)
    return sentence(
        "The first finding was told ",
        moment("aware", aware, proofs.first_finding()),
        *after,
        ". Counted from then, the ",
        HOURS,
        " of ",
        Law("Article 33(1) GDPR"),
        " ended " if ended else " end ",
        moment("deadline", deadline(material), proofs.first_finding()),
        ": ",
        *((left, " ago.") if ended else (left, " are left.")),
    )


def _numbers(material: Material) -> tuple[tuple[Text, ...], ...]:
    report, exposing = material.case.report, material.proofs.exposing()
    statements = count("statements", report.statements, exposing)
    rows = [
        ("People concerned", material.bounded("people", report.people, exposing)),
        ("Records that left, repeated ones included", material.bounded("records", report.records, exposing)),
        ("Statements that exposed personal data, or may have", statements),
        ("Employees concerned", count("employees", len(material.case.incident.employees), _findings(material))),
        ("Findings", count("findings", len(material.case.incident.members), _findings(material))),
    ]
    return tuple(((name,), (figure,)) for name, figure in rows)


def _findings(material: Material) -> tuple[str, ...]:
    return tuple(f"F{number}" for number in range(1, len(material.case.incident.members) + 1))
