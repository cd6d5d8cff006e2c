"""The time line: what happened on which day, beside what is usual for these employees and their peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.dossier.atoms import Day, Name
from streamguard.dossier.blocks import Paragraph, Picture, Section, Table
from streamguard.dossier.material import count, moment
from streamguard.dossier.sayings import joined, sentence
from streamguard.dossier.scenes import UsualScene

if TYPE_CHECKING:
    from streamguard.dossier.atoms import Text
    from streamguard.dossier.material import Material


def course(material: Material) -> Section:
    """Write the days of the incident."""
    rows = [
        (day, place, _day(material, person.employee, day))
        for place, person in enumerate(material.people)
        for day in person.days
    ]
    head = ("Day", "Employee", "Statements", "Rows counted", "Not counted", "First", "Last")
    return Section(
        anchor="course",
        title="Day by day",
        blocks=(
            Paragraph(
                sentence(
                    "A day here is a working day of the employee's own time zone: what is done in the small hours"
                    " belongs to the day before."
                )
            ),
            Table(head, tuple(row for _, _, row in sorted(rows, key=lambda one: one[:2])), numeric=(2, 3, 4)),
        ),
    )


def _day(material: Material, employee: str, day: int) -> tuple[Text, ...]:
    deed = next(person.days[day] for person in material.people if person.employee == employee)
    proofs = material.proofs.of_shapes(deed.fingerprints)
    key = f"day/{employee}/{day}"
    return (
        (Day(day),),
        (Name(employee),),
        (count(f"{key}/statements", deed.statements, proofs),),
        (count(f"{key}/rows", deed.rows, proofs),),
        (count(f"{key}/uncounted", deed.uncounted, proofs),),
        (moment(f"{key}/first", deed.first_ms, proofs),),
        (moment(f"{key}/last", deed.last_ms, proofs),),
    )


def usual(material: Material) -> Section:
    """Write how the incident compares with what is usual."""
    said = [_own(material, place, employee) for place, employee in enumerate(material.case.incident.employees)]
    scene = UsualScene(
        lines=tuple(material.days.line(employee) for employee in material.case.incident.employees),
        band=material.days.band(),
        from_day=material.from_day,
        to_day=material.to_day,
        told_day=material.told_day,
    )
    picture = Picture(
        name="usual",
        scene=scene,
        caption=sentence(
            "Rows per day that the log counts, on a logarithmic scale: the employees of the incident, the range of"
            " their peers, and the days of the incident."
        ),
        alternative=sentence(
            "A time line of the rows that ",
            joined([(Name(employee),) for employee in material.case.incident.employees]),
            " read day by day, beside those of their peers. The incident's days are marked.",
        ),
    )
    return Section(
        anchor="usual",
        title="How unusual it was",
        blocks=(*(Paragraph(one) for one in said), Paragraph(_peers(material)), picture),
    )


def _own(material: Material, place: int, employee: str) -> Text:
    usual_days = material.days.usual(employee, material.from_day)
    anchor = (f"B{place + 1}",)
    if usual_days is None:
        return sentence("Of ", Name(employee), " no day before the incident is known.")
    return sentence(
        "On the ",
        count(f"usual/{employee}/days", usual_days.days, anchor, "day"),
        " before the incident on which ",
        Name(employee),
        " read personal data, the usual was ",
        count(f"usual/{employee}/middle", usual_days.middle, anchor, "row"),
        " a day (the median) and the most ",
        count(f"usual/{employee}/most", usual_days.most, anchor, "row"),
        ".",
    )


def _peers(material: Material) -> Text:
    anchor = (f"B{len(material.case.incident.employees) + 1}",)
    found = material.days.usual_of_peers(material.from_day)
    most = material.days.most_of_peers(material.from_day, material.to_day)
    if found is None:
        return ("No days of peers before the incident are known.",)
    during: Text = ("No peer read personal data while the incident lasted.",)
    if most is not None:
        during = sentence(
            "While the incident lasted, the most that any of them read in a day was ",
            count("usual/peers/most_during", most, anchor, "row"),
            ".",
        )
    return sentence(
        "The ",
        count("usual/peers/count", material.days.peers, anchor, "peer"),
        " read ",
        count("usual/peers/middle", found.middle, anchor, "row"),
        " on a usual day of theirs and ",
        count("usual/peers/most", found.most, anchor, "row"),
        " at most. ",
        during,
    )
