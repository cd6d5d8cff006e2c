"""The form of one query: where its rows come from, what they all meet, and what one row of its result stands for."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import msgspec

Ref: TypeAlias = tuple[int, str]
"""A column of a source: (number of the source, bare name)."""


class Source(NamedTuple):
    """A table in FROM. Subqueries and common table expressions are taken apart into theirs."""

    table: str
    """``schema.table`` or ``table``, as written."""
    optional: bool = False
    """Whether a row of the result may be without one of it (outer joins)."""


class Condition(NamedTuple):
    """What every row of one source meets that is in the result."""

    source: int
    kind: str
    """``values``: the column equals one of literals; ``range``: its number is from a literal to another; ``from``: it
    begins at one; ``fixed``: something without literals."""
    text: str
    """The bare name of the column; of ``fixed`` the condition."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a query.

    Parameters
    ----------
    sources
        The tables in FROM.
    named
        Bare names of all tables in the text, those that only conditions ask for included.
    equal
        Pairs of columns that are equal in a row wherever both are there.
    conditions
        Those on one source each that can be told from what an activity holds.
    is_told
        Whether nothing else decides which rows leave: no other condition, no sample, no inner limit.
    is_mixed
        Whether a row may be made of any number of rows, or of none, of any table: aggregates over everything,
        windows that look at other rows, set operations.
    is_grouped
        Whether a row stands for all rows that are alike in ``by`` (GROUP BY, DISTINCT), and for at least one.
    by
        The columns of that.
    by_more
        Whether something else than columns tells groups apart too.
    repeats
        Whether a row may leave several times over (functions that return sets).
    order
        Columns by which the result is ordered.
    has_limit, has_offset
        Whether only some of the rows leave: the first of them, those behind others.
    """

    sources: tuple[Source, ...]
    named: frozenset[str] = frozenset()
    equal: tuple[tuple[Ref, Ref], ...] = ()
    conditions: tuple[Condition, ...] = ()
    is_told: bool = True
    is_mixed: bool = False
    is_grouped: bool = False
    by: frozenset[Ref] = frozenset()
    by_more: bool = False
    repeats: bool = False
    order: tuple[Ref, ...] = ()
    has_limit: bool = False
    has_offset: bool = False
