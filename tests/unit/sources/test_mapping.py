"""Home-grown JSON by a mapping: what it reads, what it refuses, and every mistake of its file with its line."""

from __future__ import annotations

from textwrap import dedent

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Activity, RawRecord, Rejected, RowsQuality
from streamguard.located import ConfigurationError
from streamguard.sources import Decoder, DecoderConfig, format_names, load_mappings
from streamguard.sources.mapping.paths import parse_path, value_at, values_at

MS = 1_795_319_848_862
PORTAL = """
mappings:
  portal:
    when: {app: portal, kind: [query, export]}
    fields:
      time: $.ts
      user: [$.who.mail, who.login]
      statement: $.sql
      tables: $.objects[*].name
      columns: $.columns
      verb: $.verb
      rows: $.result.count
      bytes: $.result.bytes
      duration_ms: $.took
      error: $.error
      database: {path: $.db, default: crm}
      client: $['client.ip']
      application: $.app
      session: $.session
      key: $.id
      instance: $.servers[1]
      proxy_user: $.via
      query_tag: $.tag
    time_unit: s
    dialect: mysql
    rows_quality: produced
    zero_is_unknown: true
    complete: true
    ignore: [{verb: login}, {internal: true, db: exists}]
  gateway:
    when: {gateway: exists}
    fields: {user: user, statement: sql, key: id, time: at}
    complete: false
"""
RECORD = {
    "app": "portal",
    "kind": "export",
    "ts": 1_795_319_848.862,
    "who": {"mail": "ann@example.com", "login": "ann"},
    "sql": "select email, phone from customers where name = 'Dora Winter'",
    "objects": [{"name": "CRM.Customers"}, {"name": None}, {"id": 7}],
    "columns": ["Email", "crm.customers.phone"],
    "verb": "select",
    "result": {"count": 12, "bytes": "345"},
    "took": 1.5,
    "error": None,
    "client.ip": "10.1.2.3",
    "session": 77,
    "id": "q-1",
    "servers": ["a", "db-1"],
    "via": "proxy",
    "tag": "monthly report",
}


def load(tmp_path, text=PORTAL):
    path = tmp_path / "mappings.yaml"
    path.write_text(dedent(text))
    return load_mappings(path)


@pytest.fixture
def decoder(tmp_path):
    return Decoder(DecoderConfig(mappings=load(tmp_path)))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return Decoder(DecoderConfig(mappings=load(tmp_path_factory.mktemp("mappings"))))


def decode(decoder, record, **arguments):
    value = record if isinstance(record, bytes) else orjson.dumps(record)
    [outcome] = decoder.decode(RawRecord("t", 0, 0, 0, MS, value), **arguments)
    return outcome


def without(*keys, **changes):
    return {key: value for key, value in (RECORD | changes).items() if key not in keys}


def test_every_field_is_read(decoder):
    activity = decode(decoder, RECORD)
    assert isinstance(activity, Activity)
    assert (activity.source, activity.user, activity.time_ms) == ("mapping.portal", "ann@example.com", MS)
    assert (activity.tables, activity.columns) == (("crm.customers",), ("crm.customers.email", "crm.customers.phone"))
    assert (activity.columns_known, activity.complete, activity.verb) == (True, True, "SELECT")
    assert (activity.rows, activity.rows_quality) == (12, RowsQuality.PRODUCED)
    assert (activity.bytes, activity.duration_ms, activity.error) == (345, 1.5, None)
    assert (activity.database, activity.client, activity.application) == ("crm", "10.1.2.3", "portal")
    assert (activity.session, activity.instance, activity.statement_key) == ("77", "db-1", "db-1/q-1")
    assert (activity.proxy_user, activity.query_tag) == ("proxy", "monthly report")
    assert "Dora" not in activity.statement


def test_the_statement_tells_what_the_record_does_not(decoder):
    activity = decode(decoder, without("objects", "columns", "verb", objects=[], columns=None))
    assert activity.tables == ("customers",)
    assert set(activity.columns) == {"customers.email", "customers.phone"}
    assert activity.verb == "SELECT"


def test_alternatives_are_tried_in_order(decoder):
    assert decode(decoder, RECORD | {"who": {"mail": None, "login": "ann"}}).user == "ann"


def test_a_default_fills_what_is_missing(decoder):
    assert decode(decoder, RECORD | {"db": "sales"}).database == "sales"


def test_zero_is_unknown_where_the_mapping_says_so(decoder):
    activity = decode(decoder, RECORD | {"result": {"count": 0}})
    assert (activity.rows, activity.rows_quality) == (None, RowsQuality.UNKNOWN)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"who": {}}, "missing_user"),
        ({"who": {"mail": ["ann"]}}, "wrong_type"),
        ({"ts": None}, "missing_field"),
        ({"ts": "yesterday"}, "wrong_type"),
        ({"ts": True}, "wrong_type"),
        ({"ts": 3}, "time_out_of_range"),
        ({"ts": MS}, "time_in_future"),
        ({"result": {"count": -1}}, "negative_rows"),
        ({"result": {"count": 1.5}}, "invalid_rows"),
        ({"objects": [{"name": 7}]}, "wrong_type"),
        ({"columns": [["email"]]}, "wrong_type"),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_quoted(decoder, changes, reason):
    outcome = decode(decoder, RECORD | changes)
    assert outcome.reason == reason
    assert "ann" not in outcome.detail
    assert "yesterday" not in outcome.detail


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0, None), ("00000", None), ("", None), (False, None), ("OK", None), ("42501", "42501"), (1146, "1146"),
        (True, "failure"), ("ORA-00942: customers of ann@example.com", "failure"), ({"code": 5}, "failure"),
    ],
)  # fmt: skip
def test_an_error_is_its_code_and_never_a_message(decoder, value, error):
    assert decode(decoder, RECORD | {"error": value}).error == error


@pytest.mark.parametrize("changes", [{"app": "shop"}, {"kind": "view"}, {"app": None}, {"kind": ["query"]}])
def test_other_records_are_not_of_the_mapping(decoder, changes):
    assert decode(decoder, RECORD | changes).reason == "unknown_format"
    assert decode(decoder, RECORD | changes, format="mapping.portal").reason == "format_mismatch"


@pytest.mark.parametrize("changes", [{"verb": "login"}, {"internal": True, "db": 0}])
def test_records_of_no_interest_are_ignored(decoder, changes):
    assert decode(decoder, RECORD | changes).reason == "by_mapping"


@pytest.mark.parametrize("changes", [{"internal": True}, {"internal": 1, "db": "x"}])
def test_a_signature_holds_as_a_whole_and_by_type(decoder, changes):
    assert isinstance(decode(decoder, RECORD | changes), Activity)


@pytest.mark.parametrize("name", [None, "mapping", "mapping.portal"])
def test_a_mapping_is_a_format_like_any_other(decoder, name):
    assert isinstance(decode(decoder, {"message": orjson.dumps(RECORD).decode()}, format=name), Activity)


def test_mappings_are_known_by_name_to_their_own_decoder_only(tmp_path, decoder):
    names = set(format_names(load(tmp_path))) - set(format_names())
    assert names == {"mapping", "mapping.portal", "mapping.gateway"}
    assert decode(Decoder(), RECORD, format="mapping.portal").reason == "unknown_format_name"
    assert decode(decoder, RECORD, format="mapping.gateway").reason == "format_mismatch"


def test_a_mapping_goes_before_what_is_built_in(decoder):
    ocsf_like = RECORD | {"class_uid": 6005}
    assert decode(decoder, ocsf_like).source == "mapping.portal"
    assert isinstance(decode(Decoder(), ocsf_like), Rejected)


def test_records_with_a_key_may_wait_for_each_other(decoder):
    record = {"gateway": 1, "user": "ann", "sql": "select 1", "id": 5, "at": "2026-11-22T03:57:28.862Z"}
    activity = decode(decoder, record)
    assert (activity.complete, activity.statement_key, activity.time_ms) == (False, "/5", MS)


def test_without_a_time_kafka_tells(tmp_path):
    mappings = load(tmp_path, "mappings: {m: {when: {m: exists}, fields: {user: u, statement: s}}}")
    assert mappings[0].complete
    activity = decode(Decoder(DecoderConfig(mappings=mappings)), {"m": 1, "u": "ann", "s": "select 1"})
    assert activity.time_ms == MS


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("iso", "2026-11-22T03:57:28.862Z"), ("iso", "2026-11-22 05:57:28.862+02:00"), ("s", 1_795_319_848.862),
        ("s", "1795319848.862"), ("ms", MS), ("ms", str(MS)), ("ms", float(MS)), ("us", MS * 1000 + 999),
        ("ns", MS * 1_000_000 + 999_999), ("ns", str(MS * 1_000_000)),
    ],
)  # fmt: skip
def test_units_of_time(tmp_path, unit, value):
    text = f"mappings: {{m: {{when: {{m: exists}}, fields: {{time: t, user: u, statement: s}}, time_unit: {unit}}}}}"
    decoder = Decoder(DecoderConfig(mappings=load(tmp_path, text)))
    assert decode(decoder, {"m": 1, "t": value, "u": "ann", "s": "select 1"}).time_ms == MS


DOCUMENT = {"a": {"b": [{"c": 1}, {"c": None}, {"c": 3}, 4], "x.y": 5, "@t": "z"}, "top": 0}


@pytest.mark.parametrize(
    ("path", "one", "every"),
    [
        ("$.top", 0, [0]),
        ("top", 0, [0]),
        ("a.b[2].c", 3, [3]),
        ("$.a.b[*].c", 1, [1, 3]),
        ("$['a']['x.y']", 5, [5]),
        ('$["a"]["@t"]', "z", ["z"]),
        ("a.@t", "z", ["z"]),
        ("a.b[3]", 4, [4]),
        ("a.b[9]", None, []),
        ("a.b.c", None, []),
        ("top.deeper", None, []),
        ("a[0]", None, []),
        ("nowhere[*]", None, []),
    ],
)
def test_paths(path, one, every):
    steps = parse_path(path)
    assert value_at(steps)(DOCUMENT) == one
    assert values_at(steps)(DOCUMENT) == every


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$",
        "$a",
        ".a",
        "a..b",
        "$..a",
        "a[",
        "a[-1]",
        "a[1:2]",
        "a[?(@.b)]",
        "a.*",
        "a b",
        "[0]",
        "a.b.",
        "a[*",
        "a]",
    ],
)
def test_what_is_no_path(text):
    with pytest.raises(ValueError, match="is no path"):
        parse_path(text)


STEPS = st.lists(st.text("ab@_-x", min_size=1, max_size=3) | st.integers(0, 9) | st.none(), max_size=5)


@given(st.text("abc", min_size=1, max_size=2), STEPS)
def test_written_paths_are_read_back(first, rest):
    written = first + "".join(
        "[*]" if step is None else f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest
    )
    assert parse_path(written) == parse_path(f"$.{written}") == (first, *rest)


@given(st.text(max_size=20))
def test_any_text_is_a_path_or_a_mistake(text):
    try:
        steps = parse_path(text)
    except ValueError:
        return
    assert steps


MISTAKES = {
    "maps": (1, "there is no setting maps; did you mean mappings?"),
    "mappings: [a]": (1, "mappings must be a mapping"),
    "mappings:\n  Portal: {when: {a: 1}, fields: {user: u, tables: t}}": (2, "lower-case letters"),
    "mappings:\n  m:\n    fields: {user: u, tables: t}": (2, "when is missing"),
    "mappings:\n  m:\n    when: {a: 1}": (2, "fields is missing"),
    "mappings:\n  m:\n    when: {}\n    fields: {user: u, tables: t}": (3, "at least one path"),
    "mappings:\n  m:\n    when: {a: {b: 1}}\n    fields: {user: u, tables: t}": (3, "a list of values, or `exists`"),
    "mappings:\n  m:\n    when: {a: []}\n    fields: {user: u, tables: t}": (3, "a list of values, or `exists`"),
    "mappings:\n  m:\n    when: {a..b: 1}\n    fields: {user: u, tables: t}": (3, "is no path"),
    "mappings:\n  m:\n    when: {a: 1}\n    fields: {tables: t}": (4, "user is missing"),
    "mappings:\n  m:\n    when: {a: 1}\n    fields: {user: u}": (4, "statement or tables is missing"),
    "mappings:\n  m:\n    when: {a: 1}\n    fields:\n      user: u\n      table: t\n      tables: t": (
        6,
        "there is no setting table; did you mean tables?",
    ),
    "mappings:\n  m:\n    when: {a: 1}\n    fields:\n      user: u\n      tables: 7": (6, "tables needs a path"),
    "mappings:\n  m:\n    when: {a: 1}\n    fields:\n      user: []\n      tables: t": (5, "user needs a path"),
    "mappings:\n  m:\n    when: {a: 1}\n    fields:\n      user: {}\n      tables: t": (5, "user needs a path"),
    "mappings:\n  m:\n    when: {a: 1}\n    fields: {user: u, tables: t}\n    time_unit: min": (5, "no time_unit min"),
    "mappings:\n  m:\n    when: {a: 1}\n    fields: {user: u, tables: t}\n    dialect: postgresql": (5, "postgres?"),
    "mappings:\n  m:\n    when: {a: 1}\n    fields: {user: u, tables: t}\n    complete: yes please": (
        5,
        "true or false",
    ),
    "mappings:\n  m:\n    when: {a: 1}\n    fields: {user: u, tables: t}\n    complete: false": (
        5,
        "needs the field key",
    ),
    "mappings:\n  m:\n    when: {a: 1}\n    fields: {user: u, tables: t}\n    ignore: {a: 1}": (5, "must be a list"),
    "mappings:\n  m:\n    when: {a: 1}\n    fields: {user: u, tables: t}\n    ignore:\n      - 7": (
        6,
        "must be a mapping",
    ),
    "mappings:\n  m:\n    when: {a: 1}\n    fields: {user: u, tables: t}\n    rows_quality: sure": (5, "rows_quality"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_line(tmp_path, text):
    line, message = MISTAKES[text]
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path, text + (": {}" if text == "maps" else ""))
    said = [mistake for mistake in raised.value.mistakes if message in mistake.message]
    assert said, raised.value
    assert said[0].line == line


def test_all_mistakes_are_told_at_once(tmp_path):
    text = """\
    mappings:
      one:
        when: {a..b: 1}
        fields: {user: $x, tables: t}
        dialect: sqlserver
      two:
        fields: {user: u}
    """
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path, text)
    assert [mistake.line for mistake in raised.value.mistakes] == [3, 4, 5, 6, 7]


def test_a_mapping_is_a_plain_immutable_value(tmp_path):
    mappings = load(tmp_path)
    assert hash(mappings) == hash(load(tmp_path))
    assert msgspec.json.decode(msgspec.json.encode(mappings[0])) is not None
    with pytest.raises(AttributeError):
        mappings[0].name = "other"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["mail", "login", "count", "name"]), inner)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(RECORD)), JSON))
def test_no_value_breaks_the_reader(shared, changes):
    outcome = decode(shared, RECORD | changes)
    assert getattr(outcome, "reason", "") != "internal_error"
    assert msgspec.json.encode(outcome)
