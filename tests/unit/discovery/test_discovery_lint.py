"""Warnings about what is probably not meant, each with its line."""

from __future__ import annotations

import pytest

from streamguard.discovery import lint
from streamguard.located import ConfigurationError

ODD = """\
databases:
  CRM:
    tables:
      public.Customers:
        subject_key: id
        columns:
          id: customer_number
          Email: none
          phone: email_address
          created_at: none
          email_verified: none
          bio: unknown
      public.t:
        columns: {a: unknown}
      public.products: none
      public.good:
        subject_key: id
        region: EU
        subjects: 5
        columns: {id: none, vorname: name}
"""


def test_warnings_with_their_lines(tmp_path, lexicon):
    path = tmp_path / "catalogue.yaml"
    path.write_text(ODD)
    found = [(warning.line, warning.message) for warning in lint(path, lexicon)]
    assert [line for line, _ in found] == [4, 4, 8, 9, 13]
    messages = "\n".join(message for _, message in found)
    for expected in (
        "public.Customers holds personal data and has no region or region_column (where they live), no subjects",
        "public.Customers has columns that are unknown: bio",
        'Email is none, but its name says email_address (named "email")',
        'phone is email_address, but its name says phone_number (named "phone")',
        "no column of public.t is decided",
    ):
        assert expected in messages


def test_mistakes_come_first(tmp_path, lexicon):
    path = tmp_path / "catalogue.yaml"
    path.write_text("databases: {crm: {tables: {t: {columns: {a: e-mail}}}}}")
    with pytest.raises(ConfigurationError, match="there is no category e-mail"):
        lint(path, lexicon)
