"""Every format is understood completely by the adapter of its name, and all of them tell the same."""

from __future__ import annotations

import io
from collections import Counter
from functools import cache

import pytest

from streamguard.activity import RawRecord, Verdict
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.pipeline import OriginReader, OriginTools
from streamguard.simulate import FORMATS, Headcount, Plot, Scenario, World, WorldConfig
from streamguard.sources import Decoder, DecoderConfig, split_records

UNCOUNTED = "backup_svc"
"""Its COPY is counted by products other than PostgreSQL."""


@cache
def company():
    headcount = Headcount(support=6, fraud=3, marketing=3, data_engineering=4, dba=2, finance=2, service=2)
    plots = (Plot(Scenario.STOLEN_CREDENTIAL, 1), Plot(Scenario.OFFSET_PAGING, 1))
    return World(WorldConfig(days=2, evaluate_from_day=1, headcount=headcount, plots=plots, role_changes=0.0))


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Return the exposures and rejected records of the company's log in a format."""

    @cache
    def reading(form):
        folder = tmp_path_factory.mktemp(form)
        (folder / "identities.yaml").write_text(company().identities_yaml())
        (folder / "catalogue.yaml").write_text(company().catalogue_yaml(form))
        catalogue = Catalogue.load(folder / "catalogue.yaml")
        config = DecoderConfig(
            subject_key=b"0123456789abcdef0123456789abcdef",
            identifying_columns=catalogue.identifying_columns,
            neutral_columns=catalogue.region_columns,
        )
        exposer = Exposer(Directory.load(folder / "identities.yaml"), catalogue)
        reader = OriginReader(OriginTools(decoder=Decoder(config), exposer=exposer), format=form)
        for offset, line in enumerate(company().lines(form)):
            reader.read(RawRecord("crm", 0, 0, offset, None, line))
        reader.announce_cut()
        reader.cut()
        return reader.take()

    return reading


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_rejected_and_nothing_in_doubt(read, form):
    assert not read(form).rejected
    for exposure in read(form).exposures:
        activity = exposure.activity
        assert activity.source == form
        assert activity.verb != "UNKNOWN"
        assert activity.fingerprint
        assert activity.columns_known
        assert Verdict.CANNOT_TELL not in exposure.categories.values(), activity.statement


@pytest.mark.parametrize("form", FORMATS)
def test_employees_groups_and_rows_are_those_that_were_simulated(read, form):
    simulated, told = Counter(), Counter()
    for moment in company().moments():
        if moment.statement is not None and moment.statement.tag not in {"COPY", "VACUUM"}:
            simulated[moment.session.person.employee, moment.session.person.role] += moment.statement.rows
    for exposure in read(form).exposures:
        if exposure.activity.verb not in {"COPY", "VACUUM"} and "sql_no_cache" not in exposure.activity.statement:
            told[exposure.employee, exposure.peer_group] += exposure.activity.rows or 0
    told.pop((UNCOUNTED, "service"), None)
    simulated.pop((UNCOUNTED, "service"))
    assert told == simulated


@pytest.mark.parametrize("form", set(FORMATS) - {"ocsf"})
def test_personal_data_clients_and_programs_are_those_of_ocsf(read, form):
    def seen(exposure):
        activity = exposure.activity
        program = activity.application if form != "mysql.slow" else None
        return exposure.employee, activity.client, program, exposure.sensitivity, activity.rows_at_most

    def counted(name):
        personal = (exposure for exposure in read(name).exposures if exposure.is_personal)
        return Counter(seen(exposure) for exposure in personal if exposure.employee != UNCOUNTED)

    assert counted(form) == counted("ocsf")


def test_look_ups_show_whom_they_are_about(read):
    look_ups = [
        exposure.activity
        for exposure in read("ocsf").exposures
        if exposure.peer_group == "support"
        and exposure.activity.rows == 1
        and "where id = ?" in exposure.activity.statement
    ]
    assert look_ups
    customers = [activity for activity in look_ups if "customers" in activity.tables]
    assert all(dict(activity.subjects)["customers.id"] for activity in customers)
    assert len({activity.subjects for activity in customers}) > len(customers) // 2


def test_exports_without_a_count_are_told_as_such(read):
    copies = [e.activity for e in read("ocsf").exposures if e.activity.verb == "COPY" and e.employee == UNCOUNTED]
    assert {(copy.rows, copy.rows_quality.value) for copy in copies} == {(None, "unbounded")}


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_splits_into_the_records_that_were_written(form):
    records = list(company().lines(form))
    assert [
        record.strip() for record in split_records(io.BufferedReader(io.BytesIO(b"\n".join(records) + b"\n")))
    ] == records


def test_opened_sessions_are_closed(read):
    for form in ("postgresql.jsonlog", "postgresql.csvlog"):
        lines = list(company().lines(form))
        opened = sum(b"connection received" in line for line in lines)
        assert opened == sum(b"disconnection: session time" in line for line in lines) > 0
