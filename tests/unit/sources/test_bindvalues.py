"""Bind parameters of pgaudit: they become hashes of people, and nothing else."""

from __future__ import annotations

import pytest

from streamguard.activity import RawRecord
from streamguard.sources import Decoder, DecoderConfig
from streamguard.sources.postgresql.bindvalues import bind_values
from streamguard.sources.statement import subject_hash


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        ("<none>", ()),
        ("<not logged>", ()),
        ("", ()),
        ("7", ("7",)),
        ("7,,x", ("7", None, "x")),
        ('"a, b","c""d"', ("a, b", 'c"d')),
        ("<long param suppressed>,7", (None, "7")),
        ("<long param suppressed>", (None,)),
        ('"cut off', ()),
    ],
)
def test_values_of_a_parameter_field(parameter, values):
    assert bind_values(parameter) == values


LINE = (
    b'{"timestamp":"2026-11-20 10:00:00.000 UTC","user":"alice","dbname":"crm","session_id":"65e1.1","line_num":3,"error_severity":"LOG","message":'
    b'"AUDIT: SESSION,4,1,READ,SELECT,TABLE,public.customers,select name from customers where email = $1 and id = $2'
    b',\\"alice@example.com,42\\",1"}'
)


def test_parameters_are_read_for_identifying_columns_only():
    raw = RawRecord("audit", 0, 0, 0, None, LINE)
    (plain,) = Decoder().decode(raw)
    assert plain.subjects == ()
    config = DecoderConfig(identifying_columns=frozenset({"email"}), subject_key=b"key")
    (found,) = Decoder(config).decode(raw)
    assert found.subjects == (("customers.email", (subject_hash(b"key", "alice@example.com"),)),)
    assert "alice@example.com" not in repr(found)
