"""A real database's log read as in production, and its people asked for: what the tests of `resolve` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.activity import Exposure, RawRecord
from streamguard.exposure import Catalogue, Column, Directory, Exposer, Table
from streamguard.pipeline import OriginReader, OriginTools
from streamguard.resolve.database import open_database
from streamguard.resolve.plan import Planner
from streamguard.resolve.report import Resolution, resolution_of
from streamguard.resolve.resolver import Planned, Resolved, Resolver, plan_all
from streamguard.sealing import Opener, new_key, public_text
from streamguard.sources import Decoder, DecoderConfig
from streamguard.sources.statement import Interests

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY = b"the secret of the shop's subject hashes"
PRIVATE = new_key()
COUNTRIES = ("AT", "BE", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "PL", "PT", "SE")
PERSONAL = {"email": Column("email_address", 2), "phone": Column("phone_number", 2), "name": Column("name", 1)}
HARMLESS = dict.fromkeys(("id", "street", "city", "country", "birth_date", "created_at", "segment"), Column(None))
HARMLESS |= dict.fromkeys(("postal_code", "national_id"), Column(None))
INVOICES = {"name": Column("name", 1)} | dict.fromkeys(("id", "customer_id", "amount"), Column(None))


def catalogue(schema: str = "") -> Catalogue:
    """Return what is known of the CRM, whose tables are in a schema or in none."""
    tables = (
        Table(
            f"{schema}customers",
            PERSONAL | HARMLESS,
            subject_type="customer",
            subject_key="id",
            region_column="country",
            subjects=5_000,
        ),
        Table(f"{schema}invoices", INVOICES, subject_type="customer", subject_key="customer_id", subjects=600),
        Table(
            f"{schema}v_contact",
            {"id": Column(None), "email": Column("email_address", 2)},
            subject_type="customer",
            subject_key="id",
            subjects=5_000,
        ),
        Table(f"{schema}orders", dict.fromkeys(("id", "customer_id", "status", "total"), Column(None)), harmless=True),
    )
    return Catalogue(("crm", table) for table in tables)


def exposures_of(lines: Iterable[bytes], known: Catalogue, *, seal: bool) -> list[Exposure]:
    """Return the exposures of personal data in a log."""
    config = DecoderConfig(
        identifying_columns=known.identifying_columns,
        neutral_columns=known.region_columns,
        subject_key=KEY,
        seal_public_key=public_text(PRIVATE) if seal else None,
    )
    reader = OriginReader(OriginTools(decoder=Decoder(config), exposer=Exposer(Directory.empty(), known)))
    for offset, line in enumerate(lines):
        reader.read(RawRecord("audit", 0, 0, offset, None, line))
    reader.announce_cut()
    reader.cut()
    return [exposure for exposure in reader.take().exposures if exposure.is_personal]


class Run(NamedTuple):
    """One incident resolved."""

    planned: Planned
    resolved: Resolved
    resolution: Resolution


def resolve(
    exposures: list[Exposure],
    known: Catalogue,
    dsn: str,
    dialect: str,
    search_path: tuple[str, ...],
    seal: bool = False,
) -> Run:
    """Plan and ask everything."""
    interests = Interests.of(known.identifying_columns, known.region_columns, KEY)
    planner = Planner(known, search_path, dialect, interests, Opener(PRIVATE) if seal else None)
    planned = plan_all(exposures, planner, "crm")
    with open_database(dsn, 30) as database:
        resolver = Resolver(database, known, KEY)
        resolver.look_up(planned.plans, lambda _: None)
        resolved = resolver.resolve(planned.plans, lambda: None)
        resolution = resolution_of(
            resolved.tally,
            resolved.settled,
            as_of=database.now(),
            database="crm",
            is_replica=database.is_replica(),
            elsewhere=planned.elsewhere,
        )
    return Run(planned, resolved, resolution)
