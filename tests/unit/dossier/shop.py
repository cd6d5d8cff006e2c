"""The scripted incident worked out once more in Python, person by person: the truth for every number of its dossier."""

from __future__ import annotations

from incident.script import CUSTOMERS, JON, JONS_LISTS, MARA, MARAS_LISTS, PAGE_ROWS

from streamguard.incidents import Casebook, Member, Sighting
from streamguard.ledger import Block, LedgerStore, LedgerWriter

_COUNTRIES = [
    "DE",
    "DE",
    "DE",
    "DE",
    "FR",
    "FR",
    "FR",
    "GB",
    "GB",
    "IT",
    "IT",
    "ES",
    "ES",
    "PL",
    "NL",
    "BE",
    "AT",
    "SE",
    "DK",
    "PT",
]
CONTACT = ("customer_number", "email_address", "name")
FETCHED = 500
NAMED = ("DE", "FR", "IT")
"""Countries that statements name."""


def country(customer):
    """Return where a customer of the shop lives (``company.sql``)."""
    return _COUNTRIES[customer * 7919 % 20]


def _living_in(code):
    return [customer for customer in range(1, CUSTOMERS + 1) if country(customer) == code]


def _orders():
    """Return customers with an order over 200 in Italy, one for each order."""
    buyers = (1 + n * n % CUSTOMERS for n in range(1, 100_001) if n % 400 + 0.99 > 200)
    return [customer for customer in buyers if country(customer) == "IT"]


def _together(lists):
    return {customer for some in lists for customer in some}


_ORDERS = _orders()
_MARAS, _BIRTHS, _JONS = _together(MARAS_LISTS[:-1]), set(MARAS_LISTS[-1]), _together(JONS_LISTS)
SHAPES = {
    "S1": (set(_living_in("DE")), CONTACT, "DE", len(_living_in("DE")), 1),
    "S2": (set(_living_in("FR")[: 4 * PAGE_ROWS]), CONTACT, "FR", 5 * PAGE_ROWS, 5),
    "S3": (_MARAS | _JONS, CONTACT, None, 4 * 400 + 2 * 300, 6),
    "S4": (_BIRTHS, ("customer_number", "name", "date_of_birth"), None, 400, 1),
    "S5": (set(_ORDERS), CONTACT, "IT", len(_ORDERS), 1),
    "S6": (set(), (), None, 0, 1),
    "S7": ({1 + 3 * n for n in range(1, FETCHED + 1)}, ("customer_number", "postal_address"), None, FETCHED, 1),
}
"""(whose data left, which categories, the country it names, rows, statements), in the order in which they came."""
DAYS = {
    MARA: {0: (1, 40_000, 0), 1: (5, 20_000, 0), 2: (5, 2_000, 0), 3: (2, len(_ORDERS), 0), 4: (1, 0, 1)},
    JON: {3: (2, 600, 0)},
}
"""(statements, rows counted, statements not counted), by employee and day of the week of the incident."""
WHOSE = {
    MARA: set().union(_MARAS, *(SHAPES[uid][0] for uid in ("S1", "S2", "S4", "S5", "S7"))),
    JON: _JONS,
}


def taken(category=None):
    """Return whose data of a category left; None: of any."""
    return {who for people, which, *_ in SHAPES.values() if category is None or category in which for who in people}


def without_region(category=None):
    """Return whose data left by statements that name no country, and by such statements only."""
    sets = [told for told in SHAPES.values() if category is None or category in told[1]]
    anywhere = {who for people, _, region, *_ in sets if region is None for who in people}
    return anywhere, anywhere - {who for people, _, region, *_ in sets if region is not None for who in people}


def store_of(directory, exposures):
    """Fill a ledger's store."""
    personal = [exposure for exposure in exposures if exposure.is_personal]
    with LedgerWriter(directory) as writer:
        writer.take(0, 1, Block(personal[-1].activity.time_ms, personal))
        writer.commit()
    return LedgerStore(directory)


def incident_of(exposures):
    """Return the incident that two findings make, of Mara on the second day and of Jon: they ran the same statement."""
    book = Casebook()
    for uid, who, told in (("f1", MARA, 3), ("f2", JON, 1)):
        own = [exposure for exposure in exposures if exposure.employee == who and exposure.is_personal]
        times = [exposure.activity.time_ms for exposure in own]
        book.take_finding(
            Member(
                finding_uid=uid,
                employee=who,
                shard=own[0].shard,
                severity="high",
                detectors=("rows_1d",),
                first_ms=times[0],
                last_ms=times[-1],
                told_ms=times[told],
                joined="first",
                message=f"{who} read more than usual.",
                sightings=(Sighting(time_ms=times[told], first_ms=times[0], shapes=("the lists",)),),
            )
        )
    [incident] = book.incidents()
    return incident
