"""Who: under which accounts, one person or several, in which roles, with which tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Account
from streamguard.dossier.atoms import Name
from streamguard.dossier.blocks import Note, Paragraph, Section, Table
from streamguard.dossier.material import count, moment
from streamguard.dossier.sayings import names, sentence

if TYPE_CHECKING:
    from streamguard.dossier.atoms import Text
    from streamguard.dossier.deeds import Person
    from streamguard.dossier.material import Material

_ACCOUNTS = {
    Account.HUMAN: "a person",
    Account.SERVICE: "a service",
    Account.UNKNOWN: "not in the directory",
}
_JOINED = {
    "subjects": "they asked for the same people",
    "tool": "they used the same program, new to them and rare among their peers",
    "shape": "they ran the same statement, new to them and rare among their peers",
    "window": "they did something new within minutes of each other",
}


def who(material: Material) -> Section:
    """Write who is concerned, and what each did."""
    head = ("Employee", "Peer group", "Account", "Statements", "Rows counted", "Not counted", "People", "First", "Last")
    rows = tuple(_row(material, person) for person in material.people)
    tools = tuple(_tools(person) for person in material.people)
    return Section(
        anchor="who",
        title="Who",
        blocks=(
            Paragraph(_one_or_several(material)),
            Table(head, rows, numeric=(3, 4, 5, 6)),
            Table(("Employee", "Programs", "Addresses of clients", "Ways of exporting", "Tables"), tools),
            Note(
                sentence(
                    "The log names accounts, not hands: whether the owner of an account ran a statement, somebody"
                    " else, or a program, has to be shown by other means. To be named here proves no guilt."
                )
            ),
        ),
    )


def _one_or_several(material: Material) -> Text:
    employees = material.case.incident.employees
    findings = tuple(f"F{number}" for number in range(1, len(material.case.incident.members) + 1))
    figure = count("employees", len(employees), findings, "employee")
    if len(employees) == 1:
        return sentence("The findings of this incident concern ", figure, ".")
    why = dict.fromkeys(_JOINED[member.joined] for member in material.case.incident.members if member.joined in _JOINED)
    because = sentence(", brought together because ", *_listed(list(why))) if why else ()
    return sentence("The findings of this incident concern ", figure, *because, ".")


def _listed(told: list[str]) -> Text:
    return tuple(piece for place, one in enumerate(told) for piece in ((" and " if place else ""), one) if piece)


def _row(material: Material, person: Person) -> tuple[Text, ...]:
    deed = person.whole
    proofs = material.proofs.of_shapes(deed.fingerprints)
    key = f"who/{person.employee}"
    own = material.case.each.get(person.employee)
    return (
        (Name(person.employee),),
        (Name(person.peer_group),),
        (_ACCOUNTS[person.account],),
        (count(f"{key}/statements", deed.statements, proofs),),
        (count(f"{key}/rows", deed.rows, proofs),),
        (count(f"{key}/uncounted", deed.uncounted, proofs),),
        ("not worked out",) if own is None else (material.bounded(f"{key}/people", own.people, proofs),),
        (moment(f"{key}/first", deed.first_ms, proofs),),
        (moment(f"{key}/last", deed.last_ms, proofs),),
    )


def _tools(person: Person) -> tuple[Text, ...]:
    ways: list[Text] = [(Name(kind, is_code=True),) for kind in sorted(person.exports)]
    told = [
        names(sorted(person.applications)) or ("not logged",),
        names(sorted(person.clients)) or ("not logged",),
        sentence(*(piece for place, way in enumerate(ways) for piece in ((", " if place else ""), *way)))
        or ("plain reads",),
        names(sorted(person.tables), is_code=True),
    ]
    return ((Name(person.employee),), *told)
