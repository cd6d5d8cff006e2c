"""What must be written to the identities topic so that it says what a file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamguard.exposure.identityrecord import write_person

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamguard.exposure.directory import Person


@dataclass(frozen=True)
class IdentityDiff:
    """Differences between what is and what shall be.

    Attributes
    ----------
    new, gone
        Employees that only one side knows, ordered by id.
    changed
        Before and after, ordered by id.
    same
        How many employees are the same on both sides.
    """

    new: tuple[Person, ...]
    changed: tuple[tuple[Person, Person], ...]
    gone: tuple[Person, ...]
    same: int

    @property
    def count(self) -> int:
        """How many records it takes."""
        return len(self.new) + len(self.changed) + len(self.gone)

    def records(self) -> Iterator[tuple[bytes, bytes | None]]:
        """Yield keys and values. Employees who go come last: a login that moves belongs to somebody at any moment."""
        for person in self.new:
            yield write_person(person)
        for _, person in self.changed:
            yield write_person(person)
        for person in self.gone:
            yield person.employee.id.encode(), None


def identity_diff(now: Iterable[Person], wanted: Iterable[Person]) -> IdentityDiff:
    """Compare what is with what shall be."""
    before = {person.employee.id: person for person in now}
    after = {person.employee.id: person for person in wanted}
    both = sorted(before.keys() & after.keys())
    changed = tuple((before[name], after[name]) for name in both if before[name] != after[name])
    return IdentityDiff(
        new=tuple(after[name] for name in sorted(after.keys() - before.keys())),
        changed=changed,
        gone=tuple(before[name] for name in sorted(before.keys() - after.keys())),
        same=len(both) - len(changed),
    )


def changed_members(before: Person, after: Person) -> tuple[str, ...]:
    """Return the names of the members in which two versions of an employee differ."""
    members = [
        name
        for name in ("group", "time_zone", "account", "start_date")
        if getattr(before.employee, name) != getattr(after.employee, name)
    ]
    return (*members, *(["logins"] if before.logins != after.logins else []))
