"""How one person stands to a claim: certainly among its people, certainly not, or perhaps."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamguard.scope.claim import Claim
    from streamguard.scope.collect import Collected
    from streamguard.scope.spaces import Space, Spaces
    from streamguard.scope.subject import Subject


class Standing(Enum):
    """Whether a person is among the people of a claim."""

    IN = "in"
    PERHAPS = "perhaps"
    OUT = "out"


def standing(subject: Subject, claim: Claim) -> Standing:
    """Return how a person of a claim's space stands to it.

    A table that was read whole holds everybody in it: a person who never was in the table is none to ask about.
    """
    if claim.keys is not None:
        if subject.hash not in claim.keys:
            return Standing.OUT
        return Standing.IN if claim.is_exact else Standing.PERHAPS
    is_there: bool | None = claim.regions is None
    if claim.regions is not None and subject.region is not None:
        is_there = subject.region.casefold() in {region.casefold() for region in claim.regions}
    elif claim.regions is not None:
        is_there = None
    if is_there is False:
        return Standing.OUT
    return Standing.IN if is_there and claim.is_whole and not claim.within else Standing.PERHAPS


class UnclearKeysError(ValueError):
    """The keys could be of several tables, or of none. The message says what to do."""


def space_of_keys(found: Collected, spaces: Spaces, table: str | None) -> Space:
    """Return whose keys are meant.

    Parameters
    ----------
    found
        The exposures that are asked about.
    spaces
        Of the catalogue.
    table
        Name of a table whose key they are, also ``database/table``; None: the only one that the exposures concern.

    Raises
    ------
    UnclearKeysError
        When there is no such table, or more than one.
    """
    concerned = {claim.space.name: claim.space for claim in found.claims if claim.space.has_key}
    if table is None:
        if len(concerned) > 1:
            raise UnclearKeysError(f"say of which table the keys are: {', '.join(sorted(concerned))}")
        if not concerned:
            raise UnclearKeysError("no statement concerns a table whose subject key the catalogue knows")
        return next(iter(concerned.values()))
    database, _, name = table.rpartition("/")
    places = spaces.find(database or None, name)
    if not places:
        raise UnclearKeysError(f"the catalogue has no table {table} with personal data")
    if len(places) > 1:
        raise UnclearKeysError(f"several databases have a table {table}: write database/table")
    return places[0].space
