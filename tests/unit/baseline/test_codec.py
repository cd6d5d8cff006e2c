"""Entries of state: what is written is read again, and what is damaged is refused."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.baseline.codec import Kind, Reader, StateError, Writer, clip

DOUBLE = struct.Struct("<d")


@given(
    st.integers(0, 2**70),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
)
def test_what_is_written_is_read_again(count, signed, double, text, raw):
    out = Writer(Kind.TAIL)
    out.count(count)
    out.signed(signed)
    out.fields(DOUBLE, double)
    out.text(text)
    out.raw(raw)
    out.doubles([double, -double])
    source = Reader(out.bytes(), Kind.TAIL)
    assert source.count() == count
    assert source.signed() == signed
    assert source.fields(DOUBLE) == (double,)
    assert source.text() == text
    assert source.raw() == raw
    assert source.doubles(2) == (double, -double)
    source.end()


@given(st.integers(0, 40))
def test_a_truncated_entry_is_refused(length):
    out = Writer(Kind.TAIL)
    out.doubles([1.0] * 5)
    data = out.bytes()[:length]
    with pytest.raises(StateError):
        Reader(data, Kind.TAIL).doubles(5)


@pytest.mark.parametrize("head", [b"", b"\x01", b"\x03\x05", b"\x01\x04", b"\x00\x05"])
def test_an_unknown_version_or_another_kind_is_refused(head):
    with pytest.raises(StateError, match="begins with"):
        Reader(head, Kind.TAIL)


def test_bytes_left_over_are_refused():
    out = Writer(Kind.TAIL)
    out.count(1)
    with pytest.raises(StateError, match="left over"):
        Reader(out.bytes(), Kind.TAIL).end()


@given(st.text(), st.integers(1, 40))
def test_a_clipped_text_fits_and_is_plain_utf_8(text, most):
    clipped = clip(text, most)
    assert len(clipped.encode()) <= most
    assert text.encode("utf-8", "replace").decode().startswith(clipped)
