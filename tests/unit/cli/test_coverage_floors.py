"""The records of every format tell at least as much as a prototype that only mapped members got out of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamguard.cli import app

SAMPLES = Path(__file__).parents[2] / "samples"

# Per cent of all records in which the prototype found a field. Here they are shares of the activities: records of which
# none comes (connections, administration) are accounted for and have no fields. Where a floor is missing the prototype
# had the field in records of those kinds only.
FLOORS = {
    "postgresql/generated-pg15-pgaudit1.7-logrows.jsonlog": {
        "user": 92, "client": 97, "application": 87, "tables": 14, "statement": 72, "rows": 42, "bytes": 17
    },
    "cnpg/derived-from-generated-csvlog.ndjson": {
        "user": 92, "client": 97, "application": 87, "tables": 14, "statement": 26, "rows": 26
    },
    "mariadb/generated-mariadb-10.11.19-server_audit.log": {"user": 98, "client": 100, "tables": 26, "statement": 59},
    "mysql/ibm-guardium-enterprise-audit-syslog.log": {"user": 92, "client": 76, "tables": 7, "statement": 69},
    "percona/ibm-guardium-audit-syslog.log": {"user": 92, "client": 76, "tables": 7, "statement": 69},
    # The prototype counted DAS's zeros, which mean "not counted" for writes.
    "aws-das/aws-docs-decrypted.ndjson": {"user": 90, "client": 90, "application": 40, "tables": 60, "statement": 70},
    # What is gathered into one row counts as one there; here it has no count.
    "bigquery/ibm-guardium-cloud-audit.ndjson": {
        "user": 98, "client": 97, "application": 98, "tables": 42, "statement": 82, "rows": 28, "bytes": 28
    },
    "snowflake/panther-queryhistory.ndjson": {"user": 100, "statement": 100},
    "trino/ibm-guardium-event-listener.ndjson": {
        "user": 100, "client": 66, "application": 100, "tables": 40, "columns": 40, "statement": 100
    },
    "trino/bloomberg-query-completed.ndjson": {
        "user": 100, "client": 100, "application": 100, "tables": 100, "columns": 100, "rows": 100, "bytes": 100
    },
    "databricks/ibm-guardium-azure-diagnostic.ndjson": {"user": 95, "statement": 4},
    "mongodb/ibm-guardium-auditlog.ndjson": {"user": 58, "client": 100, "tables": 76, "statement": 67},
    "azure-mysql/ibm-guardium-eventhub.ndjson": {"user": 91, "client": 83, "statement": 75},
    "azure-postgresql/ibm-guardium-eventhub-records.ndjson": {"user": 91, "client": 83, "statement": 75},
}  # fmt: skip


@cache
def shares():
    result = CliRunner().invoke(app, ["normalize", "--json", str(SAMPLES)])
    assert result.exit_code == 0
    totals = json.loads(result.stdout.splitlines()[-1])["totals"]
    return {told["file"].partition("samples/")[2]: told["shares"] for told in totals["by_file"]}


@pytest.mark.parametrize("name", FLOORS)
def test_no_field_is_rarer_than_the_prototype_found_it(name):
    below = {field: shares()[name][field] for field, floor in FLOORS[name].items() if shares()[name][field] < floor}
    assert not below
