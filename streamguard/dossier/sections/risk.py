"""Whether the people concerned may have to be told (Article 34), and that the breach is documented (Article 33(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import Verdict
from streamguard.dossier.atoms import Law
from streamguard.dossier.blocks import Bullets, Paragraph, Section
from streamguard.dossier.sayings import VERDICTS, sentence
from streamguard.exposure import CATEGORIES
from streamguard.exposure.categories import SPECIAL_CATEGORIES
from streamguard.findings.plain import category

if TYPE_CHECKING:
    from streamguard.dossier.atoms import Text
    from streamguard.dossier.blocks import Block
    from streamguard.dossier.material import Material

_GRAVE: Final = 3
_PROFILE: Final = 3
"""From so many categories of the same people on they make a picture of a person."""


def risk(material: Material) -> Section:
    """Write what speaks for a high risk; the decision is the controller's."""
    reasons = _reasons(material)
    blocks: list[Block] = [
        Paragraph(
            sentence(
                "Where a breach is likely to result in a high risk to the rights and freedoms of people, they have to"
                " be told without undue delay. Speaking for a high risk here:"
            )
        ),
        Bullets(tuple(reasons) or (("nothing in the categories seen by itself",),)),
        Paragraph(
            sentence(
                "Nobody needs to be told if the data are unintelligible to whoever has them (encryption), if measures"
                " taken since make the high risk unlikely, or, with a public communication instead, if it would take"
                " disproportionate effort (",
                Law("Article 34(3)"),
                "). A message to them says in clear and plain language what happened, and gives the contact point, the"
                " likely consequences and the measures. StreamGuard does not decide this.",
            )
        ),
    ]
    return Section(
        anchor="risk", title="Do the people concerned have to be told?", law=Law("Article 34"), blocks=tuple(blocks)
    )


def _reasons(material: Material) -> list[Text]:
    report = material.case.report
    open_scopes = [one for one in report.categories if one.verdict is not Verdict.NOT_SEEN]
    found: list[Text] = []
    for scope in open_scopes:
        if scope.category in SPECIAL_CATEGORIES:
            law = Law("Article 10" if scope.category == "criminal_record" else "Article 9")
            found.append((category(scope.category), " (", VERDICTS[scope.verdict], "): a special category under ", law))
        elif CATEGORIES.get(scope.category) == _GRAVE:
            found.append(
                (
                    category(scope.category),
                    " (",
                    VERDICTS[scope.verdict],
                    "): of high sensitivity",
                )
            )
    if len(open_scopes) >= _PROFILE:
        found.append(("several categories of the same people: together they allow identity theft or a profile",))
    figure = material.bounded("people", report.people, material.proofs.exposing(), "person")
    found.append(sentence("the number of people: ", figure))
    found.append(("the data were read by somebody inside, who may have meant to: intent cannot be excluded",))
    return found


def documentation(material: Material) -> Section:
    """Write what documents the breach."""
    del material
    return Section(
        anchor="documentation",
        title="Documentation",
        law=Law("Article 33(5)"),
        blocks=(
            Paragraph(
                sentence(
                    "The controller documents every breach, notified or not: the facts, the effects and the remedial"
                    " action, so that the authority can verify it. This dossier is such a document for the facts;"
                    " every number in it links to its evidence below. What is marked as to be completed is missing."
                )
            ),
        ),
    )
