"""Log formats: each file turns the neutral stream of moments into the records of one of them.

The contract of this room: one class a format, made with the seed of the simulation; its ``lines`` takes the moments in
their order and gives the records that the product would have written by then, without line ends. A format's name is
that of the adapter that reads it (`streamguard.sources`).
"""

from streamguard.simulate.render.formats import FORMATS, Format, Lines

__all__ = ["FORMATS", "Format", "Lines"]
