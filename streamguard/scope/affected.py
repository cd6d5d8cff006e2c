"""Was I affected: yes, no or cannot tell, from keyed hashes. Who asks is kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.scope.answer import Affected, Answer, Because
from streamguard.scope.collect import Collected, chosen, collect
from streamguard.scope.spaces import Space, Spaces
from streamguard.scope.standing import Standing, space_of_keys, standing
from streamguard.scope.words import answer_why

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence

    from streamguard.activity import Exposure
    from streamguard.exposure import Catalogue
    from streamguard.ledger import Span
    from streamguard.scope.claim import Claim
    from streamguard.scope.group import Group
    from streamguard.scope.resolved import Resolved
    from streamguard.scope.subject import Subject


def affected(
    exposures: Iterable[Exposure],
    catalogue: Catalogue,
    span: Span,
    subjects: Sequence[Subject],
    *,
    employees: Collection[str] | None = None,
    table: str | None = None,
    resolved: Resolved | None = None,
    search_path: tuple[str, ...] = ("public",),
) -> list[Answer]:
    """Answer people, in their order.

    Parameters
    ----------
    exposures, catalogue, span, employees, search_path
        As `scope` takes them.
    subjects
        Who asks. With the region where somebody lives more can be told.
    table
        Of which table's people they are; None: of the only one that the exposures concern.
    resolved
        Everybody whose data left, or may have, where the incident was resolved exactly: then that list decides.

    Raises
    ------
    UnclearKeysError
        When it is not clear whose keys they are.
    """
    spaces = Spaces(catalogue, search_path)
    found = collect(chosen(exposures, span, employees), spaces)
    desk = _Desk(found, space_of_keys(found, spaces, table))
    return [desk.answer(subject, resolved) for subject in subjects]


class _Entry(NamedTuple):
    """A claim of a group of statements."""

    group: Group
    claim: Claim


class _Desk:
    """Knows the claims, by whom they can concern."""

    def __init__(self, found: Collected, space: Space) -> None:
        self._named: dict[str, list[_Entry]] = {}
        self._others: dict[Hashable, _Entry] = {}
        self._elsewhere: list[_Entry] = []
        self._categories = sorted({c for claim in found.claims for c in claim.sure | claim.doubtful})
        for group in found.groups:
            for claim in group.claims:
                self._take(_Entry(group, claim), space)

    def _take(self, entry: _Entry, space: Space) -> None:
        claim = entry.claim
        if claim.space.name != space.name:
            # The same people may stand in another table under another key.
            if claim.space.subject_type == space.subject_type:
                self._elsewhere.append(entry)
        elif claim.keys is None:
            # How somebody stands to it depends on nothing else.
            is_everybody = claim.is_whole and not claim.within
            self._others[entry.group.uid, claim.regions, is_everybody, claim.sure, claim.doubtful] = entry
        else:
            for key in claim.keys:
                self._named.setdefault(key, []).append(entry)

    def answer(self, subject: Subject, resolved: Resolved | None) -> Answer:
        """Return the answer to one person."""
        told: dict[str, Affected] = dict.fromkeys(self._categories, Affected.NO)
        behind: dict[str, tuple[Group, Affected]] = {}
        entries = [
            (e, standing(subject, e.claim)) for e in (*self._named.get(subject.hash, ()), *self._others.values())
        ]
        entries += [(entry, Standing.PERHAPS) for entry in self._elsewhere]
        for (group, claim), stands in entries:
            if stands is Standing.OUT:
                continue
            for category in claim.sure | claim.doubtful:
                is_sure = stands is Standing.IN and category in claim.sure
                told[category] = _stronger(told[category], Affected.YES if is_sure else Affected.CANNOT_TELL)
            is_yes = stands is Standing.IN and bool(claim.sure)
            before = behind.get(group.uid, (group, Affected.NO))[1]
            behind[group.uid] = (group, _stronger(before, Affected.YES if is_yes else Affected.CANNOT_TELL))
        if resolved is not None:
            told = dict.fromkeys(told, Affected.NO) | resolved.get(subject.hash, {})
        answer = Affected.NO
        for found in told.values():
            answer = _stronger(answer, found)
        # A list may be certain where every statement by itself is not.
        strongest = answer if answer in {said for _, said in behind.values()} else Affected.CANNOT_TELL
        because = [_because(g, said) for g, said in behind.values() if said is strongest and answer is not Affected.NO]
        return Answer(answer=answer, categories=told, because=tuple(sorted(because, key=lambda b: int(b.uid[1:]))))


def _stronger(a: Affected, b: Affected) -> Affected:
    for one in (Affected.YES, Affected.CANNOT_TELL):
        if one in {a, b}:
            return one
    return Affected.NO


def _because(group: Group, said: Affected) -> Because:
    return Because(
        uid=group.uid,
        fingerprint=group.example.activity.fingerprint,
        statement=group.example.activity.statement,
        answer=said,
        why=answer_why(group, said),
        statements=group.statements,
        first_ms=group.first_ms,
        last_ms=group.last_ms,
    )
