"""People counted in the databases themselves, where somebody had it done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.dossier.atoms import Name
from streamguard.dossier.blocks import Bullets, Note, Paragraph, Section, Table
from streamguard.dossier.material import count
from streamguard.dossier.sayings import sentence
from streamguard.dossier.sections.scope import by_size
from streamguard.findings.plain import category
from streamguard.scope import NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.dossier.atoms import Figure, Text
    from streamguard.dossier.blocks import Block
    from streamguard.dossier.exact import Exact
    from streamguard.dossier.material import Material
    from streamguard.scope import Bounds

_ANCHOR = ("R1",)


def counted(material: Material) -> Section | None:
    """Write what was counted in the databases; None: nothing was."""
    exact = material.case.exact
    if exact is None:
        return None
    said = sentence(
        "On request the statements were rewritten into counting statements and run on ",
        Name(exact.database),
        " (a replica)" if exact.is_replica else "",
        ", as of ",
        Name(exact.as_of),
        ": ",
        people_counted(material, exact),
        " by ",
        count("exact/statements", exact.statements, _ANCHOR, "statement"),
        ". What was changed or deleted between the incident and the counting is counted as it is now.",
    )
    blocks: list[Block] = [Paragraph(said), _table(material, exact)]
    if exact.unresolved:
        figure = count("exact/unresolved", exact.unresolved, _ANCHOR, "statement")
        blocks.append(Paragraph(sentence("Not counted anew: ", figure, ". Of them the log alone speaks.")))
    if exact.disagreements:
        blocks.append(Note(("Log and database disagree: one of them has changed since, or is not whole.",)))
        blocks.append(Bullets(tuple((Name(one),) for one in exact.disagreements)))
    return Section(anchor="counted", title="Counted in the database", blocks=tuple(blocks))


def people_counted(material: Material, exact: Exact) -> Figure:
    """Return how many people were counted."""
    return material.bounded("exact/people", exact.people, _ANCHOR, "person")


def _table(material: Material, exact: Exact) -> Table:
    columns = {"*": exact.regions, **{name: told.regions for name, told in exact.categories.items()}}
    totals = {"*": exact.people, **{name: told.people for name, told in exact.categories.items()}}
    everywhere = {region: NOBODY for regions in columns.values() for region in regions} | dict(exact.regions)
    regions = by_size(everywhere)
    rows = [((Name(region),), *_cells(material, columns, region)) for region in regions]
    last = (material.bounded(_key(name), told, _ANCHOR) for name, told in totals.items())
    rows.append((("all regions",), *((figure,) for figure in last)))
    head = ("Region", "All", *(category(name) for name in exact.categories))
    return Table(head, tuple(rows), numeric=tuple(range(1, len(head))))


def _cells(material: Material, columns: Mapping[str, Mapping[str, Bounds]], region: str) -> tuple[Text, ...]:
    return tuple(
        (material.bounded(f"exact/people/{name}/{region}", told.get(region, NOBODY), _ANCHOR),)
        for name, told in columns.items()
    )


def _key(name: str) -> str:
    return "exact/people" if name == "*" else f"exact/people/{name}"
