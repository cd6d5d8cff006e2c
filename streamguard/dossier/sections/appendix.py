"""The appendix: the evidence behind every number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Verdict
from streamguard.dossier.atoms import Figure, Name
from streamguard.dossier.blocks import Entries, Entry, Paragraph, Section
from streamguard.dossier.material import count, length, moment
from streamguard.dossier.sayings import VERDICTS, categories, names, said, sentence
from streamguard.dossier.sections.completeness import source_name

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        *_monitoring(material),
        *_replays(material),
        *_counted(material),
        _ledger(material),
    )
    return Section(anchor="evidence", title="Evidence", blocks=(intro, Entries(entries)))


def _statements(material: Material) -> Iterator[Entry]:
    of_uid: dict[str, list[tuple[str, Evidence]]] = {}
    for scope in material.case.report.categories:
        for one in scope.evidence:
            of_uid.setdefault(one.uid, []).append((scope.category, one))
    for one in material.proofs.statements():
        proof = (one.uid,)
        lines: list[Text] = [
            sentence(
                count(f"{one.uid}/statements", one.statements, proof, "statement"),
                ", ",
                _bounded(f"{one.uid}/rows", one.rows, proof, "row"),
                "; by ",
                names(one.employees),
                "; from ",
                moment(f"{one.uid}/first", one.first_ms, proof),
                " to ",
                moment(f"{one.uid}/last", one.last_ms, proof),
            ),
            *_verdicts(one.uid, of_uid[one.uid]),
        ]
        if one.statement:
            lines.append((Name(one.statement, is_code=True),))
        shape = Name(one.fingerprint, is_code=True) if one.fingerprint else "not told apart"
        yield Entry(anchor=one.uid, title=sentence("Statements of shape ", shape), lines=tuple(lines))


def _verdicts(uid: str, told: list[tuple[str, Evidence]]) -> Iterator[Text]:
    """Yield what the statements say of each category; categories of which they say the same stand together."""
    alike: dict[tuple[Verdict, str, Bounds], list[str]] = {}
    for name, one in told:
        alike.setdefault((one.verdict, one.why, one.people), []).append(name)
    for (verdict, why, people), of in alike.items():
        figure = _bounded(f"{uid}/people/{of[0]}", people, (uid,), "person")
        whose: Text = () if verdict is Verdict.NOT_SEEN else ("; ", figure)
        yield sentence(categories(of), " ", VERDICTS[verdict], ": ", Name(why), whose)


def _bounded(key: str, bounds: Bounds, proof: tuple[str, ...], unit: str) -> Figure:
    return Figure(key=key, lower=bounds.lower, upper=bounds.upper, unit=unit, evidence=proof)


def _findings(material: Material) -> Iterator[Entry]:
    for number, member in enumerate(material.case.incident.members, 1):
        anchor = f"F{number}"
        detectors = names(member.detectors, is_code=True)
        yield Entry(
            anchor=anchor,
            title=sentence("Finding ", Name(member.finding_uid, is_code=True)),
            lines=(
                *(((Name(member.message),),) if member.message else ()),
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
                    said(change) if change.detail else "",
                ),
            ),
        )


def _baselines(material: Material) -> Iterator[Entry]:
    what = "Counted rows of the statements on personal data, by day, before the incident"
    employees = material.case.incident.employees
    for number, employee in enumerate(employees, 1):
        yield Entry(anchor=f"B{number}", title=sentence("Usual days of ", Name(employee)), lines=((what,),))
    yield Entry(anchor=f"B{len(employees) + 1}", title=("Usual days of the peers",), lines=((what,),))


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


def _monitoring(material: Material) -> Iterator[Entry]:
    for number, fact in enumerate(material.case.log_facts, 1):
        lines = ((Name(fact.query, is_code=True),),) if fact.query else ()
        yield Entry(anchor=f"M{number}", title=sentence("Monitoring of ", Name(fact.source)), lines=lines)


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
            title=sentence("Counted in ", Name(exact.database)),
            lines=(
                sentence(
                    "as of ",
                    Name(exact.as_of),
                    " by ",
                    count("exact/statements", exact.statements, ("R1",), "statement"),
                ),
            ),
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
