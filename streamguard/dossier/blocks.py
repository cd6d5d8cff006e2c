"""The form of a dossier: sections of paragraphs, lists, tables, pictures and entries that can be linked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from streamguard.dossier.atoms import Figure, Law, Moment, Text
from streamguard.dossier.scenes import PeopleScene, UsualScene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.dossier.atoms import Piece


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """Sentences."""

    text: Text


class Note(msgspec.Struct, frozen=True, tag="note"):
    """A sentence that asks the reader to do or to mind something."""

    text: Text


class Bullets(msgspec.Struct, frozen=True, tag="bullets"):
    """A list."""

    items: tuple[Text, ...]


class Table(msgspec.Struct, frozen=True, tag="table"):
    """Rows under headings; without headings, the first column names what the second one says."""

    head: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    numeric: tuple[int, ...] = ()
    """Columns of numbers."""


class Picture(msgspec.Struct, frozen=True, tag="picture", kw_only=True):
    """A picture by what it shows; it is drawn later."""

    name: str
    """Of its file, without ending."""
    caption: Text
    alternative: Text
    """For those who do not see it."""
    scene: UsualScene | PeopleScene


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence."""

    anchor: str
    """``S1``, ``F1``, ...: what figures link to."""
    title: Text
    lines: tuple[Text, ...]


class Entries(msgspec.Struct, frozen=True, tag="entries"):
    """Evidence, each piece with its anchor."""

    items: tuple[Entry, ...]


Block: TypeAlias = Paragraph | Note | Bullets | Table | Picture | Entries


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the dossier under a heading."""

    anchor: str
    title: str
    law: Law | None = None
    """What it answers."""
    blocks: tuple[Block, ...]


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the dossier says. All renderings are made of it, and of nothing else."""

    title: str
    incident_uid: str
    made_ms: int
    """The moment for which it was made: an argument, not this machine's clock."""
    time_zone: str
    """In which moments are written."""
    facts: Table
    sections: tuple[Section, ...]

    def texts(self) -> Iterator[Text]:
        """Yield every text in the order of reading."""
        yield from _texts(self.facts)
        for section in self.sections:
            for block in section.blocks:
                yield from _texts(block)

    def pieces(self) -> Iterator[Piece]:
        """Yield every piece in the order of reading."""
        for text in self.texts():
            yield from text

    def figures(self) -> Iterator[Figure]:
        """Yield every number in the order of reading; one that is told twice comes twice."""
        return (piece for piece in self.pieces() if isinstance(piece, Figure))

    def moments(self) -> Iterator[Moment]:
        """Yield every point in time in the order of reading."""
        return (piece for piece in self.pieces() if isinstance(piece, Moment))

    def pictures(self) -> Iterator[Picture]:
        """Yield the pictures in the order of reading."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Picture):
                    yield block

    def anchors(self) -> Iterator[str]:
        """Yield the anchors of all evidence."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Entries):
                    yield from (entry.anchor for entry in block.items)


def _texts(block: Block) -> Iterator[Text]:
    if isinstance(block, Paragraph | Note):
        yield block.text
    elif isinstance(block, Bullets):
        yield from block.items
    elif isinstance(block, Table):
        for row in block.rows:
            yield from row
    elif isinstance(block, Picture):
        yield block.caption
        yield block.alternative
    else:
        for entry in block.items:
            yield entry.title
            yield from entry.lines
