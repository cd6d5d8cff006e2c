"""What the incident's employees did during the incident, gathered in one pass over the exposures."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import Account, RowsQuality

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.ledger import Span


class Deed(msgspec.Struct, kw_only=True):
    """Statements on personal data of one employee in one piece of time."""

    statements: int = 0
    rows: int = 0
    """That the log counts."""
    uncounted: int = 0
    """Statements whose rows it does not count."""
    first_ms: int = 0
    last_ms: int = 0
    fingerprints: set[str | None] = msgspec.field(default_factory=set)
    uncounted_fingerprints: set[str | None] = msgspec.field(default_factory=set)

    def add(self, exposure: Exposure) -> None:
        """Take in a statement; in the order of time."""
        activity = exposure.activity
        if not self.statements:
            self.first_ms = activity.time_ms
        self.last_ms = activity.time_ms
        self.statements += 1
        self.rows += activity.rows or 0
        self.uncounted += activity.rows is None
        self.fingerprints.add(activity.fingerprint)
        if activity.rows is None:
            self.uncounted_fingerprints.add(activity.fingerprint)


class Person(msgspec.Struct, kw_only=True):
    """One employee of the incident."""

    employee: str
    peer_group: str
    account: Account
    whole: Deed = msgspec.field(default_factory=Deed)
    days: dict[int, Deed] = msgspec.field(default_factory=lambda: defaultdict(Deed))
    """By behavioural day."""
    applications: set[str] = msgspec.field(default_factory=set)
    clients: set[str] = msgspec.field(default_factory=set)
    tables: set[str] = msgspec.field(default_factory=set)
    databases: set[str] = msgspec.field(default_factory=set)
    exports: dict[str, int] = msgspec.field(default_factory=lambda: defaultdict(int))
    """Statements by the kind of export verb."""


class Deeds:
    """Gathers what each of the incident's employees did during the incident.

    Parameters
    ----------
    employees
        Of the incident.
    span
        Of the incident.
    """

    def __init__(self, employees: tuple[str, ...], span: Span) -> None:
        self._employees = employees
        self._span = span
        self._found: dict[str, Person] = {}
        self.qualities: dict[RowsQuality, int] = dict.fromkeys(RowsQuality, 0)
        """Statements by what their row count is worth."""

    def take(self, exposure: Exposure, day: int | None) -> None:
        """Take in an exposure with its behavioural day; what is not of the incident is left out."""
        activity = exposure.activity
        is_during = self._span.from_ms <= activity.time_ms < self._span.to_ms
        if not is_during or not exposure.is_personal or exposure.employee not in self._employees:
            return
        person = self._found.get(exposure.employee)
        if person is None:
            person = self._found[exposure.employee] = Person(
                employee=exposure.employee, peer_group=exposure.peer_group, account=exposure.account
            )
        person.whole.add(exposure)
        if day is not None:
            person.days[day].add(exposure)
        if activity.application:
            person.applications.add(activity.application)
        if activity.client:
            person.clients.add(activity.client)
        if activity.database:
            person.databases.add(activity.database)
        if activity.export:
            person.exports[activity.export] += 1
        person.tables.update(activity.tables)
        self.qualities[activity.rows_quality] += 1

    def people(self) -> list[Person]:
        """Return the employees in the order in which they came into the incident."""
        return [self._found[employee] for employee in self._employees if employee in self._found]
