"""From the normalised text of a statement to the form of its query, cached by text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import sqlglot

from streamguard.scope.forming import Former, NoForm, query_of
from streamguard.sources.statement.bodies import body_of
from streamguard.sources.statement.hostile import is_hostile
from streamguard.sources.statement.meaning import numbered
from streamguard.sources.statement.tables import shorten
from streamguard.sources.statement.verbs import classify

if TYPE_CHECKING:
    from streamguard.scope.shape import Shape

_CACHE_SIZE: Final = 20_000


@lru_cache(maxsize=_CACHE_SIZE)
def shape_of(text: str, dialect: str) -> Shape | None:
    """Return the form of a normalised statement, None if it is not one query that a grammar understands.

    Parameters
    ----------
    text
        As in `Activity.statement`.
    dialect
        sqlglot's name of the SQL dialect.
    """
    text = text.rstrip("; ")
    if ";" in text or text.endswith("..."):
        return None
    body = body_of(text, classify(text).verb)
    if body.query is None or is_hostile(body.query, dialect):
        return None
    for as_number in (False, True):
        try:
            tree = sqlglot.parse_one(numbered(body.query, 0, as_number=as_number), read=dialect)
            shorten(tree)
            return Former(tree).form(query_of(tree))
        except NoForm:
            return None
        except Exception:  # noqa: BLE001, S112 -- as in `meaning`: a compiled parser over attackers' texts
            continue
    return None
