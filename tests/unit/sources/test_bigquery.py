"""BigQuery: Cloud Audit Logs of today and of before 2019."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Activity, RawRecord, Rejected, RowsQuality
from streamguard.sources import Decoder, read_records
from streamguard.sources.assemble import Assembler

SAMPLES = Path(__file__).parents[2] / "samples" / "bigquery"
DOCS = "derived-from-docs-ways-out.ndjson"
IBM = "ibm-guardium-cloud-audit.ndjson"
PANTHER = "panther-audit.ndjson"

EXPECTED = {
    DOCS: {"bigquery": 14, "result_fetch": 3, "maintenance": 1, "statement_start": 1},
    IBM: {
        "bigquery": 63,
        "administration": 11,
        "statement_start": 12,
        "parent_statement": 2,
        "dry_run": 1,
        "missing_user": 1,
    },
    PANTHER: {"bigquery": 4, "administration": 2, "dry_run": 1},
}


def decode(value):
    [outcome] = Decoder().decode(RawRecord("audit", 0, 0, 0, 1_795_400_000_000, value))
    return outcome


def outcomes_of(name):
    return [decode(value) for value in read_records(SAMPLES / name)]


def test_every_file_is_tested():
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    tally = Counter(o.source if isinstance(o, Activity) else o.reason for o in outcomes_of(name))
    assert tally == EXPECTED[name]


def test_an_ended_job_of_the_real_records():
    activity = outcomes_of(IBM)[70]
    assert (activity.user, activity.client) == ("user@test.com", "148.64.7.102")
    assert activity.application.startswith("Mozilla/5.0 (Windows NT 10.0; Win64; x64)")
    assert (activity.instance, activity.database) == ("my-gcp-project", "bigquery-public-data")
    assert activity.statement_key == "my-gcp-project/bquxjob_1d6e8072_180796104fe"
    assert (activity.verb, activity.export, activity.error) == ("SELECT", None, None)
    assert (activity.rows, activity.rows_quality) == (1_553_461, RowsQuality.EXACT)
    assert (activity.bytes, activity.duration_ms) == (77_340_422, 9_294.0)
    assert (activity.tables, activity.columns_known) == (("fcc_political_ads.file_history",), True)
    assert "fcc_political_ads.file_history.filename" in activity.columns


@pytest.mark.parametrize(
    ("field", "at_least"),
    # formats.md 6.4, as shares of the records that become activities.
    [
        ("user", 1.0),
        ("client", 0.97),
        ("application", 0.98),
        ("tables", 0.6),
        ("statement", 0.9),
        ("rows", 0.29),
        ("bytes", 0.28),
    ],
)
def test_coverage_of_the_real_records(field, at_least):
    activities = [o for name in (IBM, PANTHER) for o in outcomes_of(name) if isinstance(o, Activity)]
    told = sum(getattr(activity, field) not in {None, ()} for activity in activities)
    assert told / len(activities) >= at_least


def test_lowered_keys_change_nothing():
    records = [orjson.loads(value) for value in read_records(SAMPLES / DOCS)]
    for record in records:
        assert decode(orjson.dumps(_lowered(record))) == decode(orjson.dumps(record))


def _lowered(value):
    if isinstance(value, dict):
        return {key.lower(): _lowered(inner) for key, inner in value.items()}
    return [_lowered(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("index", "verb", "export", "tables", "columns"),
    [
        (0, "EXPORT DATA", "unload", ("crm.customers",), ("crm.customers.*",)),
        (
            1,
            "CREATE TABLE AS",
            "create_table_as",
            ("crm.customers", "hr.staff", "scratch.leak"),
            ("crm.customers.*", "hr.staff.*"),
        ),
        (2, "EXPORT DATA", "unload", ("crm.customers",), ("crm.customers.email", "crm.customers.phone")),
        (6, "SELECT", "table_api", ("crm.customers",), ()),
        (7, "SELECT", "table_api", ("crm.customers",), ("crm.customers.email",)),
        (16, "SELECT", "table_api", ("crm.customers",), ()),
    ],
)
def test_ways_out_have_no_count(index, verb, export, tables, columns):
    activity = outcomes_of(DOCS)[index]
    assert (activity.verb, activity.export, activity.tables) == (verb, export, tables)
    assert (activity.columns, activity.columns_known) == (columns, bool(columns))
    assert (activity.rows, activity.rows_quality) == (None, RowsQuality.UNBOUNDED)


def test_a_copy_over_projects_is_of_no_single_database():
    assert outcomes_of(DOCS)[1].database is None
    assert outcomes_of(DOCS)[0].database == "acme-dwh"


def test_a_job_and_the_reading_of_its_tables_share_a_key():
    job, table = outcomes_of(DOCS)[3:5]
    assert job.statement_key == table.statement_key == "acme-dwh/j4"
    assert (job.complete, table.complete) == (False, False)
    # A partition of a table is the table.
    assert job.tables == table.tables == ("crm.customers",)
    assert (job.rows, table.rows) == (1, None)
    assert (job.database, table.database) == ("acme-dwh", None)
    assert (job.query_tag, job.duration_ms) == ("team:support,ticket:4711", 2500.0)
    assert table.columns == ("crm.customers.id", "crm.customers.email", "crm.customers.address")
    assert table.columns_known


def test_a_job_and_the_reading_of_its_tables_become_one_statement():
    assembler = Assembler()
    for offset, part in enumerate(outcomes_of(DOCS)[3:5]):
        assembler.feed(msgspec.structs.replace(part, origin=part.origin._replace(offset=offset)))
    assembler.announce_cut()
    assembler.cut()
    [statement] = assembler.take()
    assert (statement.rows, statement.records, statement.tables) == (1, 2, ("crm.customers",))
    assert {"crm.customers.email", "crm.customers.id"} <= set(statement.columns)
    assert (statement.verb, statement.database) == ("SELECT", "acme-dwh")


def test_a_query_that_writes_its_result_to_a_table_is_an_export():
    stored, shown = outcomes_of(DOCS)[5], outcomes_of(DOCS)[3]
    assert (stored.export, stored.rows, stored.rows_quality) == ("create_table_as", 5000, RowsQuality.PRODUCED)
    assert (shown.export, shown.rows_quality) == (None, RowsQuality.EXACT)


def test_a_truncated_list_of_columns_is_not_known():
    assert not outcomes_of(DOCS)[11].columns_known


def test_loading_shows_nobody_anything():
    load = outcomes_of(DOCS)[12]
    assert (load.verb, load.export, load.tables) == ("LOAD", None, ("crm.customers",))
    assert (load.columns, load.columns_known) == ((), True)


def test_a_failed_job_is_an_activity_with_its_error():
    failed = outcomes_of(DOCS)[13]
    assert (failed.error, failed.rows) == ("42501", None)
    assert outcomes_of(IBM)[28].error == "42S02"


def test_the_records_of_before_2019():
    old = outcomes_of(DOCS)[14]
    assert (old.statement_key, old.instance, old.database) == ("acme-dwh/old1", "acme-dwh", "acme-dwh")
    assert (old.rows, old.rows_quality, old.bytes, old.export) == (5000, RowsQuality.EXACT, 52_000, None)
    assert (old.tables, old.columns_known) == (("crm.customers",), True)


def test_a_cached_result_has_no_count_and_an_impersonated_account_a_person_behind_it():
    cached = outcomes_of(DOCS)[18]
    assert (cached.rows, cached.rows_quality) == (None, RowsQuality.UNKNOWN)
    assert (cached.user, cached.proxy_user) == ("etl@acme-dwh.iam.gserviceaccount.com", "ann@example.com")
    # A cached result lists no tables: the text does.
    assert cached.tables == ("crm.customers",)


JOB = orjson.loads(list(read_records(SAMPLES / DOCS))[3])


def test_a_table_of_another_project_is_not_looked_up_in_the_job_s():
    query = JOB["protoPayload"]["metadata"]["jobChange"]["job"]
    text = "select * from `acme-hr.hr.staff` join crm.customers using (id)"
    job = query | {"jobConfig": {"queryConfig": {"query": text}}, "jobStats": {}}
    record = JOB | {"protoPayload": JOB["protoPayload"] | {"metadata": {"jobChange": {"job": job}}}}
    activity = decode(orjson.dumps(record))
    assert (activity.database, activity.tables) == (None, ("crm.customers", "hr.staff"))


def test_other_services_of_google_cloud_are_not_bigquery():
    payload = JOB["protoPayload"] | {"serviceName": "storage.googleapis.com", "metadata": {}}
    outcome = decode(orjson.dumps({"protoPayload": payload}))
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "unsupported_format"


def test_rows_that_are_no_count_are_rejected():
    text = orjson.dumps(JOB).replace(b'"outputRowCount":"1"', b'"outputRowCount":"-5"')
    assert decode(text).reason == "negative_rows"


VALUES = st.none() | st.booleans() | st.integers(-3, 2**60) | st.text(alphabet="ab/.$@_1", max_size=9)


def _paths(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    yield path


PATHS = sorted(path for path in _paths(JOB) if path)


@given(st.sampled_from(PATHS), VALUES | st.lists(VALUES, max_size=2) | st.dictionaries(st.text(max_size=3), VALUES))
def test_no_record_raises(path, value):
    record = orjson.loads(orjson.dumps(JOB))
    place = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    for outcome in Decoder().decode(RawRecord("audit", 0, 0, 0, None, orjson.dumps(record))):
        assert getattr(outcome, "reason", "") != "internal_error"
