"""What a notification to the supervisory authority must at least say: Article 33(3), point by point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Verdict
from streamguard.dossier.atoms import Law, Name
from streamguard.dossier.blocks import Bullets, Note, Paragraph, Section, Table
from streamguard.dossier.consequences import SOURCE, consequences
from streamguard.dossier.material import moment
from streamguard.dossier.proofs import history
from streamguard.dossier.sayings import VERDICTS, joined, names, said, sentence
from streamguard.dossier.sections.counted import people_counted
from streamguard.dossier.written import plural
from streamguard.findings.plain import category

if TYPE_CHECKING:
    from streamguard.dossier.atoms import Text
    from streamguard.dossier.blocks import Block
    from streamguard.dossier.material import Material
    from streamguard.scope import CategoryScope

_MEASURES = ("status", "verdict", "assignee", "comment")


def notification(material: Material) -> tuple[Section, ...]:
    """Write the four points of Article 33(3)."""
    return (
        Section(anchor="nature", title="Nature of the breach", law=Law("Article 33(3)(a)"), blocks=_nature(material)),
        Section(anchor="contact", title="Contact point", law=Law("Article 33(3)(b)"), blocks=_contact(material)),
        Section(
            anchor="consequences",
            title="Likely consequences",
            law=Law("Article 33(3)(c)"),
            blocks=_consequences(material),
        ),
        Section(
            anchor="measures",
            title="Measures taken or proposed",
            law=Law("Article 33(3)(d)"),
            blocks=_measures(material),
        ),
    )


def _nature(material: Material) -> tuple[Block, ...]:
    case, exposing = material.case, material.proofs.exposing()
    databases = sorted({database for person in material.people for database in person.databases})
    kinds = case.subject_types
    where = sentence(" of the database ", names(databases)) if databases else ()
    rows: list[tuple[Text, ...]] = [
        (
            ("Kind of breach",),
            (
                "Confidentiality: personal data were read out",
                *where,
                " by somebody with access to it",
            ),
        ),
        (
            ("Categories of data subjects",),
            joined([(Name(plural(kind)),) for kind in kinds])
            or ("to be completed: the catalogue does not say whose data the tables hold",),
        ),
        (("Approximate number of data subjects",), (material.bounded("people", case.report.people, exposing),)),
        (("Categories of personal data",), _kinds(case.report.categories)),
        (("Approximate number of records",), (material.bounded("records", case.report.records, exposing),)),
    ]
    if case.exact is not None:
        rows.insert(3, (("Counted in the database",), (people_counted(material, case.exact),)))
    return (
        Table((), tuple(rows)),
        Note(
            (
                "Whether these statements were a breach of security in the sense of ",
                Law("Article 4(12)"),
                ", or work that somebody had asked for, is for people to decide; the numbers are the same.",
            )
        ),
    )


def _kinds(scopes: tuple[CategoryScope, ...]) -> Text:
    told = [
        sentence(category(one.category), " (", VERDICTS[one.verdict], ")")
        for one in scopes
        if one.verdict is not Verdict.NOT_SEEN
    ]
    return joined(told) or ("none was seen",)


def _contact(material: Material) -> tuple[Block, ...]:
    controller = material.case.controller
    told = {
        "Controller": controller.name,
        "Address": controller.address,
        "Data protection officer or other contact point": controller.officer,
        "Contact": controller.contact,
        "Competent supervisory authority": controller.authority,
    }
    rows = tuple(((name,), (Name(value),) if value else ("to be completed",)) for name, value in told.items())
    missing = any(value is None for value in told.values())
    note = Note(
        (
            "What is to be completed here comes from the section ",
            Name("controller", is_code=True),
            " of the settings.",
        )
    )
    return (Table((), rows), note) if missing else (Table((), rows),)


def _consequences(material: Material) -> tuple[Block, ...]:
    rows = tuple(
        ((category(one.category),), (VERDICTS[one.verdict],), (consequences(one.category),))
        for one in material.case.report.categories
        if one.verdict is not Verdict.NOT_SEEN
    )
    if not rows:
        return (Paragraph(("No category of personal data was seen or is in doubt.",)),)
    return (
        Table(("Category", "Verdict", "What it can be used for"), rows),
        Note(
            sentence(
                "Standard wording by category, after ",
                SOURCE,
                "; to be adapted to the case. Several categories of one person together weigh more than each alone.",
            )
        ),
    )


def _measures(material: Material) -> tuple[Block, ...]:
    changes = [
        (number, change) for number, change in enumerate(material.case.incident.history) if change.what in _MEASURES
    ]
    rows = tuple(
        (
            (moment(f"history/{number}", change.time_ms, history([number])),),
            (Name(change.author),),
            (change.what,),
            (said(change),) if change.detail else (),
        )
        for number, change in changes
    )
    open_points = Bullets(
        (
            ("to be completed: what was done to stop it (access withdrawn, sessions ended, devices secured)",),
            ("to be completed: what is done for the people concerned to keep harm from them",),
            ("to be completed: what is proposed so that it does not happen again",),
        )
    )
    if not rows:
        return (Paragraph(("The incident's history holds no measures yet.",)), open_points)
    return (Table(("When", "Who", "What", "Detail"), rows), open_points)
