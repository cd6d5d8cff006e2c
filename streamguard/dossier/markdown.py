"""The dossier as Markdown; pictures stand beside it as files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamguard.dossier.atoms import Figure, Law, Mark, Moment, Name
from streamguard.dossier.blocks import Bullets, Entries, Note, Paragraph, Picture, Table
from streamguard.dossier.written import links, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.dossier.atoms import Piece, Text
    from streamguard.dossier.blocks import Block, Dossier, Section

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>#|~!])")


def as_markdown(dossier: Dossier, pictures: str = "{name}.png") -> str:
    """Return the dossier as Markdown (GitHub's dialect).

    Parameters
    ----------
    dossier
        What to write.
    pictures
        Where a picture is to be found, with its ``{name}``.
    """
    writer = _Writer(dossier.time_zone, pictures)
    lines = [f"# {dossier.title}", "", *writer.block(dossier.facts)]
    for section in dossier.sections:
        lines += writer.section(section)
    return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, time_zone: str, pictures: str) -> None:
        self._time_zone = time_zone
        self._pictures = pictures

    def section(self, section: Section) -> Iterator[str]:
        law = f" ({section.law.text})" if section.law else ""
        yield f'<a id="{section.anchor}"></a>'
        yield ""
        yield f"## {section.title}{law}"
        yield ""
        for block in section.blocks:
            yield from self.block(block)

    def block(self, block: Block) -> Iterator[str]:
        if isinstance(block, Paragraph):
            yield self._text(block.text)
        elif isinstance(block, Note):
            yield f"> {self._text(block.text)}"
        elif isinstance(block, Bullets):
            yield from (f"- {self._text(item)}" for item in block.items)
        elif isinstance(block, Table):
            yield from self._table(block)
        elif isinstance(block, Picture):
            place = self._pictures.format(name=block.name)
            yield f"![{self._plain(block.alternative)}]({place})"
            yield ""
            yield f"*{self._text(block.caption)}*"
        else:
            yield from self._entries(block)
        yield ""

    def _table(self, table: Table) -> Iterator[str]:
        columns = len(table.rows[0]) if table.rows else len(table.head)
        yield _row(table.head or [""] * columns)
        yield _row(["---:" if column in table.numeric else "---" for column in range(columns)])
        for row in table.rows:
            yield _row([self._text(cell) for cell in row])

    def _entries(self, entries: Entries) -> Iterator[str]:
        for entry in entries.items:
            yield f'- <a id="{entry.anchor.lower()}"></a>**{entry.anchor}** {self._text(entry.title)}'
            yield from (f"  - {self._text(line)}" for line in entry.lines)

    def _text(self, text: Text) -> str:
        return "".join(map(self._piece, text))

    def _plain(self, text: Text) -> str:
        return escaped("".join(written(piece, self._time_zone) for piece in text))

    def _piece(self, piece: Piece) -> str:
        words = written(piece, self._time_zone)
        if isinstance(piece, Figure | Moment):
            found = ", ".join(f"[{link.text}](#{link.anchor.lower()})" for link in links(piece.evidence))
            return f"{words}<sup>{found}</sup>" if found else words
        if isinstance(piece, Mark):
            return f"**{words}**"
        if isinstance(piece, Name):
            return code(words) if piece.is_code else escaped(words)
        return words if isinstance(piece, Law) else escaped(words)


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Return text that Markdown shows as it stands."""
    return _SPECIAL.sub(r"\\\1", text)


def code(text: str) -> str:
    """Return text as a code span, whatever backticks it holds. A bar would end the cell of a table."""
    text = text.replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
