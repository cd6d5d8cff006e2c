"""pgaudit's lines as Google Cloud and pgauditlogtofile write them."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from streamguard.activity import Activity, RawRecord, RowsQuality
from streamguard.sources import Decoder, read_records
from streamguard.sources.assemble import Assembler

SAMPLES = Path(__file__).parents[2] / "samples"
GOOGLE = SAMPLES / "gcp-postgresql/derived-from-docs-pgauditentry.ndjson"
LOG_TO_FILE = SAMPLES / "postgresql/derived-from-source-pgauditlogtofile.ndjson"
RECORD = orjson.loads(next(iter(read_records(GOOGLE))))


def outcomes(values):
    return [
        outcome
        for offset, value in enumerate(values)
        for outcome in Decoder().decode(RawRecord("t", 0, 0, offset, None, value))
    ]


def google(**changes):
    payload = RECORD["protoPayload"]
    return outcomes([orjson.dumps(RECORD | {"protoPayload": payload | {"request": payload["request"] | changes}})])[0]


def test_an_entry_of_google():
    activity = outcomes(read_records(GOOGLE))[0]
    assert (activity.source, activity.instance) == ("postgresql.cloudsql", "example:crm-db")
    assert (activity.user, activity.proxy_user, activity.database) == ("alice", "alice@example.com", "finance")
    assert (activity.session, activity.statement_key) == ("2209692", "example:crm-db/2209692/2")
    assert activity.time_ms == 1_795_319_848_833
    assert (activity.verb, activity.tables, activity.columns) == ("SELECT", ("revenue",), ("revenue.*",))
    assert (activity.rows, activity.rows_quality) == (None, RowsQuality.UNKNOWN)


def test_relations_and_chunks_of_one_statement_are_one_activity():
    assembler = Assembler()
    for activity in outcomes(read_records(GOOGLE)):
        assembler.feed(activity)
    assembler.announce_cut()
    assembler.cut()
    _, join, chunked, not_logged, alloydb = assembler.take()
    assert (join.records, join.tables, join.columns_known) == (2, ("public.customers", "public.orders"), True)
    assert (chunked.records, chunked.tables, chunked.columns_known) == (2, ("public.customers",), False)
    assert "region" not in chunked.statement  # the second chunk is no statement
    assert (not_logged.statement, not_logged.tables, not_logged.proxy_user) == (None, ("public.customers",), None)
    assert (alloydb.instance, alloydb.export, alloydb.rows_quality) == ("crm-primary", "copy_to", RowsQuality.UNBOUNDED)


def test_numbers_may_be_texts_and_may_be_missing():
    assert google(statementId="7", substatementId="1").statement_key.endswith("/7")
    assert isinstance(google(chunkCount=None, chunkIndex=None), Activity)
    assert google(user=None).user == "alice@example.com"


@pytest.mark.parametrize("changes", [{"statementId": "x"}, {"statementId": -1}, {"chunkCount": "9" * 30}])
def test_an_impossible_number_is_rejected(changes):
    assert google(**changes).reason == "malformed_audit"


def test_records_of_pgauditlogtofile():
    start, by_id, count, copy, quoted, end = outcomes(read_records(LOG_TO_FILE))
    assert (start.reason, end.reason) == ("connection", "disconnection")
    assert (by_id.source, by_id.user, by_id.database) == ("postgresql.pgauditlogtofile", "alice.smith", "crm")
    assert (by_id.client, by_id.application, by_id.session) == ("10.0.0.9", "crm-ui", "6b026828.49c7")
    assert (by_id.time_ms, by_id.statement_key) == (1_795_319_848_833, "/6b026828.49c7/1")
    assert (by_id.tables, by_id.columns, by_id.rows) == (("public.customers",), ("customers.email", "customers.id"), 1)
    assert (count.rows, count.rows_quality) == (None, RowsQuality.UNKNOWN)  # without log_rows
    assert (copy.rows, copy.rows_quality, copy.export) == (None, RowsQuality.UNBOUNDED, "copy_to")
    assert (quoted.tables, quoted.rows) == (("public.far away",), 3)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"content": '"select 1'}, "malformed_audit"),
        ({"content": "select 1"}, "malformed_audit"),
        ({"content": None}, "missing_field"),
        ({"timestamp": "[invalid timestamp]"}, "invalid_time"),
        ({"custom.object_name": '"public.'}, "malformed_audit"),
    ],
)
def test_a_damaged_record_of_pgauditlogtofile_is_rejected(changes, reason):
    record = orjson.loads(list(read_records(LOG_TO_FILE))[1])
    assert outcomes([orjson.dumps(record | changes)])[0].reason == reason
