"""The plain words and the card."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import orjson
import pytest
from unit.detect.small_company import ROLES, at, exposure, merged, ordinary

from streamguard.activity import Verdict
from streamguard.detect import Decider, DetectConfig
from streamguard.findings import as_text, explain
from streamguard.findings.words import (
    categories_seen,
    expected,
    listed,
    local_time,
    message,
    number,
    tables_touched,
    usual_rows,
)


@pytest.fixture(scope="module")
def told():
    decider = Decider(DetectConfig(), {}.get)
    dump = exposure("support.03", at(17, 3.2), 48_210, utc_offset_minutes=330)
    for one in merged(ordinary(ROLES[0], 1), [dump]):
        decision = decider.observe(one)
        if one is dump:
            return decision, dump
    raise AssertionError


def with_day(told, **day):
    decision, dump = told
    return message(msgspec.structs.replace(decision, day=msgspec.structs.replace(decision.day, **day)), dump)


def test_small_words():
    assert number(48210) == "48,210"
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(list("abcde")) == "a, b, c and 2 more"
    assert expected(0.4123) == "0.41"
    assert expected(1e-9) == "fewer than 0.001"
    assert local_time(0, 330) == "05:30"
    assert local_time(-60_000, 0) == "23:59"
    assert usual_rows((9, 1, 5)) == 5


def test_the_most_telling_stretch_of_the_day_is_named(told):
    start = told[0].day.last_ms - 12 * 60_000
    day = {"rows": 50_000, "largest_rows": 5000, "burst_rows": 48_210, "burst_start_ms": start, "statements": 60}
    assert "read 48,210 rows with e-mail addresses in 12 minutes, 50,000 today;" in with_day(told, **day)
    assert "read 50,000 rows with e-mail addresses in 60 statements today;" in with_day(
        told, **(day | {"burst_rows": 10})
    )
    assert "in one statement;" in with_day(told, rows=48_210, largest_rows=48_210)


def test_what_is_unknown_is_said_as_unknown(told):
    decision, dump = told
    bare = msgspec.structs.replace(decision, recent_rows=(), peers_most_rows=None)
    text = message(bare, dump)
    assert "no own history yet" in text
    assert "nobody else of support was active today" in text
    assert "people" not in text
    assert "1 statement without a row count" in with_day(told, statements_without_rows=1)


def test_the_card_fits_a_terminal_and_shows_own_peers_and_today(told):
    text = as_text(explain(*told).ocsf)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith("CRITICAL  2025-09-18 03:12 UTC  NEW")
    bars = {line.split("  ")[2].strip(): line.count("█") for line in lines if line.startswith("  rows")}
    assert bars[next(name for name in bars if name.startswith("today"))] == 40
    assert "usual day" in text
    assert "peers' most" in text
    assert any(line.startswith("  seen: e-mail addresses (") and line.endswith(" rows)") for line in lines)
    assert "  not seen: phone numbers" in lines
    assert "\x1b" not in text


def test_the_card_of_a_finding_read_back_from_the_topic_is_the_same(told):
    event = explain(*told).ocsf
    assert as_text(orjson.loads(orjson.dumps(event, option=orjson.OPT_SORT_KEYS))) == as_text(event)


def test_control_characters_of_a_log_do_not_reach_the_terminal(told):
    decision, dump = told
    evil = msgspec.structs.replace(dump, employee="eve\x1b[2J\n" + "x" * 300, peer_group="\x07")
    text = as_text(explain(decision, evil).ocsf)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_card_without_history_or_peers_and_with_an_odd_time(told):
    decision, dump = told
    bare = msgspec.structs.replace(decision, recent_rows=(), peers_most_rows=None, is_update=True)
    odd = msgspec.structs.replace(dump, activity=msgspec.structs.replace(dump.activity, time_ms=2**51))
    text = as_text(explain(bare, odd).ocsf)
    assert "no own history yet" in text
    assert "UPDATE" in text
    assert f"{2**51} ms" in text


def test_ordinary_work_of_the_same_day_is_not_what_the_finding_is_about():
    seen = Verdict.SEEN
    day = {
        "categories": (("communication_content", seen), ("email_address", seen), ("name", Verdict.NOT_SEEN)),
        "category_rows": (("communication_content", 56), ("email_address", 5_000), ("name", 0)),
        "tables": (("crm.public.tickets", 56), ("crm.public.customers", 5_000)),
    }
    totals = SimpleNamespace(**day)
    assert categories_seen(totals) == ["e-mail addresses"]
    assert tables_touched(totals) == ["crm.public.customers"]
