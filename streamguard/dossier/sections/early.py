"""How early it could have been known: the incident judged once more under today's and other settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.dossier.atoms import Figure, Name
from streamguard.dossier.blocks import Paragraph, Section, Table
from streamguard.dossier.material import count, length, moment
from streamguard.dossier.replays import mark_key
from streamguard.dossier.sayings import joined, sentence
from streamguard.scope import Bounds

if TYPE_CHECKING:
    from streamguard.dossier.atoms import Text
    from streamguard.dossier.blocks import Block
    from streamguard.dossier.material import Material
    from streamguard.dossier.replays import Replay
    from streamguard.pipeline import HowEarly
    from streamguard.pipeline.hindsight import Spoken

_HOUR_MS = 3_600_000


def early(material: Material) -> Section | None:
    """Write what could have spoken when; None: nothing was judged once more."""
    replays = material.case.replays
    if not replays:
        return None
    blocks: list[Block] = [
        Paragraph(
            sentence(
                "The statements were judged once more. Each row says when a larger or smaller alert budget, or one"
                " detector alone, would first have spoken, and what left between that moment and the finding that"
                " was told. A larger budget means more false alarms on every other day."
            )
        )
    ]
    for number, replay in enumerate(replays, 1):
        for report in replay.reports:
            blocks += _report(replay, report, (f"E{number}",), number)
    return Section(anchor="early", title="How early it could have been known", blocks=tuple(blocks))


def _report(replay: Replay, report: HowEarly, anchor: tuple[str, ...], number: int) -> list[Block]:
    spoken = [one for one in report.marks if one.time_ms is not None]
    silent: list[Text] = [_name(one) for one in report.marks if one.time_ms is None]
    key = f"early/{number}/{report.employee}"
    intro = sentence(
        Name(report.employee),
        ", under ",
        Name(replay.name),
        ": the finding was told ",
        moment(f"{key}/told", report.time_ms, anchor),
        ".",
    )
    rows = tuple(_row(one, key, anchor, replay.people.get(mark_key(report, one.kind, one.name))) for one in spoken)
    head = ("Would have spoken", "First", "Before the finding", "Rows since", "Statements not counted", "People since")
    out: list[Block] = [Paragraph(intro)]
    if rows:
        out.append(Table(head, rows, numeric=(3, 4, 5)))
    if silent:
        out.append(Paragraph(sentence("Silent: ", joined(silent), ".")))
    return out


def _row(one: Spoken, key: str, anchor: tuple[str, ...], people: Bounds | None) -> tuple[Text, ...]:
    mark = f"{key}/{one.kind}/{one.name}"
    before_ms = round((one.hours_before or 0.0) * _HOUR_MS)
    span = length(f"{mark}/before", abs(before_ms), anchor)
    when: Text = ("at the finding",) if before_ms == 0 else (span,) if before_ms > 0 else (span, " later")
    return (
        _name(one),
        (moment(f"{mark}/time", one.time_ms or 0, anchor),),
        when,
        (count(f"{mark}/rows", one.rows, anchor),),
        (count(f"{mark}/uncounted", one.uncounted, anchor),),
        _people(one, mark, anchor, people),
    )


def _people(one: Spoken, mark: str, anchor: tuple[str, ...], people: Bounds | None) -> Text:
    if one.hours_before == 0:
        return (count(f"{mark}/people", 0, anchor),)
    bounds = people or Bounds(one.people_at_least, None)
    return (Figure(key=f"{mark}/people", lower=bounds.lower, upper=bounds.upper, evidence=anchor),)


def _name(one: Spoken) -> Text:
    return ("budget ", Name(one.name)) if one.kind == "budget" else (Name(one.name, is_code=True),)
