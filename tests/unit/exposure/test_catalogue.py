"""The catalogue file, and every mistake in it with its line."""

from __future__ import annotations

import pytest

from streamguard.exposure import CATEGORIES, Catalogue
from streamguard.located import ConfigurationError


def load(tmp_path, text):
    path = tmp_path / "catalogue.yaml"
    path.write_text(text, encoding="utf-8")
    return Catalogue.load(path)


GOOD = """\
databases:
  CRM:
    tables:
      public.Customers:
        subject_type: customer
        subject_key: id
        region_column: country
        subjects: 5000
        columns:
          id: none
          Email: email_address
          iban: {category: bank_account, sensitivity: low}
          country: {category: location}
      contacts: {columns: {mail: email_address}, region: EU}
      public.products: none
"""


def test_good_file(tmp_path):
    catalogue = load(tmp_path, GOOD)
    assert catalogue.databases == ("crm",)
    (customers,) = catalogue.find("crm", "CUSTOMERS", ("public",))
    assert customers.name == "public.customers"
    assert (customers.subject_type, customers.subject_key, customers.region_column) == ("customer", "id", "country")
    assert customers.subjects == 5_000
    assert customers.categories == {"email_address": CATEGORIES["email_address"], "bank_account": 1, "location": 2}
    assert customers.columns["id"].category is None
    (products,) = catalogue.find("crm", "public.products", ("public",))
    assert products.harmless
    assert not products.categories


def test_names_with_and_without_schema_meet_in_the_search_path(tmp_path):
    catalogue = load(tmp_path, GOOD)

    def names(table, path=("public",), database="crm"):
        return [found.name for found in catalogue.find(database, table, path)]

    assert names("customers") == names("public.customers") == ["public.customers"]
    assert names("customers", ("app", "public")) == ["public.customers"]
    assert names("customers", ("app",)) == names("app.customers") == []
    assert names("contacts") == names("public.contacts") == ["contacts"]
    assert names("customers", database=None) == ["public.customers"]
    assert names("customers", database="other") == []


def test_every_mistake_is_reported_at_once_with_its_line(tmp_path):
    text = """\
databases:
  crm:
    tables:
      public.a:
        subject_key: idd
        region: EU
        region_column: id
        subjects: many
        columns:
          id: none
          mail: email_adress
          phone: {category: phone_number, sensitivity: extreme}
          born:
          card: {sensitivity: low}
          Mail: name
      public.b: {}
      public.c: {columns: {}}
      public.d: {column: {a: name}}
      Public.A: none
  shop: {}
databasses: {}
"""
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    found = "\n".join(f"{mistake.line} {mistake.message}" for mistake in caught.value.mistakes)
    for expected in (
        "5 there is no column idd; did you mean id?",
        "6 give region or region_column, not both",
        "8 subjects must be a whole number",
        "11 there is no category email_adress; did you mean email_address?",
        "12 there is no sensitivity extreme",
        "13 born needs a category",
        "14 category is missing",
        "15 the column Mail is there twice",
        "16 a table must list its columns",
        "17 a table must list its columns",
        "18 there is no setting column; did you mean columns?",
        "19 the table Public.A is there twice",
        "20 tables must be a mapping",
        "21 there is no setting databasses; did you mean databases?",
    ):
        assert expected in found
    assert [mistake.line for mistake in caught.value.mistakes] == [5, 6, 8, *range(11, 18), 18, 18, 19, 20, 21]
    assert str(caught.value).splitlines()[0].endswith("catalogue.yaml:5: there is no column idd; did you mean id?")


def test_columns_that_nobody_has_decided_on_are_listed_but_count_as_not_listed(tmp_path):
    text = """\
databases:
  crm:
    tables:
      t:
        subject_key: id
        columns:
          id: {category: unknown, type: integer}
          mail: {category: email_address, type: text}
          note: unknown
          made: {category: none, type: timestamp}
"""
    (table,) = load(tmp_path, text).find("crm", "t", ())
    assert set(table.columns) == {"mail", "made"}
    assert table.unknown == {"id": "integer", "note": None}
    assert (table.columns["mail"].type, table.columns["made"].type) == ("text", "timestamp")
    assert table.subject_key == "id"
    with pytest.raises(ConfigurationError, match="no column type varchar"):
        load(tmp_path, text.replace("type: text", "type: varchar"))


def test_a_name_may_begin_with_its_database(tmp_path):
    text = """\
databases:
  crm: {tables: {customers: {columns: {mail: email_address}}}}
  dwh: {tables: {sales.people: {columns: {name: name}}}}
"""
    catalogue = load(tmp_path, text)

    def names(database, table):
        return [found.name for found in catalogue.find(database, table, ("public",))]

    assert names("crm", "CRM.customers") == names("other", "crm.customers") == names(None, "crm.customers")
    assert names("crm", "crm.customers") == ["customers"]
    assert names("x", "dwh.sales.people") == ["sales.people"]
    assert names("crm", "dwh.people") == []
