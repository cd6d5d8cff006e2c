"""Which entries of the appendix a number rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from streamguard.dossier.case import Case
    from streamguard.scope import Evidence


class Proofs:
    """The anchors of the appendix.

    ``S`` statements, ``F`` findings, ``H`` history, ``L`` sources of the log, ``M`` monitoring, ``B`` what is
    usual, ``E`` replays ("early"), ``R`` what was counted in the databases, ``G`` the ledger.

    Parameters
    ----------
    case
        Whose report names its statements already.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._of_shape: dict[str | None, list[str]] = {}
        self._statements: dict[str, Evidence] = {}
        self._exposing: set[str] = set()
        for category in case.report.categories:
            for evidence in category.evidence:
                if evidence.uid not in self._statements:
                    self._statements[evidence.uid] = evidence
                    self._of_shape.setdefault(evidence.fingerprint, []).append(evidence.uid)
                if evidence.verdict is not Verdict.NOT_SEEN:
                    self._exposing.add(evidence.uid)
        self._findings = {member.finding_uid: f"F{n}" for n, member in enumerate(case.incident.members, 1)}

    def statements(self) -> list[Evidence]:
        """Return the statements of the report, each once, in their order."""
        return [self._statements[uid] for uid in in_order(self._statements)]

    def exposing(self) -> tuple[str, ...]:
        """Return the statements that exposed, or may have exposed, personal data; all there are if none did."""
        return in_order(self._exposing) or in_order(self._statements) or self.ledger()

    def at(self, time_ms: int) -> tuple[str, ...]:
        """Return the statements of which this is the first or the last moment; the ledger if there are none."""
        found = {one.uid for one in self._statements.values() if time_ms in {one.first_ms, one.last_ms}}
        return in_order(found & self._exposing) or self.ledger()

    def of_category(self, name: str) -> tuple[str, ...]:
        """Return the statements that say something of a category."""
        for category in self._case.report.categories:
            if category.category == name and category.evidence:
                return tuple(evidence.uid for evidence in category.evidence)
        return self.ledger()

    def of_shapes(self, fingerprints: Collection[str | None]) -> tuple[str, ...]:
        """Return the statements of some shapes."""
        found = {uid for fingerprint in fingerprints for uid in self._of_shape.get(fingerprint, ())}
        return in_order(found) or self.ledger()

    def finding(self, uid: str) -> tuple[str, ...]:
        """Return the finding with this uid."""
        return (self._findings[uid],) if uid in self._findings else self.first_finding()

    def first_finding(self) -> tuple[str, ...]:
        """Return the finding that was told first."""
        members = self._case.incident.members
        first = min(range(len(members)), key=lambda n: (members[n].told_ms, n))
        return (f"F{first + 1}",)

    def ledger(self) -> tuple[str, ...]:
        """Return the entry on the ledger itself."""
        return ("G1",)


def in_order(anchors: Iterable[str]) -> tuple[str, ...]:
    """Sort anchors of one letter by their numbers."""
    return tuple(sorted(anchors, key=lambda anchor: (len(anchor), anchor)))


def history(numbers: Iterable[int]) -> tuple[str, ...]:
    """Return the anchors of changes by their place in the history, from 0."""
    return tuple(f"H{number + 1}" for number in numbers)
