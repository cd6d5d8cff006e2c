"""The dossier as PDF, archivable (PDF/A) and accessible (PDF/UA); needs the extra ``dossier``.

Set by Typst, which is one wheel with its own fonts. The template ``dossier.typ`` is fixed, and the dossier reaches it
as JSON: no text of it can be taken for markup.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from streamguard.dossier.atoms import Figure, Mark, Moment, Name
from streamguard.dossier.blocks import Bullets, Note, Paragraph, Picture, Table
from streamguard.dossier.typeset import typeset
from streamguard.dossier.written import links, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from streamguard.dossier.atoms import Piece, Text
    from streamguard.dossier.blocks import Block, Dossier


def as_pdf(dossier: Dossier, pictures: Mapping[str, bytes], fonts: Path | None = None) -> bytes:
    """Return the dossier as PDF: the same bytes for the same dossier.

    Parameters
    ----------
    dossier
        What to write. Its date is the moment that it was made for.
    pictures
        SVG by the name of the picture.
    fonts
        Directory of further fonts, for letters that `typeset` does not know.

    Raises
    ------
    KeyError
        If a picture is missing.
    """
    template = files("streamguard.dossier").joinpath("dossier.typ").read_bytes()
    given = {f"{picture.name}.svg": pictures[picture.name] for picture in dossier.pictures()}
    return typeset(template, _plain(dossier), given, fonts)


def _plain(dossier: Dossier) -> dict[str, Any]:
    """Return the dossier as the template takes it: everything is words already."""
    zone = dossier.time_zone
    return {
        "title": dossier.title,
        "incident": dossier.incident_uid,
        "made": _date(dossier.made_ms),
        "made_text": written(Moment(key="now", time_ms=dossier.made_ms), zone),
        "facts": _block(dossier.facts, zone),
        "sections": [
            {
                "anchor": section.anchor,
                "title": section.title,
                "law": section.law.text if section.law else "",
                "blocks": [_block(block, zone) for block in section.blocks],
            }
            for section in dossier.sections
        ],
    }


def _date(time_ms: int) -> dict[str, int]:
    moment = datetime.fromtimestamp(time_ms // 1000, tz=UTC)
    return {name: getattr(moment, name) for name in ("year", "month", "day", "hour", "minute", "second")}


def _block(block: Block, zone: str) -> dict[str, Any]:
    if isinstance(block, Paragraph | Note):
        kind = "note" if isinstance(block, Note) else "paragraph"
        return {"kind": kind, "text": _text(block.text, zone)}
    if isinstance(block, Bullets):
        return {"kind": "bullets", "items": [_text(item, zone) for item in block.items]}
    if isinstance(block, Table):
        rows = [[_text(cell, zone) for cell in row] for row in block.rows]
        return {"kind": "table", "head": block.head, "rows": rows, "numeric": block.numeric}
    if isinstance(block, Picture):
        return {
            "kind": "picture",
            "file": f"{block.name}.svg",
            "caption": _text(block.caption, zone),
            "alternative": "".join(written(piece, zone) for piece in block.alternative),
        }
    items = [
        {
            "anchor": entry.anchor,
            "title": _text(entry.title, zone),
            "lines": [_text(line, zone) for line in entry.lines],
        }
        for entry in block.items
    ]
    return {"kind": "entries", "items": items}


def _text(text: Text, zone: str) -> list[dict[str, Any]]:
    return [_piece(piece, zone) for piece in text]


def _piece(piece: Piece, zone: str) -> dict[str, Any]:
    said: dict[str, Any] = {"kind": "words", "text": written(piece, zone)}
    if isinstance(piece, Figure | Moment):
        said |= {"kind": "figure", "links": [[link.anchor, link.text] for link in links(piece.evidence)]}
    elif isinstance(piece, Mark):
        said |= {"kind": "mark", "tone": piece.tone}
    elif isinstance(piece, Name) and piece.is_code:
        said["kind"] = "code"
    return said
