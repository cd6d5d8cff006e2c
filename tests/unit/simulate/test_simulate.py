"""The simulated company: its log looks like PostgreSQL's, is the same every time, and holds the leaks it says."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.simulate import PEOPLE, Leak, SimulateConfig, simulate, truth
from streamguard.simulate.workday import is_month_end

SMALL = SimulateConfig(days=9)
GROUPS = {person.login: person.group for person in PEOPLE}


@lru_cache(maxsize=4)
def _records(config):
    return [json.loads(line) for line in simulate(config)]


def _statements(records):
    """Return one (record, SQL, rows) a statement, however many lines pgaudit wrote about it."""
    found = {}
    for record in records:
        if record["message"].startswith("AUDIT: "):
            fields = next(csv.reader([record["message"].removeprefix("AUDIT: ")]))
            _, _, rows = found.get(key := (record["session_id"], fields[1]), (None, None, 0))
            found[key] = (record, fields[7], max(rows, int(fields[9])))
    return list(found.values())


class TestBytes:
    @pytest.mark.parametrize("hash_seed", ["0", "1"])
    def test_do_not_depend_on_the_process(self, hash_seed):
        program = (
            "import hashlib; from streamguard.simulate import *; "
            "print(hashlib.sha256(b'\\n'.join(simulate(SimulateConfig(days=9)))).hexdigest())"
        )
        told = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        ).stdout.strip()
        assert told == hashlib.sha256(b"\n".join(simulate(SMALL))).hexdigest()

    def test_differ_with_the_seed(self):
        assert list(simulate(SimulateConfig(days=1, leaks=()))) != list(
            simulate(SimulateConfig(days=1, leaks=(), seed=2))
        )

    def test_of_everybody_else_do_not_change_with_a_leak(self):
        quiet = list(simulate(SimulateConfig(days=9, leaks=())))
        leaky = list(simulate(SMALL))
        added = set(leaky) - set(quiet)
        assert [line for line in leaky if line not in added] == quiet
        assert {json.loads(line).get("user") for line in added} - {None} == {attack.employee for attack in truth(SMALL)}


class TestLines:
    @settings(max_examples=5, deadline=None)
    @given(seed=st.integers(0, 1000), days=st.integers(8, 10), start=st.dates(date(2024, 1, 1), date(2027, 1, 1)))
    def test_come_in_the_order_of_time_and_of_their_session(self, seed, days, start):
        last, lines, open_sessions = "", Counter(), set()
        for record in _records(SimulateConfig(seed=seed, days=days, start=start)):
            assert record["timestamp"] >= last
            last = record["timestamp"]
            lines[record["session_id"]] += 1
            assert record["line_num"] == lines[record["session_id"]]
            if record["message"].startswith("connection received"):
                open_sessions.add(record["session_id"])
            assert record["session_id"] in open_sessions
            if record["message"].startswith("disconnection"):
                open_sessions.remove(record["session_id"])
        assert not open_sessions

    def test_join_is_logged_once_a_table_with_the_full_row_count(self):
        by_statement = defaultdict(list)
        for record in _records(SimulateConfig(days=1, leaks=())):
            if "from tickets t join customers c" in record["message"] and record["message"].startswith("AUDIT"):
                fields = next(csv.reader([record["message"].removeprefix("AUDIT: ")]))
                by_statement[record["session_id"], fields[1]].append((fields[6], fields[9]))
        assert by_statement
        for lines in by_statement.values():
            assert [table for table, _ in lines] == ["public.tickets", "public.customers"]
            assert len({rows for _, rows in lines}) == 1

    def test_statements_with_bind_values_leave_the_steps_of_the_extended_protocol(self):
        records = [record for record in _records(SimulateConfig(days=1, leaks=())) if record.get("user") == "api_svc"]
        first = next(place for place, record in enumerate(records) if record["ps"] == "PARSE")
        parse, bind, execute, audit = records[first : first + 4]
        assert " parse <unnamed>: select " in parse["message"]
        assert " bind <unnamed>: select " in bind["message"]
        assert bind["detail"] == execute["detail"]
        assert bind["detail"].startswith("parameters: $1 = '")
        assert audit["message"].startswith("AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.")

    def test_dump_by_the_backup_has_no_row_count_and_no_table(self):
        copies = [sql for record, sql, rows in _statements(_records(SMALL)) if record["ps"] == "COPY" and rows == 0]
        assert len(copies) == 3 * SMALL.days
        assert copies[0].startswith("COPY public.customers (id, email, ")


class TestCompany:
    def test_has_the_size_that_the_demo_is_made_for(self):
        records = _records(SimulateConfig())
        statements = _statements(records)
        assert 30_000 <= len(statements) <= 60_000
        assert {record["user"] for record, _, _ in statements} == set(GROUPS)

    def test_support_sees_few_customers_a_day_and_rests_two_days_a_week(self):
        days = defaultdict(Counter)
        for record, _, rows in _statements(_records(SimulateConfig(leaks=()))):
            if GROUPS[record["user"]] == "support":
                days[record["user"]][record["timestamp"][:10]] += rows
        totals = sorted(rows for of_one in days.values() for rows in of_one.values())
        assert 40 <= totals[len(totals) // 2] <= 130
        assert totals[-1] < 600
        # Evening shifts in New York reach into the next day in UTC.
        assert max(len(of_one) for of_one in days.values()) < 28

    def test_all_of_finance_at_work_runs_the_big_lists_on_the_last_working_day_of_the_month(self):
        config = SimulateConfig(leaks=())
        lists, at_work = set(), set()
        for record, sql, rows in _statements(_records(config)):
            if GROUPS[record["user"]] == "finance":
                if record["timestamp"].startswith("2026-09-30"):
                    at_work.add(record["user"])
                if "p.iban, p.paid_at, c.name" in sql and rows > 1_000:
                    lists.add((record["user"], record["timestamp"][:10]))
        assert len(at_work) >= 4
        assert lists == {(user, "2026-09-30") for user in at_work}

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (date(2026, 9, 30), True),
            (date(2026, 9, 29), False),
            # Saturday 31 October: Friday it is.
            (date(2026, 10, 30), True),
            (date(2026, 10, 31), False),
            (date(2026, 12, 31), True),
        ],
    )
    def test_month_ends_on_its_last_working_day(self, day, expected):
        assert is_month_end(day) is expected


class TestTruth:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_is_what_the_log_says(self, seed):
        config = SimulateConfig(seed=seed, days=14)
        statements = _statements(_records(config))
        for attack in truth(config):
            mark = "order by id limit"
            mine = [row for row in statements if row[0]["user"] == attack.employee and mark in row[1]]
            assert len(mine) == attack.statements
            assert sum(rows for _, _, rows in mine) == attack.rows
            assert all("from customers" in sql for _, sql, _ in mine)

    def test_bulk_is_every_customer_within_twelve_minutes_from_0312_local(self):
        (bulk,) = [attack for attack in truth(SimulateConfig()) if attack.scenario is Leak.BULK]
        assert bulk.rows == 48_210
        assert bulk.end_ms - bulk.start_ms == 12 * 60_000
        zone = next(person.zone for person in PEOPLE if person.employee == bulk.employee)
        local = datetime.fromtimestamp(bulk.start_ms / 1000, ZoneInfo(zone))
        assert (local.hour, local.minute) == (3, 12)

    def test_slow_is_three_exports_of_some_500_a_day(self):
        (slow,) = [attack for attack in truth(SimulateConfig()) if attack.scenario is Leak.SLOW]
        assert slow.statements in {12, 15, 18}
        assert 480 <= slow.rows / slow.statements <= 520

    def test_of_a_quiet_company_is_empty(self):
        assert truth(SimulateConfig(leaks=())) == []

    def test_leakers_are_two_different_support_agents(self):
        for seed in range(20):
            found = [attack.employee for attack in truth(SimulateConfig(seed=seed))]
            assert len(set(found)) == 2
            assert {GROUPS[employee] for employee in found} == {"support"}


class TestConfig:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"days": 0, "leaks": ()}, "at least one day"),
            ({"people": (), "leaks": ()}, "needs people"),
            ({"days": 7}, "at least 8 days"),
            ({"people": PEOPLE[:1]}, "2 people in support"),
        ],
    )
    def test_refuses_what_cannot_be_simulated(self, changes, message):
        with pytest.raises(ValueError, match=message):
            SimulateConfig(**changes)
