"""The dossier of an incident: what a controller must be able to say of it, every number with its evidence.

The contract of this room: a `Case` (an incident, its scope report, what else is known) together with the exposures of
the people concerned gives one `Dossier`; pure, by event time, the same to the byte for the same input. A dossier is
made of sentences and tables whose numbers are values of their own: each says what it counts, how far it is certain and
which entries of the appendix it rests on. Markdown, HTML and PDF are written from this one value.

    Incident, Ledger -> investigate: Case, exposures -> make -> Dossier -> as_files: Markdown, HTML, PDF, JSON
"""

from streamguard.dossier.atoms import Day, Figure, Law, Mark, Moment, Name, Piece, Text
from streamguard.dossier.blocks import Dossier, Section
from streamguard.dossier.case import Case, Controller, LogFact
from streamguard.dossier.exact import Exact
from streamguard.dossier.investigate import Replaying, Wanted, investigate, replayed
from streamguard.dossier.make import make
from streamguard.dossier.replays import Replay

__all__ = [
    "Case",
    "Controller",
    "Day",
    "Dossier",
    "Exact",
    "Figure",
    "Law",
    "LogFact",
    "Mark",
    "Moment",
    "Name",
    "Piece",
    "Replay",
    "Replaying",
    "Section",
    "Text",
    "Wanted",
    "investigate",
    "make",
    "replayed",
]
