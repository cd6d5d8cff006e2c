"""The appendix: the evidence behind every number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.dossier.atoms import Figure, Name
from streamguard.dossier.blocks import Entries, Entry, Paragraph, Section
from streamguard.dossier.material import count, length, moment
from streamguard.dossier.sayings import VERDICTS, joined, names, sentence
from streamguard.dossier.sections.completeness import source_name
from streamguard.findings.plain import category

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.activity import Verdict
    from streamguard.dossier.atoms import Text
    from streamguard.dossier.material import Material
    from streamguard.scope import Bounds, Evidence


def appendix(material: Material) -> Section:
    """Write every piece of evidence that figures link to."""
    intro = Paragraph(
        sentence(
            "Statements stand here without the values in them. Statements of the same shape that say the same are one"
            " entry."
        )
    )
    entries = (
        *_statements(material),
        *_findings(material),
        *_history(material),
        *_baselines(material),
        *_sources(material),
        *_replays(material),
        *_counted(material),
        _ledger(material),
    )
    return Section(anchor="evidence", title="Evidence", blocks=(intro, Entries(entries)))


def _statements(material: Material) -> Iterator[Entry]:
    said: dict[str, list[tuple[str, Verdict]]] = {}
    for scope in material.case.report.categories:
        for one in scope.evidence:
            said.setdefault(one.uid, []).append((scope.category, one.verdict))
    for one in material.proofs.statements():
        verdicts: list[Text] = [(category(name), " ", VERDICTS[verdict]) for name, verdict in said[one.uid]]
        lines: list[Text] = [
            joined(verdicts),
            (Name(one.why),),
            sentence(*_amounts(one), "; by ", names(one.employees)),
            sentence(
                "from ",
                moment(f"{one.uid}/first", one.first_ms, (one.uid,)),
                " to ",
                moment(f"{one.uid}/last", one.last_ms, (one.uid,)),
            ),
        ]
        if one.statement:
            lines.append((Name(one.statement, is_code=True),))
        shape = (
            sentence("Statements of shape ", Name(one.fingerprint, is_code=True))
            if one.fingerprint
            else ("Statements",)
        )
        yield Entry(anchor=one.uid, title=shape, lines=tuple(lines))


def _amounts(one: Evidence) -> Text:
    proof = (one.uid,)
    return (
        count(f"{one.uid}/statements", one.statements, proof, "statement"),
        ", ",
        _bounded(f"{one.uid}/rows", one.rows, proof, "row"),
        ", ",
        _bounded(f"{one.uid}/people", one.people, proof, "person"),
    )


def _bounded(key: str, bounds: Bounds, proof: tuple[str, ...], unit: str) -> Figure:
    return Figure(key=key, lower=bounds.lower, upper=bounds.upper, unit=unit, evidence=proof)


def _findings(material: Material) -> Iterator[Entry]:
    for number, member in enumerate(material.case.incident.members, 1):
        anchor = f"F{number}"
        detectors = joined([(Name(name.replace("_", " ")),) for name in member.detectors])
        yield Entry(
            anchor=anchor,
            title=sentence("Finding ", Name(member.finding_uid, is_code=True)),
            lines=(
                sentence(Name(member.employee), ", severity ", Name(member.severity), "; detectors: ", detectors),
                sentence(
                    "statements from ",
                    moment(f"{anchor}/first", member.first_ms, (anchor,)),
                    " to ",
                    moment(f"{anchor}/last", member.last_ms, (anchor,)),
                    "; first told ",
                    moment(f"{anchor}/told", member.told_ms, (anchor,)),
                ),
            ),
        )


def _history(material: Material) -> Iterator[Entry]:
    for number, change in enumerate(material.case.incident.history):
        anchor = f"H{number + 1}"
        yield Entry(
            anchor=anchor,
            title=sentence("History of the incident: ", Name(change.what)),
            lines=(
                sentence(
                    moment(f"history/{number}", change.time_ms, (anchor,)),
                    ", by ",
                    Name(change.author),
                    ": " if change.detail else "",
                    Name(change.detail) if change.detail else "",
                ),
            ),
        )


def _baselines(material: Material) -> Iterator[Entry]:
    said = "Counted rows of the statements on personal data, by day, before the incident"
    employees = material.case.incident.employees
    for number, employee in enumerate(employees, 1):
        yield Entry(anchor=f"B{number}", title=sentence("Usual days of ", Name(employee)), lines=((said,),))
    yield Entry(anchor=f"B{len(employees) + 1}", title=("Usual days of the peers",), lines=((said,),))


def _sources(material: Material) -> Iterator[Entry]:
    for number, health in enumerate(material.sources, 1):
        anchor = f"L{number}"
        key = f"log/{source_name(health)}"
        lines: list[Text] = [
            sentence(
                count(f"{key}/statements", health.statements, (anchor,), "statement"),
                " during the incident, ",
                count(f"{key}/before", health.statements_before, (anchor,), "statement"),
                " before it",
            )
        ]
        if health.silent_from_ms is not None:
            lines.append(
                sentence(
                    "longest silence during it: ",
                    length(f"{key}/silence", health.longest_silence_ms, (anchor,)),
                    " from ",
                    moment(f"{key}/silent_from", health.silent_from_ms, (anchor,)),
                )
            )
        if health.borrowed:
            lines.append(
                (
                    count(f"{key}/borrowed", health.borrowed, (anchor,), "statement"),
                    " with a clock that cannot be right",
                )
            )
        if health.delayed:
            lines.append(
                (
                    count(f"{key}/delayed", health.delayed, (anchor,), "statement"),
                    " came late",
                )
            )
        yield Entry(anchor=anchor, title=sentence("Log source ", Name(source_name(health))), lines=tuple(lines))


def _replays(material: Material) -> Iterator[Entry]:
    for number, replay in enumerate(material.case.replays, 1):
        anchor = f"E{number}"
        yield Entry(
            anchor=anchor,
            title=sentence("Judged once more under ", Name(replay.name)),
            lines=(
                sentence(
                    count(f"early/{number}/statements", replay.statements, (anchor,), "statement"),
                    " of the peer shards concerned, from ",
                    moment(f"early/{number}/from", replay.from_ms, (anchor,)),
                    "; alert budget ",
                    Name(f"{replay.budget_per_1000:g}"),
                    " false cases in ",
                    Name("1,000"),
                    " employee-days",
                ),
            ),
        )


def _counted(material: Material) -> Iterator[Entry]:
    exact = material.case.exact
    if exact is not None:
        yield Entry(
            anchor="R1",
            title=sentence("Counted in ", names(exact.databases)),
            lines=((moment("exact/counted", exact.counted_ms, ("R1",)),),),
        )


def _ledger(material: Material) -> Entry:
    report, anchor = material.case.report, ("G1",)
    lines: list[Text] = [
        sentence(
            "looked at: ",
            count("exposures", material.exposures, anchor, "statement"),
            " of the employees concerned and their peers",
        ),
        sentence(
            "time of the incident: ", moment("from", report.from_ms, anchor), " to ", moment("to", report.to_ms, anchor)
        ),
    ]
    if material.earliest_ms is not None:
        lines.append(sentence("looked back to ", moment("earliest", material.earliest_ms, anchor)))
    return Entry(anchor="G1", title=("The ledger of exposures",), lines=tuple(lines))
