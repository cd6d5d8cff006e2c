"""One column: its name, type, comment and table, and the formula of the confidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.discovery.facts import ColumnFacts
from streamguard.discovery.naming import ABBREVIATED, ABOUT, OTHER_WORD, Company
from streamguard.discovery.recognise import COMMENT, DOUBT, HARMLESS, PERSONAL, Recogniser
from streamguard.exposure import CATEGORIES
from streamguard.exposure.catalogue import COLUMN_TYPES

PEOPLE, UNCLEAR, THINGS = Company.PEOPLE, Company.UNCLEAR, Company.THINGS
NAMED = 0.95
"""Weight of a name that the lexicon says nothing else of."""


def guess(recogniser, name, type_="text", company=UNCLEAR, comment=None):
    return recogniser.recognise(ColumnFacts(name, type_, comment), company)


@pytest.mark.parametrize(
    ("name", "confidence"),
    [
        ("email", NAMED),
        ("private_email", NAMED),
        ("email_2", NAMED),
        ("customer_email", NAMED),
        ("frobnicated_email", NAMED * OTHER_WORD),
        ("email_bounced_reason", NAMED * ABOUT * OTHER_WORD),
        ("em", NAMED * ABBREVIATED),
    ],
)
def test_the_formula_of_a_name(recogniser, name, confidence):
    assert recogniser._namer.read(tuple(name.split("_")), UNCLEAR)["email_address"].confidence == pytest.approx(
        confidence
    )


def test_a_comment_adds_to_the_name(recogniser):
    assert guess(recogniser, "c17", comment="E-Mail-Adresse").confidence == pytest.approx(COMMENT * NAMED)
    both = guess(recogniser, "mail", comment="e-mail address of the customer")
    assert both.category == "email_address"
    assert both.confidence == pytest.approx(1 - (1 - 0.85) * (1 - COMMENT * NAMED))


def test_the_type_must_be_plausible(recogniser):
    assert guess(recogniser, "email", "text").category == "email_address"
    assert guess(recogniser, "email", "boolean", PEOPLE).category == "none"
    assert guess(recogniser, "email_count", "integer", PEOPLE).category == "none"
    assert guess(recogniser, "birth", "date").category == "date_of_birth"
    assert guess(recogniser, "birth", "boolean", PEOPLE).category == "none"
    assert guess(recogniser, "anything", "network").category == "ip_address"
    # A special category is one as a yes or no, too.
    assert guess(recogniser, "schwerbehindert", "boolean").category == "health"


def test_a_name_is_a_persons_only_among_people(recogniser):
    assert guess(recogniser, "name", company=PEOPLE).category == "name"
    assert guess(recogniser, "name", company=THINGS).category == "none"
    unclear = guess(recogniser, "name", company=UNCLEAR)
    assert (unclear.category, unclear.perhaps) == ("unknown", "name")
    assert guess(recogniser, "customer_name", company=THINGS).category == "name"
    assert guess(recogniser, "product_name", company=PEOPLE).category != "name"


def test_free_text_is_never_harmless(recogniser):
    for company in Company:
        for name in ("notes", "bemerkung", "备注", "comment_text"):
            assert guess(recogniser, name, company=company).category != "none"


def test_a_number_that_points_elsewhere_is_not_the_thing_itself(recogniser):
    assert guess(recogniser, "email_id", "text").category == "email_address"
    assert guess(recogniser, "address_id", "integer", PEOPLE).category == "unknown"
    # But a number from a short list says it as well as a word.
    assert guess(recogniser, "gender_id", "integer", PEOPLE).category == "gender"


def test_keys_of_people(recogniser):
    assert guess(recogniser, "cust_id", "integer").category == "customer_number"
    assert guess(recogniser, "patient_uuid", "uuid").category == "identification_number"
    assert guess(recogniser, "number_of_dependents", "integer").category != "identification_number"
    assert guess(recogniser, "customer_order_id", "integer").category == "unknown"


def test_the_prefix_of_a_table_says_nothing(recogniser):
    column = ColumnFacts("per_nombre", "text")
    assert (
        recogniser.recognise(column, PEOPLE, "per").confidence
        > guess(recogniser, "per_nombre", "text", PEOPLE).confidence
    )
    # Unless it does.
    content = ColumnFacts("comment_content", "text")
    assert recogniser.recognise(content, UNCLEAR, "comment").category == "communication_content"


@given(
    name=st.text(max_size=40),
    comment=st.none() | st.text(max_size=60),
    type_=st.sampled_from(COLUMN_TYPES),
    company=st.sampled_from(Company),
)
def test_any_column_gets_a_guess_that_keeps_to_the_rules(lexicon, name, comment, type_, company):
    found = Recogniser(lexicon).recognise(ColumnFacts(name, type_, comment), company)
    assert found.category in {*CATEGORIES, "none", "unknown"}
    assert 0 <= found.confidence <= 1
    if found.category in CATEGORIES:
        assert found.confidence >= PERSONAL
    elif found.category == "none":
        assert found.confidence >= HARMLESS
    else:
        assert found.perhaps is None or DOUBT <= found.confidence < PERSONAL
    assert comment is None or len(comment) < 4 or comment not in found.because, "texts of a database stay there"
