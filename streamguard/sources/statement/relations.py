"""What a name in FROM stands for: columns that are known one by one, whole base tables, and a rest."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Leaks = frozenset[str]
"""Columns of base tables, as they are told to the world: ``table.column``, ``table.*``, ``column``, ``*``."""

NOTHING: Final[Leaks] = frozenset()

_NO_NAMES: Final[Mapping[str, Leaks]] = MappingProxyType({})


class Relation:
    """A base table, or anything made of base tables (subquery, common table expression, function).

    Flat by construction: a chain of a thousand ``select * from previous`` costs no recursion.

    Parameters
    ----------
    named
        Output columns whose origin is known, by name.
    bases
        Base tables of which every column passes through under its own name.
    blur
        What may be in any column that is neither named nor of a base table.
    """

    __slots__ = ("_everything", "bases", "blur", "named")

    def __init__(self, named: Mapping[str, Leaks] = _NO_NAMES, bases: Leaks = NOTHING, blur: Leaks = NOTHING) -> None:
        self.named = named
        self.bases = bases
        self.blur = blur
        self._everything: Leaks | None = None

    def column(self, column: str) -> Leaks:
        """Return what one column of this relation reveals."""
        if column in self.named:
            return self.named[column]
        if not self.bases:
            return self.blur
        if len(self.bases) == 1:
            return self.blur | {f"{base}.{column}" for base in self.bases}
        return self.blur | {column}

    def everything(self) -> Leaks:
        """Return what ``*`` of this relation reveals."""
        if self._everything is None:
            self._everything = self.blur.union(*self.named.values(), (f"{base}.*" for base in self.bases))
        return self._everything

    def renamed(self, names: Sequence[str]) -> Relation:
        """Return the relation under a list of column names, ``x(a, b)``.

        Names go by position, and positions are unknown behind a ``*``: then every name may be every column.
        """
        if not names:
            return self
        if self.bases or self.blur or len(names) > len(self.named):
            return Relation(blur=self.everything())
        old = list(self.named)
        return Relation(dict(zip([*names, *old[len(names) :]], self.named.values(), strict=True)))


EMPTY: Final = Relation()


def base_table(name: str) -> Relation:
    """Return the relation of a real table or view."""
    return Relation(bases=frozenset((name,)))


def merged(relations: Iterable[Relation]) -> Relation:
    """Return what ``select *`` over several relations yields."""
    several = list({id(relation): relation for relation in relations}.values())
    if len(several) == 1:
        return several[0]
    named: dict[str, Leaks] = {}
    for relation in several:
        for name, leaks in relation.named.items():
            named[name] = named.get(name, NOTHING) | leaks
    return Relation(
        named,
        NOTHING.union(*(relation.bases for relation in several)),
        NOTHING.union(*(relation.blur for relation in several)),
    )


def united(first: Relation, second: Relation) -> Relation:
    """Return the UNION of two relations: position by position where both are known, else all in all."""
    plain = not (first.bases or first.blur or second.bases or second.blur)
    if plain and len(first.named) == len(second.named):
        pairs = zip(first.named.items(), second.named.values(), strict=True)
        return Relation({name: left | right for (name, left), right in pairs})
    return Relation(blur=first.everything() | second.everything())


class Scope:
    """The relations that one SELECT sees by alias, and through it those of the queries around.

    Parameters
    ----------
    outer
        The scope of the query around, which a correlated subquery can refer to.
    """

    __slots__ = ("_all", "_visible", "outer", "relations")

    def __init__(self, outer: Scope | None = None) -> None:
        self.outer = outer
        self.relations: dict[str, Relation] = {}
        self._all: Relation | None = None
        self._visible: Relation | None = None

    def add(self, alias: str, relation: Relation) -> None:
        """Add a relation; without an alias nobody can name it, and a name given twice can mean either."""
        key = alias or f"#{len(self.relations)}"
        here = self.relations.get(key)
        self.relations[key] = relation if here is None else merged((here, relation))
        self._all = self._visible = None

    def find(self, alias: str) -> Relation | None:
        """Return the relation of an alias, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            if alias in scope.relations:
                return scope.relations[alias]
            scope = scope.outer
        return None

    def all(self) -> Relation:
        """Return what ``*`` stands for here."""
        if self._all is None:
            self._all = merged(self.relations.values())
        return self._all

    def unqualified(self, column: str) -> Leaks:
        """Resolve a column name without a table.

        A name that a subquery of this FROM certainly has is that one (SQL forbids ambiguity). Otherwise every
        table in sight may have it, also those of the queries around: told without a table unless there is one.
        """
        here = self.all()
        if column in here.named:
            return here.named[column]
        if self.outer is None:
            return here.column(column)
        if self._visible is None:
            self._visible = merged([here, *self._around()])
        return self._visible.column(column)

    def session_value(self, word: str) -> Leaks:
        """Resolve a word that no base table has as a column: what is made in this FROM may still be called so."""
        here = self.all()
        return here.named.get(word, here.blur)

    def _around(self) -> Iterator[Relation]:
        scope = self.outer
        while scope is not None:
            yield scope.all()
            scope = scope.outer
