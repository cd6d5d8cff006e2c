"""The dossier as one HTML page: pictures and style are inside, it loads nothing and runs nothing."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from streamguard.dossier.atoms import Figure, Law, Mark, Moment, Name
from streamguard.dossier.blocks import Bullets, Note, Paragraph, Picture, Table
from streamguard.dossier.written import links, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streamguard.dossier.atoms import Piece, Text
    from streamguard.dossier.blocks import Block, Dossier, Entries, Section

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def as_html(dossier: Dossier, pictures: Mapping[str, bytes]) -> str:
    """Return the dossier as a page.

    Parameters
    ----------
    dossier
        What to write.
    pictures
        SVG by the name of the picture.

    Raises
    ------
    KeyError
        If a picture is missing.
    """
    style = files("streamguard.dossier").joinpath("dossier.css").read_text(encoding="utf-8")
    writer = _Writer(dossier.time_zone, pictures)
    title = f"{escape(dossier.title)}: {escape(dossier.incident_uid)}"
    contents = "".join(f'<li><a href="#{one.anchor}">{_heading(one)}</a></li>' for one in dossier.sections)
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        '<head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>",
        f"<style>\n{style}</style></head>",
        f"<body><main><header><h1>{escape(dossier.title)}</h1>",
        *writer.block(dossier.facts),
        f"</header><nav><ol>{contents}</ol></nav>",
        *(line for section in dossier.sections for line in writer.section(section)),
        "</main></body></html>",
    ]
    return "\n".join(lines) + "\n"


def _heading(section: Section) -> str:
    law = f' <span class="law">{escape(section.law.text)}</span>' if section.law else ""
    return f"{escape(section.title)}{law}"


class _Writer:
    def __init__(self, time_zone: str, pictures: Mapping[str, bytes]) -> None:
        self._time_zone = time_zone
        self._pictures = pictures

    def section(self, section: Section) -> Iterator[str]:
        yield f'<section id="{section.anchor}"><h2>{_heading(section)}</h2>'
        for block in section.blocks:
            yield from self.block(block)
        yield "</section>"

    def block(self, block: Block) -> Iterator[str]:
        if isinstance(block, Paragraph):
            yield f"<p>{self._text(block.text)}</p>"
        elif isinstance(block, Note):
            yield f'<p class="note">{self._text(block.text)}</p>'
        elif isinstance(block, Bullets):
            yield f"<ul>{''.join(f'<li>{self._text(item)}</li>' for item in block.items)}</ul>"
        elif isinstance(block, Table):
            yield from self._table(block)
        elif isinstance(block, Picture):
            image = b64encode(self._pictures[block.name]).decode()
            alternative = escape("".join(written(piece, self._time_zone) for piece in block.alternative))
            yield f'<figure><img src="data:image/svg+xml;base64,{image}" alt="{alternative}">'
            yield f"<figcaption>{self._text(block.caption)}</figcaption></figure>"
        else:
            yield from self._entries(block)

    def _table(self, table: Table) -> Iterator[str]:
        if not table.head:
            rows = "".join(f"<tr><th>{self._text(row[0])}</th>{self._cells(row[1:], ())}</tr>" for row in table.rows)
            yield f'<table class="facts">{rows}</table>'
            return
        headings = "".join(
            f"<th{_numeric(place in table.numeric)}>{escape(name)}</th>" for place, name in enumerate(table.head)
        )
        rows = "".join(f"<tr>{self._cells(row, table.numeric)}</tr>" for row in table.rows)
        yield f'<div class="wide"><table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table></div>'

    def _cells(self, row: tuple[Text, ...], numeric: tuple[int, ...]) -> str:
        return "".join(f"<td{_numeric(place in numeric)}>{self._text(cell)}</td>" for place, cell in enumerate(row))

    def _entries(self, entries: Entries) -> Iterator[str]:
        yield '<dl class="evidence">'
        for entry in entries.items:
            lines = "".join(f"<dd>{self._text(line)}</dd>" for line in entry.lines)
            anchor = escape(entry.anchor)
            yield f'<div id="{anchor.lower()}"><dt><b>{anchor}</b> {self._text(entry.title)}</dt>{lines}</div>'
        yield "</dl>"

    def _text(self, text: Text) -> str:
        return "".join(map(self._piece, text))

    def _piece(self, piece: Piece) -> str:
        words = escape(written(piece, self._time_zone))
        if isinstance(piece, Figure | Moment):
            found = " ".join(f'<a href="#{link.anchor.lower()}">{link.text}</a>' for link in links(piece.evidence))
            number = f'<span class="n">{words}</span>'
            return f"{number}<sup>{found}</sup>" if found else number
        if isinstance(piece, Mark):
            return f'<span class="mark {escape(piece.tone)}">{words}</span>'
        if isinstance(piece, Name):
            return f"<code>{words}</code>" if piece.is_code else f'<span class="name">{words}</span>'
        return f'<span class="law">{words}</span>' if isinstance(piece, Law) else words


def _numeric(is_numeric: bool) -> str:
    return ' class="num"' if is_numeric else ""
