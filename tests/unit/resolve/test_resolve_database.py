"""What a database says of a question is passed on only if it can quote nobody's value."""

from __future__ import annotations

import psycopg
import pymysql
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from streamguard.resolve.database import kind_of, said_by
from streamguard.resolve.errors import ResolveError


def of(error: Exception) -> str:
    return said_by(DBAPIError("select 1", {"a": "alice@example.com"}, error))


def test_errors_that_quote_values_are_named_by_their_code():
    quoted = psycopg.errors.InvalidTextRepresentation('invalid input syntax for type bigint: "alice@example.com"')
    assert of(quoted) == "error 22P02 (InvalidTextRepresentation)"
    assert of(pymysql.err.DataError(1292, "Truncated incorrect DOUBLE value: 'alice'")) == "error 1292 (DataError)"
    assert "alice" not in said_by(OperationalError("select 1", {"a": "alice"}, None))


def test_what_helps_is_told():
    assert (
        of(psycopg.errors.UndefinedTable('relation "x" does not exist\nLINE 1: ...')) == 'relation "x" does not exist'
    )
    assert of(pymysql.err.ProgrammingError(1146, "Table 'crm.x' doesn't exist")) == "Table 'crm.x' doesn't exist"
    assert "statement timeout" in of(psycopg.errors.QueryCanceled("canceling statement due to statement timeout"))


def test_a_data_source_name_is_told_without_its_password():
    assert kind_of("mariadb://ann:hunter2@db/crm") == ("mysql", "crm", "mysql://db/crm")
    with pytest.raises(ResolveError):
        kind_of("oracle://ann:hunter2@db/crm")
