"""Planted records: marked in the catalogue, told of every statement that names one, and of no other."""

from __future__ import annotations

import pytest

from streamguard.activity import Activity, Origin, RawRecord
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.located import ConfigurationError
from streamguard.sources import Decoder, DecoderConfig
from streamguard.sources.statement import subject_hash

KEY = b"a key that nobody guesses"
TEXT = f"""\
databases:
  crm:
    tables:
      public.customers:
        columns: {{id: customer_number, email: email_address, ref: none}}
        honey:
          - {{column: ID, keys: [900001, "0900002"]}}
          - {{column: email, keys: [Eve@Example.com], hashes: ["{subject_hash(KEY, "old@example.com")}"]}}
      hr.customers: {{columns: {{id: customer_number}}}}
      public.vip_archive: {{honey: true, columns: {{name: none}}}}
      public.orders: {{columns: {{customer_id: customer_number, price: none}}}}
"""


def load(tmp_path, text=TEXT, **kwargs):
    path = tmp_path / "catalogue.yaml"
    path.write_text(text, encoding="utf-8")
    return Catalogue.load(path, **({"subject_key": KEY} | kwargs))


@pytest.fixture(scope="module")
def touches(tmp_path_factory):
    """Tell whether a statement that PostgreSQL logged touches something planted."""
    catalogue = load(tmp_path_factory.mktemp("honey"))
    decoder = Decoder(DecoderConfig(subject_key=KEY, identifying_columns=catalogue.identifying_columns))
    exposer = Exposer(Directory.empty(), catalogue)

    def touches(statement):
        line = f"2026-11-22 04:00:45.123 UTC [77] ann@crm LOG:  statement: {statement}"
        (activity,) = decoder.decode(RawRecord("log", 0, 0, 0, None, line.encode()))
        assert isinstance(activity, Activity)
        return exposer.expose(activity).honey

    return touches


@pytest.mark.parametrize(
    "statement",
    [
        "select email from customers where id = 900001",
        "select 1 from public.customers c where c.id in (5, 900002)",
        "update customers set ref = 'x' where email = 'eve@EXAMPLE.com'",
        "select id from customers where email like 'old@example.com'",
        "select o.price from orders o join customers c on c.id = o.customer_id where c.id = '900001'",
        "select * from v_customers v, customers where v.id = 900001",
        "select name from vip_archive where name = 'nobody'",
        "copy vip_archive to stdout",
        "delete from public.vip_archive",
        "select price from orders where customer_id in (select name from vip_archive)",
    ],
)
def test_who_names_a_planted_record_has_touched_it(touches, statement):
    assert touches(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "select email from customers where id = 5",
        "select email from customers",
        "copy customers to stdout",
        "select email from customers where id <> 900001",
        "select email from customers where id not in (900001, 900002)",
        "select id from hr.customers where id = 900001",
        "select price from orders where customer_id = 900001",
        "select h.id from hr.customers h, public.customers c where h.id = 900001",
        "select email from customers where ref = '900001'",
        "select 900001",
    ],
)
def test_who_does_not_has_not(touches, statement):
    assert not touches(statement)


def test_a_refused_attempt_is_a_touch(tmp_path):
    denied = Activity(
        origin=Origin("t", 0, 0, 0, 0),
        time_ms=1,
        source="test",
        user="ann",
        statement_key="1",
        database="crm",
        tables=("public.vip_archive",),
        error="42501",
    )
    found = Exposer(Directory.empty(), load(tmp_path)).expose(denied)
    assert (found.honey, found.is_personal) == (True, False)


def test_keys_are_kept_as_hashes_only(tmp_path):
    (table,) = load(tmp_path).find("crm", "public.customers", ())
    assert table.honey.keys == {
        "id": {subject_hash(KEY, "900001"), subject_hash(KEY, "900002")},
        "email": {subject_hash(KEY, "eve@example.com"), subject_hash(KEY, "old@example.com")},
    }
    assert not table.honey.whole_table


def test_without_a_secret_keys_are_refused_and_whole_tables_are_not(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, subject_key=None)
    (mistake,) = caught.value.mistakes
    assert (mistake.line, "sources.subject_key" in mistake.message) == (6, True)
    assert load(tmp_path, subject_key=None, form_only=True).has_honey
    alone = "databases: {crm: {tables: {bait: {honey: true, columns: {a: none}}}}}\n"
    assert load(tmp_path, alone, subject_key=None).has_honey


def test_every_mistake_has_its_line_and_repeats_no_key(tmp_path):
    text = """\
databases:
  crm:
    tables:
      a: {columns: {id: none}, honey: yes please}
      b: {columns: {id: none}, honey: []}
      c:
        columns: {id: none}
        honey: {column: idd, keys: [secret-1]}
      d:
        columns: {id: none}
        honey:
          - {column: id}
          - {keys: [secret-2, true, 1.5, ""]}
          - {column: id, hashes: [secret-3]}
          - {column: id, keys: []}
          - {column: id, key: [secret-4]}
"""
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    found = [(mistake.line, mistake.message) for mistake in caught.value.mistakes]
    assert [line for line, _ in found] == [4, 5, 8, 12, 13, 13, 13, 13, 14, 15, 16, 16]
    messages = "\n".join(message for _, message in found)
    assert "secret" not in messages
    assert "there is no column idd; did you mean id?" in messages
    assert "there is no setting key; did you mean keys?" in messages
