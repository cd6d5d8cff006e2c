"""The people of the simulated company: who logs in as what, from which group and time zone.

Ids, logins, groups, time zones and start dates are those of ``company_files/identities.yaml``; a test holds the two
together. The simulator keeps its own copy because it has to run where only the package is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import date


class Person(NamedTuple):
    """One account that runs statements: a human, or a service."""

    employee: str
    """Employee id of the directory."""
    login: str
    """The database principal."""
    group: str
    """Peer group: what the person does all day follows from it."""
    zone: str
    """IANA name of the time zone."""
    starts: date | None = None
    """First day at work; None: before the simulation."""


# group -> time zone -> employee ids; everybody's login is the id.
_ROSTER: Final[dict[str, dict[str, str]]] = {
    "support": {
        "Europe/Berlin": "alice.smith ben.fischer carla.weber daniel.koch elif.yilmaz felix.braun "
        "greta.lang hannah.vogel ivan.petrov jana.keller",
        "Europe/London": "karen.jones liam.walker mia.clarke noah.hughes olivia.green peter.shaw",
        "America/New_York": "quinn.taylor rosa.martinez sam.nguyen tara.brooks ursula.king victor.reed "
        "wendy.price xavier.cole",
    },
    "marketing": {
        "Europe/Berlin": "anna.becker bjorn.larsen clara.hoffmann david.roth emma.schulz",
        "America/New_York": "frank.miller gina.lopez henry.ward irene.bell jack.foster",
    },
    "finance": {
        "Europe/Berlin": "katja.neumann lars.wolf marie.krause nils.berger",
        "Europe/London": "oscar.wright paula.evans quentin.hall ruth.baker",
    },
    "data_engineering": {
        "Europe/Berlin": "stefan.huber tina.maier umar.khan vera.lorenz",
        "Europe/London": "will.carter yasmin.ali zoe.parker adam.novak",
    },
    "dba": {"Europe/Berlin": "boris.dietrich conny.seidel", "America/New_York": "derek.stone ella.fox"},
    "service": {"UTC": "api_svc mailer_svc etl_svc bi_svc billing_svc backup_svc"},
}

PEOPLE: Final[tuple[Person, ...]] = tuple(
    Person(employee, employee, group, zone)
    for group, zones in _ROSTER.items()
    for zone, employees in zones.items()
    for employee in employees.split()
)
"""The whole company."""
