"""The clock of Article 33(1): since when the controller may be said to be aware, and how much of 72 hours is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import VerdictId
from streamguard.dossier.atoms import Figure, Law
from streamguard.dossier.blocks import Note, Paragraph, Section, Table
from streamguard.dossier.material import length, moment
from streamguard.dossier.proofs import history
from streamguard.dossier.sayings import sentence
from streamguard.incidents import NOTIFY_HOURS

if TYPE_CHECKING:
    from streamguard.dossier.atoms import Text
    from streamguard.dossier.blocks import Block
    from streamguard.dossier.material import Material

HOUR_MS: Final = 3_600_000
PERIOD_MS: Final = NOTIFY_HOURS * HOUR_MS
"""Article 33(1): "not later than 72 hours after having become aware of it"."""
HOURS: Final = Law(f"{NOTIFY_HOURS} hours")
_CONFIRMING: Final = {verdict.name.lower() for verdict in (VerdictId.TRUE_POSITIVE, VerdictId.SECURITY_RISK)}


def deadline(material: Material) -> int:
    """Return when the period ends, event time in milliseconds, counted hour by hour from the first finding."""
    return material.case.incident.aware_ms + PERIOD_MS


def remaining(material: Material) -> Figure:
    """Return how long it is until the end of the period, or since."""
    left = abs(deadline(material) - material.case.now_ms)
    return length("clock/remaining", left, material.proofs.first_finding())


def clock(material: Material) -> Section:
    """Write when what became known."""
    is_over = material.case.now_ms >= deadline(material)
    blocks: list[Block] = [
        Table((), _moments(material)),
        Paragraph(
            sentence(
                "The controller is aware once it has a reasonable degree of certainty that personal data were"
                " compromised (",
                Law("EDPB Guidelines 9/2022, II.A.2"),
                "). Here the clock starts at the first finding, the earliest reading; whoever decides that certainty"
                " came later should write down why. The hours are counted without a break, over nights, weekends and"
                " public holidays; should ",
                Law("Regulation (EEC, Euratom) No 1182/71"),
                " lengthen the period, do not plan on it.",
            )
        ),
    ]
    if is_over:
        late = sentence(
            "The period is over: a notification made now must be accompanied by reasons for the delay (",
            Law("Article 33(1)"),
            ").",
        )
        blocks.append(Note(late))
    unless = sentence(
        "Nothing has to be notified if the breach is unlikely to result in a risk to people's rights and freedoms (",
        Law("Article 33(1)"),
        "); that is for the controller to judge, and to write down.",
    )
    blocks.append(Paragraph(unless))
    phases = sentence(
        "What is not known yet does not hold the notification up: it may be provided in phases without undue further"
        " delay (",
        Law("Article 33(4)"),
        "). This dossier is made for the moment named above and can be made anew at any other.",
    )
    blocks.append(Paragraph(phases))
    return Section(anchor="clock", title="The clock", law=Law("Article 33(1)"), blocks=tuple(blocks))


def _moments(material: Material) -> tuple[tuple[Text, ...], ...]:
    proofs, case = material.proofs, material.case
    told = proofs.first_finding()
    rows: list[tuple[Text, ...]] = [
        (("First statement",), (moment("first", material.first_ms, proofs.at(material.first_ms)),)),
        (("First finding told",), (moment("aware", case.incident.aware_ms, told),)),
    ]
    for number, change in enumerate(case.incident.history):
        if change.what == "verdict" and change.detail in _CONFIRMING:
            said = sentence(moment(f"history/{number}", change.time_ms, history([number])))
            rows.append((("Confirmed by an analyst",), said))
            break
    ended = case.now_ms >= deadline(material)
    rows += [
        (("This dossier made for",), (moment("now", case.now_ms),)),
        (sentence("End of the ", HOURS), (moment("deadline", deadline(material), told),)),
        (("Over since" if ended else "Left until then",), (remaining(material),)),
    ]
    return tuple(rows)
