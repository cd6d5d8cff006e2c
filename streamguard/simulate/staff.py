"""The accounts of the simulated company: who logs in as what, in which role and time zone.

Names depend on nobody else: a larger company has the same people and more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from streamguard.simulate.config import Headcount

ZONES: Final = ("Europe/Berlin", "Europe/London", "America/New_York")
_ZONE_OF_PLACE: Final = (0, 2, 0, 1, 2, 0, 1, 0)
"""Half of the staff is in Berlin, a quarter each in London and New York."""

_FIRST: Final = (
    "alice ben carla daniel elif felix greta hannah ivan jana karen liam mia noah olivia peter quinn rosa sam tara "
    "ursula victor wendy xavier anna bjorn clara david emma frank gina henry irene jack katja lars marie nils oscar "
    "paula quentin ruth stefan tina umar vera will yasmin"
)
_LAST: Final = (
    "smith fischer weber koch yilmaz braun lang vogel petrov keller jones walker clarke hughes green shaw taylor "
    "martinez nguyen brooks king reed price cole becker larsen hoffmann roth schulz miller lopez ward bell foster "
    "neumann wolf krause berger wright evans hall baker huber maier khan lorenz carter ali parker novak dietrich "
    "seidel stone fox adams bauer costa dubois egger fuchs gruber haas iversen jensen kaya lehmann moreau nagy olsen "
    "papadaki quist rossi sato thomsen urban varga winter xu young ziegler arnold busch conti dogan ernst frank graf "
    "horn ivanova jung kern lutz mayer noll otto pohl pinter"
)
_SERVICES: Final = "api backup etl mailer bi billing search crm_sync export ledger scoring cdp"
_FIRST_NAMES: Final = tuple(_FIRST.split())
_LAST_NAMES: Final = tuple(_LAST.split())
_SERVICE_NAMES: Final = tuple(_SERVICES.split())


class Person(NamedTuple):
    """One account that runs statements: a human, or a service."""

    employee: str
    """Employee id of the directory, and the database principal."""
    role: str
    """Role at the beginning of the simulation."""
    zone: str
    """IANA name of the time zone."""


def staff(headcount: Headcount) -> tuple[Person, ...]:
    """Return everybody who works in the company at any time of the simulation."""
    found = []
    for rank, (role, count) in enumerate(msgspec.structs.asdict(headcount).items()):
        for place in range(count):
            if role == "service":
                found.append(Person(_service(place), role, "UTC"))
            else:
                zone = ZONES[_ZONE_OF_PLACE[place % len(_ZONE_OF_PLACE)]]
                found.append(Person(_name(place * 6 + rank), role, zone))
    return tuple(found)


def _name(number: int) -> str:
    """Return the name of a number; different for each, for 48 and 97 have no common divisor."""
    again, number = divmod(number, len(_FIRST_NAMES) * len(_LAST_NAMES))
    name = f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]}.{_LAST_NAMES[number % len(_LAST_NAMES)]}"
    return f"{name}{again + 1}" if again else name


def _service(place: int) -> str:
    again, place = divmod(place, len(_SERVICE_NAMES))
    return f"{_SERVICE_NAMES[place]}{again + 1 if again else ''}_svc"
