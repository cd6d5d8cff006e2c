"""Which piece of a larger whole a statement takes: told so that a scan shows, and no id does."""

from __future__ import annotations

import re

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Activity, RawRecord
from streamguard.sources import Decoder, DecoderConfig
from streamguard.sources.statement import Analyser, Interests, subject_hash
from streamguard.sources.statement.subjects import place_hash

KEY = b"a key of the tests"
INTERESTS = Interests.of({"phone"}, {"country"}, KEY)
ANALYSER = Analyser(interests=INTERESTS)


def ids(first, behind):
    return place_hash(KEY, first), place_hash(KEY, behind)


def slice_of(sql, dialect="postgres", parameters=()):
    found = ANALYSER.analyse(sql, dialect, parameters)
    assert found.parsed
    return found.slice


@pytest.mark.parametrize(
    ("sql", "dialect", "expected"),
    [
        ("select a from t limit 50 offset 1000", "postgres", ("1000", "1050")),
        ("select a from t offset 1000 limit 50", "postgres", ("1000", "1050")),
        ("select a from t limit 50 offset 0;", "postgres", ("0", "50")),
        ("select a from t limit 50 offset (7::bigint)", "postgres", ("7", "57")),
        ("select a from t limit 30, 10", "mysql", ("30", "40")),
        ("select a from t limit 10 offset 30", "databricks", ("30", "40")),
        ("select a from t limit 10 offset 30", "bigquery", ("30", "40")),
        ("select a from t limit 10 offset 30", "snowflake", ("30", "40")),
        ("select a from t offset 30 rows limit 10", "trino", ("30", "40")),
        ("select a from t order by a offset 30 rows fetch next 10 rows only", "tsql", ("30", "40")),
        ("select a from t offset 30 rows fetch next row only", "oracle", ("30", "31")),
        ("select * from t where rownum between 31 and 40", "oracle", ("30", "40")),
        ("select * from (select a.*, rownum rn from t a where rownum <= 40) where rn > 30", "oracle", ("30", "40")),
        ("select * from (select t.*, row_number() over (order by b) rn from t) x where rn between 31 and 40", "oracle", ("30", "40")),
        ("with x as (select row_number() over (order by b) as rn, * from t) select * from x where rn > 30 and rn < 41", "tsql", ("30", "40")),
        ("select top 10 * from (select row_number() over (order by b) as rn, * from t) x where rn > 30 order by rn", "tsql", ("30", "40")),
        ("select * from t qualify row_number() over (order by b) between 31 and 40", "snowflake", ("30", "40")),
        ("select a from t union all select b from u limit 10 offset 30", "postgres", ("30", "40")),
        ("select * from (select * from t limit 10 offset 30) x left join o on o.t = x.id", "postgres", ("30", "40")),
        ("copy (select a from t limit 10 offset 30) to stdout", "postgres", ("30", "40")),
        ("insert into u select a from t limit 10 offset 30", "postgres", ("30", "40")),
        ("unload ('select a from t limit 10 offset 30') to 's3://x'", "redshift", ("30", "40")),
        ("begin; select a from t limit 10 offset 30; commit", "postgres", ("30", "40")),
        # Of the two an offset says more.
        ("select a from t where id between 1 and 1000 limit 10 offset 30", "postgres", ("30", "40")),
    ],
)  # fmt: skip
def test_rows_behind_an_offset_are_told_in_clear(sql, dialect, expected):
    assert slice_of(sql, dialect) == expected
    # Texts of one shape have their own numbers.
    moved = re.sub(r"\b[1-9]\d*\b", lambda match: str(int(match[0]) + 100), sql)
    assert ANALYSER.analyse(moved, dialect).slice == Analyser(interests=INTERESTS).analyse(moved, dialect).slice
    # They are nobody's values, so no key is needed.
    assert Analyser().analyse(sql, dialect).slice == expected


@pytest.mark.parametrize(
    ("condition", "first", "behind"),
    [
        ("id between 100 and 199", 100, 200),
        ("id >= 100 and id < 200", 100, 200),
        ("id > 99 and id <= 199", 100, 200),
        ("id > 99 and id < 200", 100, 200),
        ("id >= 100 and id <= 199", 100, 200),
        ("200 > id and 100 <= id", 100, 200),
        ("(id >= 100 and (id < 200)) and country = 'DE'", 100, 200),
        ("a.id >= '100' and a.id < '0200'", 100, 200),
        ("id::bigint between 100 and cast(199 as bigint)", 100, 200),
        ("customer_id between 100 and 199", 100, 200),
        ("phone between 491700000000 and 491709999999", 491700000000, 491710000000),
        ("accountid between 100 and 199", 100, 200),
        ("amount between 1 and 2 and id between 100 and 199", 100, 200),
        ("id between 7 and 7", 7, 8),
        # Pages behind a key: where the next one begins if no id is missing.
        ("id > 99 order by id limit 100", 100, 200),
        ("id >= 100 order by id asc, b fetch first 100 rows only", 100, 200),
        ("id > 99 limit 100", 100, 200),
        ("id < 200 order by id desc limit 100", 199, 99),
        ("id <= 5 order by id desc fetch first row only", 5, 4),
    ],
)
def test_ranges_of_ids_are_told_as_hashes(condition, first, behind):
    assert slice_of(f"select b from accounts a where {condition}") == ids(first, behind)
    assert Analyser().analyse(f"select b from accounts a where {condition}", "postgres").slice is None


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("select top 100 b from t where id > 99 order by id", "tsql"),
        ("select b from t where id between 100 and 199", "tsql"),
        ("select b from t where id between 100 and 199", "oracle"),
        ("select b from `t` where `id` >= 100 and `id` < 200", "mysql"),
        ("select b from t where id > 99 order by id limit 100", "bigquery"),
        ("with x as (select * from t where id >= 100 and id < 200) select b from x", "trino"),
        ("unload ('select b from t where id between 100 and 199') to 's3://x'", "redshift"),
        ("declare c cursor for select b from t where id between 100 and 199", "postgres"),
    ],
)
def test_ranges_of_ids_in_every_dialect(sql, dialect):
    assert slice_of(sql, dialect) == ids(100, 200)


@pytest.mark.parametrize(
    "sql",
    [
        "select b from t limit 50",
        "select b from t offset 50",
        "select b from t limit all offset 50",
        "select b from t limit 0 offset 50",
        "select b from t limit 5 offset 1e3",
        "select b from t limit 5 offset -3",
        "select b from t limit 5 offset 1000000000000000",
        "select b from t limit 5 offset 99999999999999999999999999999999999",
        "select b from t where x in (select c from u limit 5 offset 5)",
        "select b from t limit 5 offset 5; select b from t limit 5 offset 10",
        "select b from t where id = 7",
        "select b from t where id > 7",
        "select b from t where id < 7 limit 100",
        "select b from t where id > 7 order by b limit 100",
        "select b from t where id > 7 order by id desc limit 100",
        "select b from t where id between 9 and 3",
        "select b from t where id between -9 and 3",
        "select b from t where id between 1.5 and 3",
        "select b from t where id between 1 and 1000000000000000",
        "select b from t where id between 'a' and 'b'",
        "select b from t where id between 1 and 5 or b = 1",
        "select b from t where not id between 1 and 5",
        "select b from t where id not between 1 and 5",
        "select b from t where id > 1 and id > 3 and id < 9",
        "select b from t join u on true where t.id > 1 and u.id < 9",
        "select b from t where (id, b) > (1, 2) and id < 9",
        # Dates and amounts are what everybody asks for.
        "select b from t where day >= '2026-11-01' and day < '2026-12-01'",
        "select b from t where day_id between 20261101 and 20261130",
        "select b from t where order_date_id between 20261101 and 20261130",
        "select b from t where amount between 100 and 200",
        "select b from payments where paid between 100 and 200",
        # Rows of groups, and a column that is only called like a number of rows.
        "select * from (select row_number() over (partition by b order by c) rn, * from t) x where rn between 1 and 3",
        "select * from (select row_number() over () rn from t) x join y on true where y.rn between 1 and 3",
        "select b from t where rownum between 1 and 3",
        "update t set b = 1 where id between 1 and 5",
    ],
)
def test_everything_else_is_no_piece(sql):
    assert slice_of(sql) is None


def test_bind_parameters_stand_for_the_numbers():
    paged, ranged = "select b from t limit $2 offset $1", "select b from t where id > $1 and id <= $2"
    assert slice_of(paged, parameters=("200", "50")) == ("200", "250")
    assert slice_of(ranged, parameters=("99", "199")) == ids(100, 200)
    assert slice_of("select b from t limit ?, ?", "mysql", ("200", "50")) == ("200", "250")
    assert slice_of(ranged, parameters=("99", None)) is slice_of(ranged, parameters=("99", "x")) is None
    without = ANALYSER.analyse(ranged, "postgres")
    assert (without.slice, without.takes_values) == (None, True)
    assert not ANALYSER.analyse("select b from t where id > 99 and id <= 199", "postgres").takes_values


def test_a_place_is_not_the_hash_of_a_person():
    first, _ = ids(42, 43)
    assert re.fullmatch("#[0-9a-f]{16}", first)
    assert first[1:] not in subject_hash(KEY, "42")
    assert place_hash(b"another key", 42) != first
    assert place_hash(KEY * 9, 42) == place_hash(KEY * 9, 42) != first


BELOW = {">": 1, ">=": 0}
ABOVE = {"<": 0, "<=": 1}
NUMBERS = st.integers(10**9, 10**15 - 1)


@given(NUMBERS, NUMBERS, st.sampled_from(sorted(BELOW)), st.sampled_from(sorted(ABOVE)), st.booleans())
def test_no_range_gives_its_numbers_away(low, high, lower, upper, are_bound):
    marks = ("$1", "$2") if are_bound else (low, high)
    sql = f"select b from t where id {lower} {marks[0]} and id {upper} {marks[1]}"
    found = ANALYSER.analyse(sql, "postgres", (str(low), str(high)) if are_bound else ())
    first, behind = low + BELOW[lower], high + ABOVE[upper]
    assert found.slice == (ids(first, behind) if first < behind else None)
    told = msgspec.json.encode(found).decode()
    assert not any(str(number) in told for number in (low, high, first, behind))


@given(st.integers(0, 10**14), st.integers(1, 10_000), st.sampled_from(["offset", "between", "half-open", "behind"]))
def test_in_a_scan_each_piece_begins_where_the_one_before_said(start, size, way):
    def page(number):
        at = start + number * size
        return {
            "offset": f"select b from t order by c limit {size} offset {at}",
            "between": f"select b from t where id between {at} and {at + size - 1}",
            "half-open": f"select b from t where id >= {at} and id < {at + size}",
            "behind": f"select b from t where id > {at} order by id limit {size}",
        }[way]

    pages = [ANALYSER.analyse(page(number), "postgres") for number in range(4)]
    assert len({found.fingerprint for found in pages}) == 1
    assert [found.slice[1] for found in pages[:-1]] == [found.slice[0] for found in pages[1:]]
    assert len({found.slice[0] for found in pages}) == 4


LINES = [
    ("select b from t where id between $1 and $2", '\\"100,199\\"', ids(100, 200)),
    ("select b from t limit 50 offset 100", "<none>", ("100", "150")),
]


@pytest.mark.parametrize(("sql", "parameter", "expected"), LINES)
def test_an_activity_of_pgaudit_carries_it_there_and_back(sql, parameter, expected):
    line = (
        '{"timestamp":"2026-11-20 10:00:00.000 UTC","user":"alice","dbname":"crm","session_id":"65e1.1","line_num":3,'
        '"error_severity":"LOG","message":"AUDIT: SESSION,4,1,READ,SELECT,TABLE,public.t,'
        f'{sql},{parameter},50"}}'
    )
    assert carried(line.encode()) == expected


def test_an_activity_of_every_way_to_build_one_carries_it():
    sql = "select b from t where id between 100 and 199"
    entry = {"timestamp": "2026-11-20 10:00:00.000 UTC", "user": "alice", "dbname": "crm", "error_severity": "LOG",
             "session_id": "65e1.1", "message": f"duration: 1.5 ms  statement: {sql}"}  # fmt: skip
    ocsf = {"class_uid": 6005, "time": 1795320045123, "actor": {"user": {"name": "alice"}},
            "query_info": {"query_string": sql}}  # fmt: skip
    assert carried(orjson.dumps(entry)) == carried(orjson.dumps(ocsf)) == ids(100, 200)


def carried(value):
    config = DecoderConfig(identifying_columns=frozenset({"phone"}), subject_key=KEY)
    [activity] = Decoder(config).decode(RawRecord("audit", 0, 0, 0, None, value))
    assert msgspec.json.decode(msgspec.json.encode(activity), type=Activity) == activity
    return activity.slice
