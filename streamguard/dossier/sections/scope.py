"""What was taken: the verdict on every category, and people by region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Verdict
from streamguard.dossier.atoms import Name
from streamguard.dossier.blocks import Paragraph, Picture, Section, Table
from streamguard.dossier.material import count
from streamguard.dossier.sayings import VERDICTS, categories, sentence
from streamguard.dossier.scenes import CategoryBars, PeopleScene, RegionBar
from streamguard.findings.plain import category
from streamguard.scope import UNKNOWN_REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.dossier.atoms import Text
    from streamguard.dossier.blocks import Block
    from streamguard.dossier.material import Material
    from streamguard.scope import Bounds, CategoryScope


def verdicts(material: Material) -> Section:
    """Write the verdict on every category of personal data within reach, the negative ones too."""
    scopes = material.case.report.categories
    rows = tuple(_verdict(material, one) for one in scopes)
    head = ("Category", "Verdict", "People", "Why")
    return Section(
        anchor="categories",
        title="Which personal data, and which not",
        blocks=(
            Paragraph(
                sentence(
                    "A category is seen if a statement shows it, not seen if every statement on its tables shows that"
                    " it stayed out, and in doubt if the log hides what left. Only what the catalogue lists can be"
                    " told of."
                )
            ),
            Table(head, rows, numeric=(2,)),
        ),
    )


def _verdict(material: Material, scope: CategoryScope) -> tuple[Text, ...]:
    proofs = material.proofs.of_category(scope.category)
    people: Text = ("none",)
    if scope.verdict is not Verdict.NOT_SEEN:
        people = (material.bounded(f"people/{scope.category}", scope.people, proofs),)
    cells: list[Text] = [(category(scope.category),), (VERDICTS[scope.verdict],), people]
    return (*cells, _why(material, scope))


def _why(material: Material, scope: CategoryScope) -> Text:
    """Say how many statements support the verdict. The sentences themselves stand in the appendix."""
    proofs = material.proofs.of_category(scope.category)
    if not scope.evidence:
        return ("no statement touched a table that holds it",)
    on_it = [one for one in scope.evidence if one.verdict is scope.verdict]
    statements = sum(one.statements for one in on_it)
    anchors = tuple(one.uid for one in on_it) or proofs
    figure = count(f"statements/{scope.category}", statements, anchors, "statement")
    if scope.verdict is Verdict.SEEN:
        return (figure, " showed it")
    if scope.verdict is Verdict.CANNOT_TELL:
        return (figure, " may have held it")
    return (figure, " on its tables left it out")


def people(material: Material) -> Section:
    """Write how many people of which region, for every category that was seen or is in doubt."""
    report = material.case.report
    open_scopes = [one for one in report.categories if one.verdict is not Verdict.NOT_SEEN]
    regions = by_size(report.regions)
    blocks: list[Block] = [
        Paragraph(
            (
                (
                    "Where one number stands, the log tells it; where two stand, the truth lies between them. A person"
                    " is in one region. People of whom the log does not say where they live are under "
                ),
                Name(UNKNOWN_REGION, is_code=True),
                ", and the bounds of the other regions allow for them.",
            )
        )
    ]
    if open_scopes and regions:
        rows = [_row(material, region, open_scopes) for region in regions]
        rows.append(_total(material, open_scopes))
        head = ("Region", "All", *(category(one.category) for one in open_scopes))
        blocks += [_picture(material, open_scopes), Table(head, tuple(rows), numeric=tuple(range(1, len(head))))]
    return Section(anchor="people", title="How many people, and where they live", blocks=tuple(blocks))


def by_size(regions: Mapping[str, Bounds]) -> list[str]:
    """Return regions with most people first, the unknown one last; those that are certainly empty are left out."""
    told = {region: bounds for region, bounds in regions.items() if bounds.upper != 0}

    def place(region: str) -> tuple[bool, int, float, str]:
        lower, upper = told[region].lower, told[region].upper
        return (region == UNKNOWN_REGION, -lower, -float("inf") if upper is None else -upper, region)

    return sorted(told, key=place)


def _row(material: Material, region: str, scopes: list[CategoryScope]) -> tuple[Text, ...]:
    report = material.case.report
    whole = material.bounded(f"people/*/{region}", report.regions[region], material.proofs.exposing())
    cells: list[Text] = [(Name(region),), (whole,)]
    for scope in scopes:
        key = f"people/{scope.category}/{region}"
        proofs = material.proofs.of_category(scope.category)
        cells.append((material.bounded(key, scope.region(region), proofs),))
    return tuple(cells)


def _total(material: Material, scopes: list[CategoryScope]) -> tuple[Text, ...]:
    report = material.case.report
    cells: list[Text] = [("all regions",), (material.bounded("people", report.people, material.proofs.exposing()),)]
    for scope in scopes:
        proofs = material.proofs.of_category(scope.category)
        cells.append((material.bounded(f"people/{scope.category}", scope.people, proofs),))
    return tuple(cells)


def _picture(material: Material, scopes: list[CategoryScope]) -> Picture:
    regions = by_size(material.case.report.regions)
    bars = tuple(
        CategoryBars(
            scope.category,
            tuple(RegionBar(region, scope.region(region).lower, scope.region(region).upper) for region in regions),
        )
        for scope in scopes
    )
    return Picture(
        name="people",
        scene=PeopleScene(bars),
        caption=("People by region and category: the dark part of a bar left for certain, the light part may have.",),
        alternative=sentence(
            "Bars of the number of people by region for ",
            categories(scope.category for scope in scopes),
            ". The table below holds the same numbers.",
        ),
    )
