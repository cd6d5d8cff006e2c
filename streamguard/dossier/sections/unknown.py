"""What is not known, listed frankly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Account, Verdict
from streamguard.dossier.atoms import Name
from streamguard.dossier.blocks import Bullets, Section
from streamguard.dossier.material import count
from streamguard.dossier.sayings import sentence
from streamguard.dossier.sections.completeness import faults, source_name
from streamguard.findings.plain import category
from streamguard.scope import UNKNOWN_REGION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.dossier.atoms import Text
    from streamguard.dossier.material import Material


def unknown(material: Material) -> Section:
    """Write what the log cannot tell, in this incident first and in general after it."""
    return Section(
        anchor="unknown",
        title="What is not known",
        blocks=(Bullets((*_of_people(material), *_of_log(material), *_always())),),
    )


def _of_people(material: Material) -> Iterator[Text]:
    report, proofs = material.case.report, material.proofs
    for scope in report.categories:
        if scope.verdict is Verdict.CANNOT_TELL:
            doubt = tuple(one.uid for one in scope.evidence if one.verdict is Verdict.CANNOT_TELL)
            amount = sum(one.statements for one in scope.evidence if one.verdict is Verdict.CANNOT_TELL)
            figure = count(f"statements/{scope.category}", amount, doubt or proofs.ledger(), "statement")
            yield ("Whether ", category(scope.category), " left: ", figure, " may have held them.")
    if not report.people.is_exact:
        figure = material.bounded("people", report.people, proofs.exposing(), "person")
        yield ("The exact number of people: it is ", figure, ".")
    hidden = report.regions.get(UNKNOWN_REGION)
    if hidden is not None and (hidden.upper is None or hidden.upper):
        figure = material.bounded(f"people/*/{UNKNOWN_REGION}", hidden, proofs.exposing(), "person")
        yield ("Where some of the people live: ", figure, " without a region in the log.")
    for person in material.people:
        if person.account is not Account.HUMAN:
            yield ("Whose hands ", Name(person.employee), " was in: the directory names no person behind this account.")


def _of_log(material: Material) -> Iterator[Text]:
    uncounted = sum(person.whole.uncounted for person in material.people)
    if uncounted:
        shapes = {shape for person in material.people for shape in person.whole.uncounted_fingerprints}
        figure = count("uncounted", uncounted, material.proofs.of_shapes(shapes), "statement")
        yield ("How many rows left by ", figure, " of these employees: the log does not count them.")
    for number, health in enumerate(material.sources, 1):
        if {"silent", "possible gap"} & set(faults(health)):
            anchor = (f"L{number}",)
            seen = count(f"log/{source_name(health)}/statements", health.statements, anchor, "statement")
            yield sentence(
                "Whether something is missing from ",
                Name(source_name(health)),
                ": ",
                seen,
                " during the incident, and a silence longer than ever before.",
            )
    if any(fact.is_fault for fact in material.case.log_facts):
        yield ("What the sources with a fault would have shown.",)
    if not material.case.replays:
        yield ("How early it could have been known: the incident was not judged once more.",)


def _always() -> Iterator[Text]:
    yield sentence(
        "Which of these statements were ordinary work: everything that the employees read in this time is counted,"
        " whether or not it was part of what they are suspected of."
    )
    yield sentence(
        "What became of the data after it was read: a log of statements shows what a database gave out, not where it"
        " was taken."
    )
    yield ("What was read on systems whose log does not reach StreamGuard, on screens, on paper, or from back-ups.",)
    yield ("Personal data in tables and columns that the catalogue does not list.",)
