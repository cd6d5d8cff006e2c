"""Typesetting by Typst: files held in memory to PDF, whatever letters are in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import typst

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_STANDARDS: Final = ("a-2a", "ua-1")
_FIRST_RARE: Final = 0x02B0
"""All fonts that Typst brings have the Latin letters before it."""
_encode = msgspec.json.Encoder(order="deterministic").encode


def typeset(template: bytes, told: Any, pictures: Mapping[str, bytes], fonts: Path | None = None) -> bytes:
    """Return a PDF (PDF/A and PDF/UA): the same bytes for the same arguments.

    A letter that no font has would make a PDF that cannot be archived: it is written as ``[U+738B]``.

    Parameters
    ----------
    template
        In Typst's language; it reads ``dossier.json``.
    told
        Plain data for the template.
    pictures
        Further files by name.
    fonts
        Directory of fonts besides those that Typst brings: these have Latin, Greek, Cyrillic, Hebrew, Arabic letters.
    """
    encoded = _encode(told)
    try:
        return _compile({"main.typ": template, "dossier.json": encoded, **pictures}, fonts)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
    letters = sorted({letter for letter in encoded.decode() if ord(letter) >= _FIRST_RARE})
    names = {ord(letter): f"[U+{ord(letter):04X}]" for letter in letters if not _has(letter, fonts)}
    encoded = encoded.decode().translate(names).encode()
    return _compile({"main.typ": template, "dossier.json": encoded, **pictures}, fonts)


def _compile(told: Mapping[str, bytes], fonts: Path | None) -> bytes:
    # The library takes files held in memory, and does not say so in its annotations.
    compile_: Callable[..., bytes] = typst.compile
    paths = [] if fonts is None else [str(fonts)]
    return compile_(told, format="pdf", ignore_system_fonts=True, font_paths=paths, pdf_standards=list(_STANDARDS))


def _has(letter: str, fonts: Path | None) -> bool:
    """Tell whether any font has a letter: a document of it alone can be archived."""
    template = b'#set document(title: "x", date: datetime(year: 2026, month: 1, day: 1))\n#json("dossier.json")'
    try:
        _compile({"main.typ": template, "dossier.json": _encode(letter)}, fonts)
    except typst.TypstError:
        return False
    return True
