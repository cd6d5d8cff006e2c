"""What repeats from statement to statement: names and symbols, worked out once.

A cache of pure functions of an exposure: it never changes a result, and is no part of the state.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final
from zlib import crc32

from streamguard.activity import Verdict
from streamguard.baseline.codec import clip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.activity import Activity, Exposure

TABLE: Final = 0
CATEGORIES: Final = 1
CLIENT: Final = 2
PROGRAM: Final = 3
STATEMENT: Final = 4
"""Places in :data:`~streamguard.baseline.habits.ATTRIBUTES`."""
TABLE_BYTES: Final = 64
CATEGORY_BYTES: Final = 32
REGION_BYTES: Final = 16
_MOST_TABLES: Final = 16
_MOST_CACHED: Final = 20_000
_DIGITS: Final = re.compile(r"\d+")
_PORT: Final = re.compile(r"^([^:]+|\[.*\]):\d+$")


class Symbol:
    """Something that can be new to an employee: its attribute, 32 bits that stand for it, both in one, its name."""

    __slots__ = ("attribute", "code", "name", "number")

    def __init__(self, attribute: int, name: str) -> None:
        self.attribute = attribute
        self.name = clip(name, TABLE_BYTES)
        digest = blake2b(name.encode("utf-8", "replace"), digest_size=4, person=b"symbol-%d" % attribute).digest()
        self.number = int.from_bytes(digest, "little")
        self.code = attribute << 32 | self.number


class Shape:
    """The parts of an exposure that are the same every time a statement is run."""

    __slots__ = ("categories", "database", "named", "names", "regions", "seed", "symbols", "tables", "verdicts")

    def __init__(self, exposure: Exposure) -> None:
        activity = exposure.activity
        self.database, self.named = activity.database, activity.tables
        self.categories = exposure.categories
        self.regions = exposure.regions
        self.tables = _unique(_table_name(activity.database, table) for table in activity.tables)
        self.verdicts = {clip(name, CATEGORY_BYTES): exposure.categories[name] for name in sorted(exposure.categories)}
        self.names = _unique(clip(region, REGION_BYTES) for region in exposure.regions)
        self.symbols = self._find_symbols(activity)
        fingerprint = activity.fingerprint
        self.seed = 0 if fingerprint is None else crc32(fingerprint.encode("utf-8", "replace"))
        """Tells chains of pieces apart."""

    def fits(
        self, database: str | None, tables: tuple[str, ...], categories: dict[str, Verdict], regions: tuple[str, ...]
    ) -> bool:
        """Whether a statement of the same fingerprint is of this shape."""
        # What comes from the same cache is the same object, and needs no look inside.
        return (
            (self.named is tables or self.named == tables)
            and (self.categories is categories or self.categories == categories)
            and self.database == database
            and (self.regions is regions or self.regions == regions)
        )

    def _find_symbols(self, activity: Activity) -> tuple[Symbol, ...]:
        found = [Symbol(TABLE, table) for table in self.tables[:_MOST_TABLES]]
        exposed = [name for name, verdict in self.verdicts.items() if verdict is not Verdict.NOT_SEEN]
        if exposed:
            found.append(Symbol(CATEGORIES, ", ".join(exposed)))
        if activity.fingerprint is not None:
            found.append(Symbol(STATEMENT, activity.fingerprint))
        return tuple(found)


class Place:
    """From where a statement came, and through which program."""

    __slots__ = ("application", "client", "program", "symbols")

    def __init__(self, client: str | None, application: str | None) -> None:
        self.client = client
        self.application = application
        # Versions, process numbers and windows' titles are in these names.
        self.program = Symbol(PROGRAM, _DIGITS.sub("#", application)) if application else None
        found = (Symbol(CLIENT, network(client)) if client else None, self.program)
        self.symbols = tuple(symbol for symbol in found if symbol is not None)


class Shapes:
    """Finds the shape and the place of exposures."""

    def __init__(self) -> None:
        self._shapes: dict[object, Shape] = {}
        self._places: dict[tuple[str | None, str | None], Place] = {}

    def shape(self, exposure: Exposure) -> Shape:
        """Return the shape of an exposure; equal for equal ones as long as the cache lasts."""
        activity = exposure.activity
        key: object = (activity.fingerprint, activity.database, activity.tables)
        found = self._shapes.get(key)
        if found is not None and not found.fits(
            activity.database, activity.tables, exposure.categories, exposure.regions
        ):
            # The same statement with other verdicts: it failed, or the catalogue changed.
            key = (key, exposure.regions, tuple(sorted(exposure.categories.items())))
            found = self._shapes.get(key)
        if found is None:
            if len(self._shapes) >= _MOST_CACHED:
                self._shapes.clear()
            found = self._shapes[key] = Shape(exposure)
        return found

    def place(self, activity: Activity) -> Place:
        """Return the place of an activity."""
        key = (activity.client, activity.application)
        found = self._places.get(key)
        if found is None:
            if len(self._places) >= _MOST_CACHED:
                self._places.clear()
            found = self._places[key] = Place(*key)
        return found


def network(client: str) -> str:
    """Return the network of a client: /24 of an IPv4 address, /48 of an IPv6 one; a host's name as it is."""
    bare = _PORT.sub(r"\1", client).strip("[]")
    try:
        address = ip_address(bare)
    except ValueError:
        return client.lower()
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def _table_name(database: str | None, table: str) -> str:
    return clip(f"{database}.{table}" if database else table, TABLE_BYTES)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
