"""Which columns are keys by their names, so that a range of their numbers is a piece of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.sources.statement.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_NAMES: Final = words("id pk")
_ENDINGS: Final = ("_id", "_pk")
_TIMES: Final = words("date day week month quarter year time hour")
"""``order_date_id`` of a data warehouse is a date: whoever loads day after day does not go through a table."""


def looks_like_key(column: str, own: Collection[str]) -> bool:
    """Whether a column is called like a key: ``id``, ``pk``, ``*_id``, ``*_pk``, or its table's name with ``id``.

    Parameters
    ----------
    column
        Bare name in lower case.
    own
        What `own_keys` says of the tables that it may be of.

    Examples
    --------
    >>> looks_like_key("customer_id", ()), looks_like_key("customerid", own_keys(["customers"]))
    (True, True)
    >>> looks_like_key("paid", own_keys(["payments"])), looks_like_key("order_date_id", ())
    (False, False)
    """
    if column in _NAMES or column in own:
        return True
    return column.endswith(_ENDINGS) and _TIMES.isdisjoint(column.split("_"))


def own_keys(tables: Iterable[str]) -> frozenset[str]:
    """Return the names of keys that are made of the names of their tables, in the singular too."""
    return frozenset(f"{table.removesuffix(plural)}id" for table in tables for plural in ("", "s", "es"))
