"""Sealed statements: only the holder of the private key reads them, and a replay seals the same bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Activity, RawRecord
from streamguard.exposure import Catalogue, Column, Directory, Exposer, Table
from streamguard.sealing import (
    MAX_SEALED_BYTES,
    Opener,
    SealedText,
    Sealer,
    SealError,
    new_key,
    private_pem,
    public_text,
    read_private,
)
from streamguard.sources import Decoder, DecoderConfig
from streamguard.sources.statement import Analyser, Interests

KEY = new_key()
SEALER = Sealer(public_text(KEY), b"a secret of the tests")
OPENER = Opener(KEY)

TEXTS = st.builds(SealedText, st.text(max_size=2_000), st.lists(st.none() | st.text(max_size=50)).map(tuple))


@given(TEXTS)
def test_what_is_sealed_opens_as_it_was(content):
    assert OPENER.open(SEALER.seal(content)) == content


@given(TEXTS, TEXTS)
def test_a_replay_seals_the_same_bytes_and_no_key_is_used_twice(one, other):
    assert SEALER.seal(one) == Sealer(public_text(KEY), b"a secret of the tests").seal(one)
    # Bytes 5 to 37 are the ephemeral key.
    assert (SEALER.seal(one)[5:37] == SEALER.seal(other)[5:37]) == (one == other)


def test_another_secret_seals_otherwise_and_another_key_does_not_open():
    content = SealedText("select email from customers where id = 4711")
    sealed = SEALER.seal(content)
    assert b"4711" not in sealed
    other = Sealer(public_text(KEY), b"another secret").seal(content)
    assert other != sealed
    assert OPENER.open(other) == content
    with pytest.raises(SealError, match="another private key"):
        Opener(new_key()).open(sealed)


@given(st.integers(min_value=0), st.integers(1, 255))
def test_whatever_is_altered_is_noticed(place, by):
    sealed = bytearray(SEALER.seal(SealedText("select 1", ("a",))))
    sealed[place % len(sealed)] ^= by
    with pytest.raises(SealError):
        OPENER.open(bytes(sealed))
    with pytest.raises(SealError):
        OPENER.open(bytes(sealed[: place % len(sealed)]))


def test_what_would_not_fit_beside_others_is_not_kept():
    noise = "".join(chr(33 + (7 * n * n + n // 7) % 90) for n in range(20 * MAX_SEALED_BYTES))
    assert len(SEALER.seal(SealedText("select 1" + " " * MAX_SEALED_BYTES))) < MAX_SEALED_BYTES
    sealed = SEALER.seal(SealedText(noise))
    assert sealed is None or len(sealed) <= MAX_SEALED_BYTES


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_private_key_is_read_back_with_its_passphrase_only(passphrase):
    pem = private_pem(KEY, passphrase)
    assert public_text(read_private(pem, passphrase)) == public_text(KEY)
    with pytest.raises(SealError):
        read_private(pem, "wrong")
    if passphrase is not None:
        with pytest.raises(SealError, match="passphrase"):
            read_private(pem)


@pytest.mark.parametrize("key", ["", "secret", "A" * 44, "é"])
def test_what_is_no_public_key_is_refused(key):
    with pytest.raises(SealError, match="no public key"):
        Sealer(key, b"secret")


def found(sql, parameters=()):
    return Analyser(sealer=SEALER).analyse(sql, "postgres", parameters)


def test_texts_are_sealed_where_data_may_leave_and_a_value_is_missing():
    text = "SELECT email FROM customers WHERE id < 42"
    assert OPENER.open(found(text).sealed) == SealedText(text)
    assert OPENER.open(found("select email from c where id = $1", ("7",)).sealed).parameters == ("7",)
    # Who is told by a hash, and how far by a number, needs no seal.
    interests = Interests.of({"id", "email"}, {"country"}, b"a key of the tests")
    for where, is_told in (
        ("id in (1, 2) and country = 'DE' limit 5", True),
        ("country = 'Île-de-France'", False),
        ("email like 'a_b'", False),
        ("id = 1 and created_at > '2026-01-01'", False),
        (f"id in ({', '.join(map(str, range(1_001)))})", False),
    ):
        analyser = Analyser(interests=interests, sealer=SEALER)
        one = analyser.analyse(f"select email from customers where {where}", "postgres")
        assert (one.sealed is None) == is_told, where
    # What follows is told completely, or tells nothing of anybody.
    for text in ("select email from customers", "insert into t values (1, 'x')", "set x = 7", "select 1"):
        assert found(text).sealed is None, text


def test_sealed_texts_end_in_the_exposure_room_unless_personal_data_was_in_them():
    customers = Table("public.customers", {"id": Column(None), "email": Column("email_address", 2)}, subject_key="id")
    exposer = Exposer(Directory.empty(), Catalogue([("crm", customers)]))
    config = DecoderConfig(subject_key=b"a secret of the tests", seal_public_key=public_text(KEY))
    line = (
        b'{"timestamp":"2026-01-05 09:00:00.000 UTC","user":"ann","dbname":"crm","session_id":"1.1","error_severity":'
        b'"LOG","message":"AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,%s,<none>,5"}'
    )
    sealed = {}
    for columns in (b"id", b"email"):
        [activity] = Decoder(config).decode(
            RawRecord("t", 0, 0, 1, None, line % (b"select %s from customers where id < 9" % columns))
        )
        assert isinstance(activity, Activity)
        assert activity.sealed is not None
        sealed[columns] = exposer.expose(activity).activity.sealed
    assert sealed[b"id"] is None
    assert OPENER.open(sealed[b"email"]).text == "select email from customers where id < 9"
