"""XML of MySQL Enterprise Audit and Percona Server: two styles, and no parser that could be bombed."""

from __future__ import annotations

import pytest
from reading import decode_one, merged, outcomes_of

from streamguard.activity import Rejected

NEW = "mysql/derived-enterprise-audit-new-style.log"
OLD = "mysql/derived-enterprise-audit-old-style.log"
RECORD = {
    "name": "Query",
    "record": "106_2026-11-22T00:00:00",
    "timestamp": "2026-11-22T04:00:45 UTC",
    "command_class": "select",
    "connection_id": "12",
    "status": 0,
    "sqltext": "select email from customers",
    "user": "ann[ann] @ localhost []",
    "host": "localhost",
    "os_user": "",
    "ip": "",
    "db": "crm",
}


def xml(**changes):
    fields = {k.upper(): v for k, v in (RECORD | changes).items()}
    return "<AUDIT_RECORD>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items()) + "</AUDIT_RECORD>"


def test_both_styles_of_xml():
    [new] = merged(outcomes_of(NEW))
    assert (new.user, new.client, new.tables) == ("alice.smith", "127.0.0.1", ("crm.customers",))
    assert (new.statement, new.records) == ("select email from customers where country <> ? and id < ?", 2)
    [old] = merged(outcomes_of(OLD))
    assert (old.statement, old.error, old.columns) == (
        "select ?, iban from crm.payments",
        "1142",
        ("crm.payments.iban",),
    )


def test_xml_and_json_say_the_same():
    from_json, from_xml = decode_one({"audit_record": RECORD}), decode_one(xml())
    for name in ("user", "client", "time_ms", "tables", "columns", "statement", "session", "error", "database"):
        assert getattr(from_json, name) == getattr(from_xml, name)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "text",
    [
        "<AUDIT_RECORD>",
        xml()[:-5],
        xml() + xml(),
        f"{BOMB}{xml()}",
        f"<?xml version='1.0'?>{BOMB}<AUDIT>{xml(sqltext='&b;')}</AUDIT>",
        "<AUDIT_RECORD NAME='Query'>",
    ],
)
def test_xml_that_is_not_one_whole_record_is_rejected(text):
    found = decode_one(text)
    assert isinstance(found, Rejected)
    assert found.reason in {"malformed_audit", "unknown_format"}


def test_an_entity_of_its_own_stays_what_it_is():
    assert decode_one(xml(sqltext="select 1 &b; &lt; 2")).statement == "select ? &b; < ?"


def test_the_first_element_counts():
    assert decode_one(xml().replace("</AUDIT_RECORD>", "<USER>bob</USER></AUDIT_RECORD>")).user == "ann"
