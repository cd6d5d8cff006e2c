"""Event times: every spelling of a moment is the same moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.sources.moments import Clock
from streamguard.sources.reasons import Refusal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_offsets_are_subtracted(moment, offset_minutes):
    local = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    sign, minutes = ("-", -offset_minutes) if offset_minutes < 0 else ("+", offset_minutes)
    offset = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    expected_ms = (moment - EPOCH) // timedelta(milliseconds=1)
    stamp = f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond:06}"
    for text in (f"{stamp}{offset}", f"{stamp} {offset.replace(':', '')}", f"{stamp.replace(' ', 'T')}{offset}"):
        assert Clock().read(text) == expected_ms


@given(MOMENTS)
def test_the_common_spelling_is_read_like_the_others(moment):
    text = f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}"
    clock = Clock()
    assert clock.read(f"{text} UTC") == clock.read(f"{text}Z") == clock.read(f"{text}000 GMT")


@given(MOMENTS, st.lists(st.integers(0, 3_700_000), min_size=2, max_size=6))
def test_what_a_clock_has_read_does_not_matter(begin, later_ms):
    clock = Clock()
    for moment in (begin + timedelta(milliseconds=ms) for ms in later_ms):
        text = f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03} UTC"
        assert clock.read(text) == Clock().read(text) == (moment - EPOCH) // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("text", "same_utc"),
    [
        ("2026-11-22 03:57:28 UTC", "2026-11-22 03:57:28.000 UTC"),
        ("2026-11-22 04:57:28.833 CET", "2026-11-22 03:57:28.833 UTC"),
        ("2026-07-22 05:57:28.833 CEST", "2026-07-22 03:57:28.833 UTC"),
        ("2026-11-21 22:57:28.833 EST", "2026-11-22 03:57:28.833 UTC"),
        ("2026-11-22 06:57:28.833 +03", "2026-11-22 03:57:28.833 UTC"),
        ("2026-11-22 00:27:28.833 -0330", "2026-11-22 03:57:28.833 UTC"),
        ("2024-03-01T13:59:49.3960000Z", "2024-03-01 13:59:49.396 UTC"),
    ],
)
def test_zones(text, same_utc):
    assert Clock().read(text) == Clock().read(same_utc)


@pytest.mark.parametrize("name", ["CST", "CDT", "IST", "PST", "PDT", "XYZ", ""])
def test_an_ambiguous_or_missing_zone_is_not_guessed_but_may_be_configured(name):
    text = f"2026-11-22 03:57:28.833 {name}".strip()
    with pytest.raises(Refusal) as refusal:
        Clock().read(text)
    assert refusal.value.reason == "unknown_time_zone"
    if name:
        assert Clock(((name, -360),)).read(text) == Clock().read("2026-11-22 09:57:28.833 UTC")


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-13-01 00:00:00.000 UTC", "2026-02-30 00:00:00.000 UTC", "2026-11-22 25:00:00.000 UTC",
        "2026-11-22 03:57:28+00:00 UTC", "20261122T035728.833000Z UTC", "٢٠٢٦-11-22 03:57:28.833 UTC", "1795319848",
    ],
)  # fmt: skip
def test_what_is_no_moment(text):
    with pytest.raises(Refusal) as refusal:
        Clock().read(text)
    assert refusal.value.reason == "invalid_time"
