"""How complete the log was during the incident: which sources were healthy, lagging, silent or without row counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.dossier.atoms import Figure, Mark, Name
from streamguard.dossier.blocks import Bullets, Note, Paragraph, Section, Table
from streamguard.dossier.material import count, length, moment
from streamguard.dossier.sayings import sentence

if TYPE_CHECKING:
    from streamguard.dossier.atoms import Text
    from streamguard.dossier.blocks import Block
    from streamguard.dossier.case import LogFact
    from streamguard.dossier.material import Material
    from streamguard.dossier.sources import SourceHealth


def completeness(material: Material) -> Section:
    """Write how far the log can be trusted to be whole."""
    rows = tuple(_row(number, health) for number, health in enumerate(material.sources, 1))
    head = (
        "Source",
        "State",
        "Statements",
        "Rows not counted",
        "Longest delay",
        "Longest silence",
        "Before the incident",
    )
    blocks: list[Block] = [
        Paragraph(
            sentence(
                "Seen from the statements of the employees concerned and of their peers. A silence counts as a"
                " possible gap if it is longer than any in the time before the incident."
            )
        ),
        Table(head, rows, numeric=(2, 3)),
    ]
    if facts := material.case.log_facts:
        blocks.append(Paragraph(("What monitoring knows of that time:",)))
        blocks.append(Bullets(tuple(_fact(number, fact) for number, fact in enumerate(facts, 1))))
    blocks.append(_ledger(material))
    return Section(anchor="completeness", title="How complete the log was", blocks=tuple(blocks))


def _row(number: int, health: SourceHealth) -> tuple[Text, ...]:
    anchor = (f"L{number}",)
    key = f"log/{source_name(health)}"
    share = Figure(
        key=f"{key}/uncounted_permille",
        lower=health.uncounted_permille,
        upper=health.uncounted_permille,
        unit="permille",
        evidence=anchor,
    )
    delay: Text = ("not known",)
    if health.longest_delay_ms is not None:
        delay = (length(f"{key}/delay", health.longest_delay_ms, anchor),)
    before: Text = ("not known",)
    if health.statements_before:
        before = (length(f"{key}/silence_before", health.longest_silence_before_ms, anchor),)
    return (
        (Name(source_name(health)),),
        _state(health),
        (count(f"{key}/statements", health.statements, anchor),),
        (count(f"{key}/uncounted", health.uncounted, anchor), " (", share, ")"),
        delay,
        (length(f"{key}/silence", health.longest_silence_ms, anchor),),
        before,
    )


def _fact(number: int, fact: LogFact) -> Text:
    figure = Figure(
        key=f"monitoring/{number}", lower=fact.amount, upper=fact.amount, unit=fact.unit, evidence=(f"M{number}",)
    )
    state = Mark("fault", "bad") if fact.is_fault else Mark("fine", "good")
    return (state, " ", Name(fact.source), ", ", fact.text, ": ", figure)


def source_name(health: SourceHealth) -> str:
    """Return adapter and instance."""
    return health.source if health.instance is None else f"{health.source} on {health.instance}"


def faults(health: SourceHealth) -> list[str]:
    """Return what is wrong with a source, as words; empty: nothing that the statements show."""
    found = []
    if not health.statements:
        found.append("silent")
    elif health.was_silent:
        found.append("possible gap")
    if health.delayed:
        found.append("lagging")
    if health.uncounted:
        found.append("rows not counted")
    if health.borrowed:
        found.append("clock wrong")
    return found


def _state(health: SourceHealth) -> Text:
    found = faults(health)
    if not found:
        return (Mark("healthy", "good"),)
    return sentence(
        *(piece for place, one in enumerate(found) for piece in ((", " if place else ""), Mark(one, "doubt")))
    )


def _ledger(material: Material) -> Block:
    until, end = material.case.complete_until_ms, material.case.report.to_ms
    if until is None:
        return Note(("How far the ledger had come when this was made is not known.",))
    told = moment("ledger/complete_until", until, ("G1",))
    if until < end:
        return Note(
            (
                "The ledger is complete only until ",
                told,
                ", before the end of the incident: make this dossier anew later.",
            )
        )
    return Paragraph(
        (
            "The ledger had taken in everything until ",
            told,
            ", after the end of the incident.",
        )
    )
