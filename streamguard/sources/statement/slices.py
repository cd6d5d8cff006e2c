"""Where the piece that one text takes begins and where the next one would: rows in clear, ids as keyed hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.statement.subjects import place_hash

if TYPE_CHECKING:
    from streamguard.sources.statement.literals import Literals
    from streamguard.sources.statement.pieces import Piece
    from streamguard.sources.statement.ranges import Place


def slice_of(piece: Piece, literals: Literals, key: bytes | None) -> tuple[str, str] | None:
    """Return both places, None where a number is not there, is none, or leaves nothing to take.

    Parameters
    ----------
    piece
        What the template says.
    literals
        Of the text.
    key
        Of the hashes; without one ids are not told.
    """
    begin, behind = _number(piece.begin, literals), _number(piece.next, literals)
    if begin is None or behind is None or (behind >= begin if piece.is_down else behind <= begin):
        return None
    if not piece.are_ids:
        return str(max(begin, 0)), str(behind)
    return None if key is None else (place_hash(key, begin), place_hash(key, behind))


def _number(place: Place, literals: Literals) -> int | None:
    total = place.more
    for sign, marks in ((1, place.marks), (-1, place.less)):
        for mark in marks:
            number = literals.number(mark)
            if number is None:
                return None
            total += sign * number
    return total
