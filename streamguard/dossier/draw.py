"""The pictures of a dossier, drawn; needs matplotlib, the extra ``dossier``."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Final, Literal

import matplotlib as mpl

from streamguard.dossier.peoplepicture import draw_people
from streamguard.dossier.scenes import UsualScene
from streamguard.dossier.usualpicture import draw_usual

if TYPE_CHECKING:
    from streamguard.dossier.blocks import Dossier

_DPI: Final = 150
_STYLE: Final = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#b5b5b5",
    "axes.labelcolor": "#3c4450",
    "xtick.color": "#3c4450",
    "ytick.color": "#3c4450",
    "axes.grid": True,
    "grid.color": "#ececec",
    "axes.axisbelow": True,
    "legend.frameon": False,
    # A dollar sign in a name is a dollar sign.
    "text.parse_math": False,
    # Letters as shapes: the page looks the same wherever it is opened.
    "svg.fonttype": "path",
    "svg.hashsalt": "streamguard",
}


def draw(dossier: Dossier, form: Literal["svg", "png"] = "svg") -> dict[str, bytes]:
    """Return every picture by its name; the same bytes for the same dossier.

    Parameters
    ----------
    dossier
        Whose pictures.
    form
        SVG, or PNG where a page cannot show SVG.
    """
    drawn = {}
    # A letter that the font does not have is drawn as a box; the text beside the picture has it.
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        for picture in dossier.pictures():
            scene = picture.scene
            figure = draw_usual(scene) if isinstance(scene, UsualScene) else draw_people(scene)
            out = BytesIO()
            metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
            figure.savefig(
                out, format=form, dpi=_DPI, bbox_inches="tight", pad_inches=0.05, facecolor="white", metadata=metadata
            )
            drawn[picture.name] = out.getvalue()
    return drawn
