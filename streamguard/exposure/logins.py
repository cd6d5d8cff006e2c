"""Who owns which login, at every version of the directory: exact names first, then patterns, the closest scope first.

A table of claims. A claim holds from one version to another, so that the past stays what it was: a record that is
read late, or again, finds the owner of its own time.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec

from streamguard.exposure.patterns import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOR_EVER: Final = 1 << 62

Owner = TypeVar("Owner")
_Scope = tuple[str | None, str | None, str | None]
"""(instance, database, source)."""


class Login(msgspec.Struct, frozen=True, order=True):
    """A database principal; what of the scope is not said holds everywhere.

    Parameters
    ----------
    user
        Its name; with ``is_pattern`` a regular expression (RE2) of the whole name.
    instance, database
        Where it is this person.
    source
        Audit format (``postgresql.jsonlog``) or its family (``postgresql``).
    is_pattern
        Whether ``user`` is a regular expression.
    """

    user: str
    instance: str | None = None
    database: str | None = None
    source: str | None = None
    is_pattern: bool = False


def plain_login(user: str) -> str:
    r"""Return the one form of a login whose case does not count: ``CORP\Bob``, ``BOB@corp`` are ``bob@corp``.

    Examples
    --------
    >>> plain_login("CORP\\Bob"), plain_login("BOB@corp"), plain_login("Bob")
    ('bob@corp', 'bob@corp', 'bob')
    """
    folded = user.casefold()
    domain, slash, name = folded.partition("\\")
    return f"{name}@{domain}" if slash and domain and name else folded


class Claim(Generic[Owner]):
    """That a login belongs to somebody, from version ``since`` until before version ``until``.

    Of several that hold, the one with the highest ``rank`` counts.
    """

    __slots__ = ("owner", "rank", "since", "until")

    def __init__(self, owner: Owner, since: int, rank: int) -> None:
        self.owner = owner
        self.since = since
        self.rank = rank
        self.until = _FOR_EVER

    def holds(self, version: int) -> bool:
        """Whether it holds at a version."""
        return self.since <= version < self.until


class LoginTable(Generic[Owner]):
    """All claims to logins. What it says of a version never changes once later versions are added.

    Parameters
    ----------
    ignore_case
        Whether logins that differ in case, or in the way their domain is written, are the same (`plain_login`).
    """

    def __init__(self, *, ignore_case: bool = False) -> None:
        self.ignore_case = ignore_case
        self._exact: dict[tuple[str, _Scope], list[Claim[Owner]]] = {}
        self._patterns: list[tuple[Pattern, _Scope, Claim[Owner]]] = []
        self._has_scopes = False

    def normal(self, user: str) -> str:
        """Return the form of a login that is compared."""
        return plain_login(user) if self.ignore_case else user

    def claim(self, login: Login, owner: Owner, since: int = 0, rank: int = 0) -> Claim[Owner]:
        """Give a login to somebody from a version on.

        Raises
        ------
        PatternError
            If the login is a pattern that cannot be used.
        """
        scope = (login.instance, login.database, login.source)
        claim = Claim(owner, since, rank)
        if login.is_pattern:
            self._patterns.append((Pattern(login.user, ignore_case=self.ignore_case), scope, claim))
        else:
            self._exact.setdefault((self.normal(login.user), scope), []).append(claim)
            self._has_scopes = self._has_scopes or any(scope)
        return claim

    def matters(self, login: Login, claim: Claim[Owner], rank: int, version: int) -> bool:
        """Whether a claim to a login would go before others, or behind others, if it had another rank.

        Of patterns of one scope any two may match the same names.
        """
        if claim.rank == rank:
            return False
        low, high = sorted((claim.rank, rank))
        return any(
            low < rival.rank <= high and rival is not claim and rival.holds(version) for rival in self._rivals(login)
        )

    def _rivals(self, login: Login) -> Iterator[Claim[Owner]]:
        """Yield all claims, of any version, that a login can have besides."""
        scope = (login.instance, login.database, login.source)
        if login.is_pattern:
            yield from (claim for _, other, claim in self._patterns if other == scope)
        else:
            yield from self._exact.get((self.normal(login.user), scope), ())

    def owner(self, user: str, instance: str | None, database: str | None, source: str, version: int) -> Owner | None:
        """Return who owns a login at a version.

        An exact name goes before patterns. Among either, instance and database, then instance, then database, then
        neither; within that the format, then its family, then any. Then the first of those with the highest rank.
        """
        name = self.normal(user)
        for scope in _scopes(instance, database, source) if self._has_scopes else (_EVERYWHERE,):
            holding = [claim for claim in self._exact.get((name, scope), ()) if claim.holds(version)]
            if holding:
                return max(holding, key=_rank).owner
        return self._by_pattern(user, _scopes(instance, database, source), version) if self._patterns else None

    def _by_pattern(self, user: str, scopes: Iterator[_Scope], version: int) -> Owner | None:
        closeness = {scope: place for place, scope in reversed(list(enumerate(scopes)))}
        best: tuple[int, int] | None = None
        owner: Owner | None = None
        for pattern, scope, claim in self._patterns:
            place = closeness.get(scope)
            if place is None or not claim.holds(version):
                continue
            rank = (-place, claim.rank)
            if (best is None or rank > best) and pattern.is_whole(user):
                best, owner = rank, claim.owner
        return owner


_EVERYWHERE: Final[_Scope] = (None, None, None)
_rank: Final = attrgetter("rank")


def _scopes(instance: str | None, database: str | None, source: str) -> Iterator[_Scope]:
    """Yield the scopes that hold for an activity, the closest first."""
    family = source.partition(".")[0]
    for where in ((instance, database), (instance, None), (None, database), (None, None)):
        for form in (source, family, None):
            yield (*where, form)
