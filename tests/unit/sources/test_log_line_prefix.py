"""Plain log lines: prefixes of PostgreSQL, and what a forged application name cannot do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Activity, RawRecord
from streamguard.sources import DEFAULT_LOG_LINE_PREFIXES, Decoder, DecoderConfig
from streamguard.sources.context import Context, Tools
from streamguard.sources.postgresql.prefix import compile_prefix
from streamguard.sources.postgresql.stderr import parse

AUDIT = "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,select email from customers,<none>,5"
VALUES = {
    "a": "crm ui", "u": "ann@example.com", "d": "crm", "r": "10.0.0.9(4711)", "h": "10.0.0.9", "p": "77",
    "t": "2026-11-22 03:57:28 UTC", "m": "2026-11-22 03:57:28.833 UTC", "n": "1795319848.833", "c": "6b026828.49c7",
    "l": "9", "e": "00000", "i": "SELECT", "s": "2026-11-22 03:00:00 UTC", "v": "3/68", "x": "0", "Q": "-5",
    "b": "client backend",
    "q": "", "%": "%",
}  # fmt: skip


def render(prefix, **changes):
    values = VALUES | changes
    text, position = "", 0
    while position < len(prefix):
        if prefix[position] == "%":
            text += values[prefix[position + 1]]
            position += 2
        else:
            text += prefix[position]
            position += 1
    return text


def decode(text, *prefixes):
    config = DecoderConfig(log_line_prefixes=prefixes or DEFAULT_LOG_LINE_PREFIXES)
    [outcome] = Decoder(config).decode(RawRecord("t", 0, 0, 0, None, text.encode()))
    return outcome


@pytest.mark.parametrize("prefix", [p for p in DEFAULT_LOG_LINE_PREFIXES if "%u" in p])
def test_every_default_prefix_reads_what_it_names(prefix):
    activity = decode(f"{render(prefix)}LOG:  {AUDIT}")
    assert isinstance(activity, Activity)
    assert (activity.user, activity.database) == ("ann@example.com", "crm")
    assert activity.time_ms == (1_795_319_848_833 if "%m" in prefix else 1_795_319_848_000)
    assert activity.application == ("crm ui" if "%a" in prefix else None)
    assert activity.client == ("10.0.0.9" if "%h" in prefix or "%r" in prefix else None)
    assert activity.session == ("6b026828.49c7" if "%c" in prefix else "pid:77")


@pytest.mark.parametrize(
    "prefix",
    [
        "<%t %u %d %h>: ",
        "%m|%u|%d|%p|%c|%l|%s|%v|%x|%e|%i|%b|%Q|%a|%r|",
        "%n 100%% user=%u,db=%d ",
        "%-5p %t %20u@%d ",
    ],
)
def test_a_prefix_of_ones_own(prefix):
    text = render(prefix.replace("%-5", "%").replace("%20", "%"))
    activity = decode(f"{text}LOG:  {AUDIT}", prefix)
    assert (activity.user, activity.database, activity.rows) == ("ann@example.com", "crm", 5)
    assert 1_795_319_848_000 <= activity.time_ms <= 1_795_319_848_833


def test_a_prefix_without_a_time_takes_the_time_of_the_kafka_record():
    decoder = Decoder(DecoderConfig(log_line_prefixes=("%u@%d ",)))
    value = f"ann@crm LOG:  {AUDIT}".encode()
    [timed] = decoder.decode(RawRecord("t", 0, 0, 0, 1_795_319_848_900, value))
    [untimed] = decoder.decode(RawRecord("t", 0, 0, 0, None, value))
    assert timed.time_ms == 1_795_319_848_900
    assert untimed.reason == "time_out_of_range"


def test_the_default_of_postgresql_names_nobody_and_is_refused_with_advice():
    outcome = decode(f"{render('%m [%p] ')}LOG:  {AUDIT}")
    assert outcome.reason == "missing_user"
    assert "log_line_prefix" in outcome.detail


def test_processes_without_a_session_end_their_prefix_at_q():
    assert decode(f"{render('%m [%p] ')}LOG:  checkpoint starting: time").reason == "checkpoint"


@pytest.mark.parametrize("tail", ["LOG:  00000: ", "LOG: [postgres.c:1187] ", "LOG:", "WARNING:  "])
def test_verbose_and_vendor_spellings_of_the_severity(tail):
    assert isinstance(decode(f"{render('%m [%p] %u@%d ')}{tail}{AUDIT}"), Activity)


def test_continuation_lines_lose_the_tab_that_the_server_put_there():
    message = "duration: 1 ms  statement: select email,\n\n\tphone from customers"
    logged = f"{render('%m [%p] %u@%d ')}LOG:  " + message.replace("\n", "\n\t")
    context = Context(RawRecord("t", 0, 0, 0, None, b""), Tools.build(DecoderConfig()))
    assert parse(logged, context, "postgresql.stderr").message == message


def test_an_unknown_escape_is_a_mistake_of_the_configuration():
    with pytest.raises(ValueError, match="%Z"):
        Decoder(DecoderConfig(log_line_prefixes=("%m %Z ",)))


FORGED = [
    # Application names (63 bytes at most) meant to turn a true audit line into a harmless one.
    "x 1.1.1.1 6b.1 LOG:  duration: 1 ms ",
    "x 1.1.1.1 6b.1 LOG:  disconnection: ",
    "x 1.1.1.1 6b.1 LOG:  AUDIT: SESSION,1,1,MISC,BEGIN,,,x,<none>,",
    "x 1.1.1.1 6b.1 ERROR:  ",
]


@pytest.mark.parametrize("name", FORGED)
def test_an_application_name_cannot_hide_an_audit_line(name):
    assert len(name) <= 63
    outcome = decode(f"{render(DEFAULT_LOG_LINE_PREFIXES[0], a=name)}LOG:  {AUDIT}")
    assert outcome.reason == "ambiguous_line"


@given(st.text(st.characters(codec="ascii", exclude_characters="\n\r"), max_size=63))
def test_no_application_name_hides_or_changes_an_audit_line(name):
    outcome = decode(f"{render(DEFAULT_LOG_LINE_PREFIXES[0], a=name)}LOG:  {AUDIT}")
    if isinstance(outcome, Activity):
        assert (outcome.user, outcome.tables, outcome.rows) == ("ann@example.com", ("public.customers",), 5)
    else:
        assert outcome.reason in {"ambiguous_line", "malformed_audit"}


@pytest.mark.parametrize("prefix", DEFAULT_LOG_LINE_PREFIXES)
def test_no_line_makes_a_pattern_backtrack_without_bound(prefix):
    # Quadratic growth would make the long line take a hundred times the steps of a match and run into the time-out.
    pattern = compile_prefix(prefix)
    for filler in ("@", "/", " ", ":", "=", ",db=", "@/ ", "[1] "):
        assert pattern.match(render(prefix, a=filler * 9, u=filler * 9) + filler * 200_000) is None
