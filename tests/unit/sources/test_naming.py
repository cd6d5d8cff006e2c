"""Names of columns stay within bounds, and never tell less than there is."""

from __future__ import annotations

from streamguard.sources.naming import MAX_CHARACTERS, bounded, columns_of


def test_columns_are_told_with_their_table_each_once():
    assert columns_of("crm.t", ["b", "a", "b"]) == ("crm.t.b", "crm.t.a")


def test_a_long_name_times_many_columns_is_the_whole_table():
    table = "t" * 1_000
    assert columns_of(table, [f"c{number}" for number in range(1_000)]) == (f"{table}.*",)


def test_few_columns_stay_however_long_they_are():
    columns = frozenset({"c" * MAX_CHARACTERS})
    assert bounded(columns) is columns


def test_what_is_too_long_becomes_whole_tables_and_what_names_none():
    columns = [f"crm.t{number % 2}.{'c' * 5_000}{number}" for number in range(100)]
    assert bounded([*columns, "alone"]) == ("crm.t0.*", "crm.t1.*", "alone")


def test_what_is_still_too_long_becomes_everything():
    assert bounded([f"{'t' * 5_000}{number}.c" for number in range(100)]) == ("*",)
