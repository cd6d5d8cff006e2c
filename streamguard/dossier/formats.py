"""A dossier as files: which there are, and what stands in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.dossier.draw import draw
from streamguard.dossier.html import as_html
from streamguard.dossier.markdown import as_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from streamguard.dossier.blocks import Dossier

FORMATS: Final = ("md", "html", "pdf", "json")
"""``json`` is the dossier itself: every figure with its key, bounds and evidence."""
_encode = msgspec.json.Encoder(order="deterministic").encode


def as_files(dossier: Dossier, formats: Iterable[str], fonts: Path | None = None) -> dict[str, bytes]:
    """Return files by name; the same bytes for the same dossier.

    Parameters
    ----------
    dossier
        What to write.
    formats
        Of `FORMATS`. Markdown has its pictures beside it.
    fonts
        Directory of further fonts for the PDF.

    Raises
    ------
    ModuleNotFoundError
        If what draws and typesets is not installed: the extra ``dossier``.
    """
    stem = f"incident-{re.sub(r'[^A-Za-z0-9._-]', '-', dossier.incident_uid)}"
    wanted = set(formats)
    pictures = draw(dossier) if wanted & {"html", "pdf"} else {}
    files: dict[str, bytes] = {}
    if "md" in wanted:
        drawn = draw(dossier, "png")
        files |= {f"{stem}-{name}.png": picture for name, picture in drawn.items()}
        files[f"{stem}.md"] = as_markdown(dossier, f"{stem}-{{name}}.png").encode()
    if "html" in wanted:
        files[f"{stem}.html"] = as_html(dossier, pictures).encode()
    if "pdf" in wanted:
        # Typst is a large library; only who wants a PDF loads it.
        from streamguard.dossier.pdf import as_pdf  # noqa: PLC0415

        files[f"{stem}.pdf"] = as_pdf(dossier, pictures, fonts)
    if "json" in wanted:
        files[f"{stem}.json"] = _encode(dossier)
    return files
