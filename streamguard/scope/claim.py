"""What one statement says of whose data left: a set of people, as far as the log describes it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import msgspec

from streamguard.scope.report import Bounds
from streamguard.scope.spaces import Space


class Page(NamedTuple):
    """Rows of an ordered whole, numbered from 0; ``behind`` is the first that is not taken."""

    order: str
    """Equal for pages of the same whole in the same order, each row of which is another person."""
    first: int
    surely_behind: int
    """Up to there rows certainly left."""
    possibly_behind: int
    is_last: bool
    """Whether the whole certainly ends where the page does."""


class Piece(NamedTuple):
    """The people whose keys are from a number to another, which are known by their hashes only."""

    column: str
    begin: str
    behind: str


class Claim(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """People of one space whose data a statement exposed, or may have exposed.

    Parameters
    ----------
    space
        Whose people.
    size
        How many, by the log.
    most
        How many there can be by the catalogue; None: it does not say.
    sure
        Categories of which everybody in ``size`` certainly lost data.
    doubtful
        Categories of which anybody in it may have.
    within
        Conditions that all of them meet, told apart by their texts; where people live and their keys stand apart.
    regions
        Where all of them live, one of these; None: not known.
    is_whole
        Whether they are everybody of the space who meets the conditions and lives there.
    keys
        Hashes of subject keys among which all of theirs are; None: not known.
    is_exact
        Whether they are exactly those.
    same
        Equal for statements that return the same people as long as the table has the same rows; None: not known.
    page, piece
        The part of a larger whole that they are.
    is_counted
        Whether the log counts the rows.
    how
        In what way the log shows how many they are: see `streamguard.scope.words`.
    """

    space: Space
    size: Bounds
    sure: frozenset[str]
    doubtful: frozenset[str]
    within: frozenset[str] = frozenset()
    regions: frozenset[str] | None = None
    is_whole: bool = False
    keys: frozenset[str] | None = None
    is_exact: bool = False
    same: Hashable = None
    page: Page | None = None
    piece: Piece | None = None
    is_counted: bool = False
    most: int | None = None
    how: str = "rows"
    tables: tuple[str, ...] = ()
