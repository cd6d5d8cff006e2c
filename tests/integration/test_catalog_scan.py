"""A catalogue drafted from real servers: it loads, it judges rightly, no row was read for it, and drift is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from streamguard.activity import Activity, Origin, Verdict
from streamguard.cli import app
from streamguard.discovery import DiscoveryError
from streamguard.discovery.server import connect
from streamguard.discovery.survey import survey
from streamguard.exposure import Catalogue, Directory, Exposer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servers.mariadb import MariaDBServer
    from servers.postgres import PostgresServer

pytestmark = pytest.mark.timeout(300)

TABLES = """
create table kunden (
    kundennr int primary key, vorname varchar(50), nachname varchar(50), geb_dat date, e_mail varchar(100),
    plz varchar(10), ort varchar(50), land char(2), newsletter boolean, bemerkung text, angelegt_am timestamp
);
create table bestellungen (
    id int primary key, kundennr int not null, status varchar(20), betrag numeric(10, 2), liefer_strasse varchar(99),
    foreign key (kundennr) references kunden (kundennr)
);
create table produits (id int primary key, nom varchar(50), prix numeric(10, 2));
create table employes (
    matricule int primary key, prenom varchar(50), nom varchar(50), date_naissance date, telephone varchar(30),
    salaire numeric(10, 2), pays varchar(30)
);
create table c1 (id int primary key, c17 varchar(100), c18 varchar(5));
create view kontakte as
    select k.kundennr, concat(k.vorname, ' ', k.nachname) as anzeige, upper(k.e_mail) as erreichbar, k.land
    from kunden k;
create view umsatz as
    select k.land, count(*) as zahl, sum(b.betrag) as summe
    from kunden k join bestellungen b on b.kundennr = k.kundennr group by k.land;
create view kontakte_de as select anzeige, erreichbar from kontakte where land = 'DE';
"""

ROWS = "insert into kunden (kundennr, e_mail) values " + ", ".join(f"({n}, 'p{n}@example.com')" for n in range(1234))

CATEGORIES = {
    "kunden": {
        "kundennr": "customer_number",
        "vorname": "name",
        "nachname": "name",
        "geb_dat": "date_of_birth",
        "e_mail": "email_address",
        "plz": "postal_address",
        "ort": "postal_address",
        "land": "location",
        "newsletter": None,
        "angelegt_am": None,
    },
    "bestellungen": {
        "id": None,
        "kundennr": "customer_number",
        "status": None,
        "betrag": None,
        "liefer_strasse": "postal_address",
    },
    "produits": {"id": None, "nom": None, "prix": None},
    "employes": {
        "matricule": "identification_number",
        "prenom": "name",
        "nom": "name",
        "date_naissance": "date_of_birth",
        "telephone": "phone_number",
        "salaire": "financial",
        "pays": "location",
    },
    # Its name says nothing: the comment does.
    "c1": {"id": None, "c17": "email_address"},
    "kontakte": {
        "kundennr": "customer_number",
        "anzeige": "name",
        "erreichbar": "email_address",
        "land": "location",
    },
    "umsatz": {"land": "location", "zahl": None, "summe": None},
    "kontakte_de": {"anzeige": "name", "erreichbar": "email_address"},
}


@dataclass
class Shop:
    """A server with the tables in it, and how it is looked at."""

    dsn: str
    database: str
    prefix: str
    run: Callable[[str], object]
    reads: Callable[[], list[str]]
    """What its audit log says of rows that the scan has read."""


@pytest.fixture
def on_postgres(postgres: PostgresServer) -> Shop:
    server = postgres.start()
    server.script("postgres", f"create schema shop; set search_path = shop; {TABLES} {ROWS}; analyze;")
    server.script("postgres", "comment on column shop.c1.c17 is 'E-mail address of the customer'")
    # A role that may read no table at all can draft the catalogue.
    server.script("postgres", "create role scanner login")

    def reads() -> list[str]:
        lines = [json.loads(line) for line in server.log_lines()]
        scanned = [line for line in lines if line.get("user") == "scanner"]
        assert scanned, "the scan is in the log at all"
        return [line["message"] for line in scanned if "AUDIT" in line["message"] and "shop." in line["message"]]

    dsn = f"postgresql://scanner:geheim@127.0.0.1:{server.port}/crm"
    return Shop(dsn, "crm", "shop.", lambda sql: server.sql("postgres", f"set search_path = shop; {sql}"), reads)


@pytest.fixture
def on_mariadb(mariadb: MariaDBServer) -> Iterator[Shop]:
    mariadb.execute("create database firma; create user scanner identified by 'geheim'", database=None)
    mariadb.execute("grant select, show view, create on firma.* to scanner")
    mariadb.execute(f"{TABLES} {ROWS}; analyze table kunden", database="firma")
    mariadb.execute("alter table c1 modify c17 varchar(100) comment 'E-mail address of the customer'", "firma")

    def reads() -> list[str]:
        mariadb.settle()
        lines = [line for line in mariadb.audit_log.read_text().splitlines() if ",scanner," in line]
        assert lines, "the scan is in the log at all"
        return [line for line in lines if ",READ,firma," in line]

    dsn = f"mysql://scanner:geheim@{mariadb.host}:{mariadb.port}/firma"
    yield Shop(dsn, "firma", "", lambda sql: mariadb.execute(sql, database="firma"), reads)
    mariadb.execute("drop database firma; drop user scanner", database=None)


@pytest.mark.postgres
def test_postgres(on_postgres: Shop, tmp_path: Path) -> None:
    check(on_postgres, tmp_path / "catalogue.yaml", "--schema", "shop")


@pytest.mark.mariadb
def test_mariadb(on_mariadb: Shop, tmp_path: Path) -> None:
    check(on_mariadb, tmp_path / "catalogue.yaml")


def types(shop: Shop, table: str) -> dict[str, str]:
    (database,) = survey(shop.dsn, [shop.prefix.rstrip(".")] if shop.prefix else ())
    (found,) = [one for one in database.tables if one.name == f"{shop.prefix}{table}"]
    return {column.name: column.type for column in found.columns}


@pytest.mark.postgres
def test_types_and_partitions_of_postgres(on_postgres: Shop) -> None:
    on_postgres.run(
        "create type mood as enum ('glad'); create domain mail as text; "
        "create table t (inet inet, macaddr macaddr, uuid uuid, jsonb jsonb, list text[], numeric numeric(3, 1), "
        "bytea bytea, bit bit(1), time time, stamp timestamptz, point point, xml xml, money money, bool bool, "
        "mood mood, mail mail, moods mood[], span interval)"
    )
    assert types(on_postgres, "t") == {
        "inet": "network",
        "macaddr": "network",
        "uuid": "uuid",
        "jsonb": "json",
        "list": "array",
        "numeric": "number",
        "bytea": "binary",
        "bit": "boolean",
        "time": "time",
        "stamp": "timestamp",
        "point": "geometry",
        "xml": "text",
        "money": "number",
        "bool": "boolean",
        "mood": "enum",
        "mail": "text",
        "moods": "array",
        "span": "other",
    }
    # The rows of a partitioned table are in its partitions.
    on_postgres.run(
        "create table parts (id int) partition by range (id); "
        "create table part_1 partition of parts for values from (0) to (9); "
        "insert into parts values (1), (2), (3); analyze part_1"
    )
    (database,) = survey(on_postgres.dsn, ["shop"])
    assert {one.name: one.rows for one in database.tables}["shop.parts"] == 3


@pytest.mark.postgres
def test_a_view_of_postgres_that_cannot_be_traced_goes_by_names(on_postgres: Shop, monkeypatch) -> None:
    monkeypatch.setattr("streamguard.discovery.survey.trace", lambda *_: {})
    (database,) = survey(on_postgres.dsn, ["shop"])
    (kontakte,) = [one for one in database.tables if one.name == "shop.kontakte"]
    assert kontakte.bases == {
        "kundennr": (("shop.kunden", "kundennr"),),
        "land": (("shop.kunden", "land"),),
    }


@pytest.mark.mariadb
def test_types_and_broken_views_of_mariadb(on_mariadb: Shop) -> None:
    on_mariadb.run(
        "create table t (inet6 inet6, uuid uuid, numeric_ decimal(3, 1), blob_ blob, bit_ bit(1), bool_ bool, "
        "tiny tinyint, year_ year, point_ point, set_ set('a'), enum_ enum('x'), stamp datetime, bytes_ varbinary(3))"
    )
    on_mariadb.run("create table gone (a int); create view broken as select a from gone; drop table gone")
    assert types(on_mariadb, "t") == {
        "inet6": "network",
        "uuid": "uuid",
        "numeric_": "number",
        "blob_": "binary",
        "bit_": "boolean",
        "bool_": "boolean",
        "tiny": "integer",
        "year_": "integer",
        "point_": "geometry",
        "set_": "enum",
        "enum_": "enum",
        "stamp": "timestamp",
        "bytes_": "binary",
    }


def check(shop: Shop, path: Path, *options: str) -> None:
    """Scan, judge, change the database, and check."""
    scanned = invoke("scan", "--output", str(path), *options, env={"STREAMGUARD_SCAN_DSN": shop.dsn})
    assert scanned.exit_code == 0, scanned.output
    assert "geheim" not in scanned.output + path.read_text()
    assert shop.reads() == [], "names only, no rows"
    with pytest.raises(DiscoveryError, match=r"(?i)read.only"), connect(shop.dsn) as server:
        server.connection.exec_driver_sql(f"create table {shop.prefix}written (a int)")
    catalogue = Catalogue.load(path)
    drafted = {
        table.name.removeprefix(shop.prefix): {name: column.category for name, column in table.columns.items()}
        for table in catalogue.tables(shop.database)
    }
    assert drafted == CATEGORIES
    judged_rightly(catalogue, shop)
    unchanged = invoke("check", str(path), "--dsn", shop.dsn, "--json", *options)
    assert unchanged.exit_code == 0, unchanged.output
    drift_is_told(shop, path, *options)


def judged_rightly(catalogue: Catalogue, shop: Shop) -> None:
    (kunden,) = catalogue.find(shop.database, f"{shop.prefix}kunden", ())
    assert (kunden.subject_type, kunden.subject_key, kunden.region_column) == ("customer", "kundennr", "land")
    # An estimate of about 1,234, with two digits.
    assert kunden.subjects in {1_100, 1_200, 1_300}
    assert set(kunden.unknown) == {"bemerkung"}
    (bestellungen,) = catalogue.find(shop.database, f"{shop.prefix}bestellungen", ())
    assert (bestellungen.subject_type, bestellungen.subject_key) == ("customer", "kundennr")
    (kontakte,) = catalogue.find(shop.database, f"{shop.prefix}kontakte", ())
    assert (kontakte.subject_type, kontakte.subject_key, kontakte.subjects) == ("customer", "kundennr", kunden.subjects)
    seen = {"customer_number", "date_of_birth", "email_address", "location", "name", "postal_address"}
    assert exposed(catalogue, shop, "kunden", "*") == dict.fromkeys(seen, Verdict.SEEN)
    assert exposed(catalogue, shop, "kunden", "newsletter") == dict.fromkeys(seen, Verdict.NOT_SEEN)
    assert exposed(catalogue, shop, "kunden", "bemerkung") == dict.fromkeys(seen, Verdict.CANNOT_TELL)
    assert exposed(catalogue, shop, "kontakte_de", "*") == dict.fromkeys(("name", "email_address"), Verdict.SEEN)
    assert exposed(catalogue, shop, "produits", "*") == {}


def exposed(catalogue: Catalogue, shop: Shop, table: str, column: str) -> dict[str, Verdict]:
    """Return the verdicts of ``select column from table``."""
    activity = Activity(
        origin=Origin("t", 0, 0, 0, 0),
        time_ms=0,
        source="test",
        user="u",
        statement_key="k",
        database=shop.database,
        tables=(f"{shop.prefix}{table}",),
        columns=(f"{shop.prefix}{table}.{column}",),
        columns_known=True,
    )
    return Exposer(Directory.empty(), catalogue).expose(activity).categories


def drift_is_told(shop: Shop, path: Path, *options: str) -> None:
    shop.run("alter table kunden add column handynummer varchar(30)")
    shop.run("drop view umsatz")
    shop.run("alter table produits drop column prix")
    shop.run("create table bewerber (id int primary key, vorname varchar(9), nachname varchar(9), iban varchar(34))")
    shop.run("drop table c1; create table c1 (id int primary key, c17 int, c18 varchar(5))")
    result = invoke("check", str(path), "--dsn", shop.dsn, "--json", *options)
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    told = {(d["change"], d["table"].removeprefix(shop.prefix), d["column"], *d["categories"]) for d in found["drift"]}
    assert told == {
        ("column_added", "kunden", "handynummer", "phone_number"),
        ("table_removed", "umsatz", None),
        ("column_removed", "produits", "prix"),
        ("table_added", "bewerber", None, "bank_account", "identification_number", "name"),
        ("type_changed", "c1", "c17"),
    }
    assert not found["ok"]
    in_words = invoke("check", str(path), "--dsn", shop.dsn, *options)
    assert in_words.exit_code == 1
    assert f"{shop.prefix}kunden.handynummer is not in the catalogue; it may hold phone_number" in in_words.output
    assert f"{shop.prefix}c1.c17 was text and is integer now" in in_words.output


def invoke(*arguments: str, env: dict[str, str] | None = None):
    return CliRunner(env=env).invoke(app, ["catalog", *arguments])
