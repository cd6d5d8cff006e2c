"""The scripted incident on a real PostgreSQL: what its log says, and what is true.

``exposures`` come from the server's own log through the real decoder, assembler and exposer; the truth comes from the
same tables, by SQL. A run takes some seconds, so the ``incident`` fixture plays it once for all tests. What needs no
server reads the `recorded` exposures: those of such a run, kept beside this file (``python -m incident.record``).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import psycopg
from incident.script import ANYBODY, EVERYBODY, INCIDENT, LEAKED, STEPS
from servers.postgres import DATABASE, OWNER, PostgresServer

from streamguard.activity import Exposure, RawRecord
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.ledger import Span
from streamguard.pipeline import OriginReader, OriginTools
from streamguard.scope import Subject
from streamguard.sources import Decoder, DecoderConfig
from streamguard.sources.statement import subject_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Path(__file__).parent
CATALOGUE = HERE / "catalogue.yaml"
IDENTITIES = HERE / "identities.yaml"
KEY = b"the secret of the shop's subject hashes"
FIRST_DAY = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)


class Truth(msgspec.Struct, frozen=True):
    """Distinct customers whose data left by the statements of the incident."""

    people: int
    regions: dict[str, int]
    categories: dict[str, int]
    """Of every category of which somebody's data left."""
    category_regions: dict[str, dict[str, int]]


class Incident(NamedTuple):
    """The incident as the log tells it, and as it was."""

    server: PostgresServer | None
    """Still running, with the same data; None: recorded."""
    catalogue: Catalogue
    directory: Directory
    key: bytes
    """The secret of the subject hashes."""
    span: Span
    """From the first statement of the incident to behind the last."""
    employees: tuple[str, ...]
    everybody: list[Exposure]
    """Of everybody, in the order of (time, origin)."""
    truth: Truth
    leaked: list[Subject]
    """Customers whose data turned up: Mara's and, fewer, Jon's. With their countries."""
    leaked_keys: tuple[int, ...]
    """The same, as their ids in clear."""
    anybody: list[Subject]
    """As many customers at random."""

    @property
    def exposures(self) -> list[Exposure]:
        """Return those of the employees of the incident."""
        return [exposure for exposure in self.everybody if exposure.employee in self.employees]

    @property
    def dsn(self) -> str:
        """Return where the server listens: for `psycopg`, and for people who may only read."""
        assert self.server is not None
        return f"postgresql://{OWNER}@127.0.0.1:{self.server.port}/{DATABASE}"

    def hash(self, key: int | str) -> str:
        """Return the keyed hash of a customer's id."""
        return subject_hash(self.key, str(key))


def play(server: PostgresServer) -> Incident:
    """Start a server, let the week pass on it, and read its log.

    Parameters
    ----------
    server
        Not started yet; its clock must be movable.
    """
    server.start(EVERYBODY, at=FIRST_DAY - timedelta(days=1))
    server.owner((HERE / "company.sql").read_text())
    for step in STEPS:
        server.at(FIRST_DAY + timedelta(days=step.day, minutes=step.minute))
        server.script(step.who, step.sql, step.application)
    catalogue, directory = Catalogue.load(CATALOGUE, KEY), Directory.load(IDENTITIES)
    everybody = exposures_of(server.log_lines(), catalogue, directory)
    with psycopg.connect(
        host="127.0.0.1", port=server.port, user=OWNER, dbname=DATABASE, options="-c pgaudit.log=none"
    ) as connection:
        truth = truth_of(connection)
        leaked, anybody = (with_regions(connection, keys) for keys in (LEAKED, ANYBODY))
    return told(server, everybody, truth, leaked, anybody)


def told(
    server: PostgresServer | None,
    everybody: list[Exposure],
    truth: Truth,
    leaked: list[Subject],
    anybody: list[Subject],
) -> Incident:
    """Return the incident made of its parts."""
    times = [exposure.activity.time_ms for exposure in everybody if exposure.employee in INCIDENT]
    return Incident(
        server=server,
        catalogue=Catalogue.load(CATALOGUE, KEY),
        directory=Directory.load(IDENTITIES),
        key=KEY,
        span=Span(min(times), max(times) + 1),
        employees=INCIDENT,
        everybody=everybody,
        truth=truth,
        leaked=leaked,
        leaked_keys=LEAKED,
        anybody=anybody,
    )


def exposures_of(lines: Iterable[bytes], catalogue: Catalogue, directory: Directory) -> list[Exposure]:
    """Return the exposures of personal data in a log, in the order of (time, origin)."""
    decoder = Decoder(
        DecoderConfig(
            identifying_columns=catalogue.identifying_columns,
            neutral_columns=catalogue.region_columns,
            subject_key=KEY,
        )
    )
    reader = OriginReader(OriginTools(decoder=decoder, exposer=Exposer(directory, catalogue)))
    for offset, line in enumerate(lines):
        reader.read(RawRecord("audit", 0, 0, offset, None, line))
    reader.announce_cut()
    reader.cut()
    reading = reader.take()
    assert not reading.rejected
    found = [exposure for exposure in reading.exposures if exposure.categories]
    return sorted(found, key=lambda exposure: (exposure.activity.time_ms, exposure.origin))


def truth_of(connection: psycopg.Connection[tuple[object, ...]], employees: tuple[str, ...] = INCIDENT) -> Truth:
    """Return what the statements of some employees exposed, asked of the same tables."""
    connection.execute("create temporary table taken (category text, id bigint)")
    for step in STEPS:
        if step.who in employees:
            for category, whose in step.exposes:
                connection.execute("insert into taken select %s, * from (" + whose + ") as ids", (category,))  # type: ignore[arg-type]
    rows = connection.execute(
        "select coalesce(category, ''), coalesce(country, ''), count(distinct taken.id) from taken"
        " join customers using (id) group by grouping sets ((), (country), (category), (category, country))"
    ).fetchall()
    counts = {(str(category), str(region)): int(str(count)) for category, region, count in rows}
    categories = sorted({category for category, _ in counts if category})
    return Truth(
        people=counts["", ""],
        regions={region: n for (category, region), n in sorted(counts.items()) if region and not category},
        categories={category: counts[category, ""] for category in categories},
        category_regions={
            category: {region: n for (c, region), n in sorted(counts.items()) if region and c == category}
            for category in categories
        },
    )


def with_regions(connection: psycopg.Connection[tuple[object, ...]], keys: Sequence[int]) -> list[Subject]:
    """Return customers by their hashes, with their countries."""
    found = connection.execute("select id, country from customers where id = any(%s)", (list(keys),)).fetchall()
    countries = {int(str(key)): str(country) for key, country in found}
    return [Subject(subject_hash(KEY, str(key)), countries[key]) for key in keys]
