"""The ordinary life of the simulated company: rhythm, size, and what changes for whom."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from streamguard.exposure.identityrecord import Change, read_change
from streamguard.simulate import Headcount, Tally, World, WorldConfig
from streamguard.simulate.calendar import at_local, is_first_working_day, local_day, working_days_to_month_end
from streamguard.simulate.habits import works

FULL = World(WorldConfig(plots=()))
HUMANS = [(person, habit) for person, habit in FULL.people if person.role != "service"]
TARGETS = {
    "support": (127, 469),
    "fraud": (993, 5_300),
    "marketing": (31_000, 433_000),
    "data_engineering": (36_000, 1_300_000),
    "dba": (102, 1_100),
    "finance": (419, 20_000),
    "service": (900_000, 2_100_000),
}
"""Median and 99th percentile of the rows a day; finance without a month's end in the days that are tested."""


@cache
def eight_days():
    world = World(WorldConfig(days=8, plots=()))
    tally = Tally(world)
    return list(tally.watch(world.moments())), tally.summary()


class TestSize:
    @pytest.mark.parametrize("role", [role for role in TARGETS if role != "finance"])
    def test_rows_a_day_are_near_those_of_the_reference(self, role):
        (found,) = [one for one in eight_days()[1].roles if one.role == role]
        median, p99 = TARGETS[role]
        assert 0.7 <= found.rows_median / median <= 1.4
        assert 0.5 <= found.rows_p99 / p99 <= 1.7

    def test_sixty_days_have_about_six_hundred_thousand_statements(self):
        summary = eight_days()[1]
        assert 500_000 <= summary.statements * 60 / 8 <= 800_000
        assert 0.7 <= summary.personal_statements / summary.statements <= 0.9
        assert (summary.attacks, sum(role.accounts for role in summary.roles)) == (0, 312)

    def test_a_statement_is_written_in_less_than_a_tenth_of_a_millisecond(self):
        """So a whole seed takes at most a minute, on a busy machine."""
        started = time.process_time()
        lines = sum(1 for _ in World(WorldConfig(days=1, plots=())).activities())
        assert (time.process_time() - started) / lines < 100e-6


class TestRhythm:
    def test_humans_rest_two_days_a_week_and_support_on_any(self):
        config = FULL.config
        rest = defaultdict(set)
        for person, habit in HUMANS:
            for day in range(14):
                if habit.hired <= 0 and habit.vacation[1] == 0 and not works(person, habit, day, config):
                    rest[person.employee, person.role].add(day % 7)
        assert all(len(days) == 2 for days in rest.values())
        assert {day for (_, role), days in rest.items() if role == "support" for day in days} == set(range(7))
        assert {day for (_, role), days in rest.items() if role != "support" for day in days} == {5, 6}

    def test_people_work_in_their_shifts(self):
        habits = {person.employee: habit for person, habit in FULL.people}
        inside = Counter()
        for moment in eight_days()[0]:
            person = moment.session.person
            if moment.statement is None or person.role == "service":
                continue
            local = datetime.fromtimestamp(moment.time_ms / 1000, ZoneInfo(person.zone))
            hours = (local.hour + local.minute / 60 - habits[person.employee].shift_hours + 1) % 24
            inside[hours <= 10.5] += 1
        assert 0 < inside[False] < 0.01 * inside[True], "some work by night, few"

    def test_three_time_zones(self):
        zones = Counter(person.zone for person, _ in HUMANS)
        assert zones.keys() == {"Europe/Berlin", "Europe/London", "America/New_York"}
        assert min(zones.values()) >= 60

    def test_all_of_finance_at_work_runs_the_big_lists_on_the_last_working_day_of_the_month(self):
        headcount = Headcount(0, 0, 0, 0, 0, 30, 0)
        world = World(WorldConfig(start=date(2025, 9, 22), days=11, headcount=headcount, plots=(), role_changes=0.0))
        lists, at_work = defaultdict(set), set()
        for moment in world.moments():
            if moment.statement is None:
                continue
            day = datetime.fromtimestamp(moment.time_ms / 1000, ZoneInfo(moment.session.person.zone)).date()
            if day == date(2025, 9, 30):
                at_work.add(moment.session.person.employee)
            if "p.iban, p.paid_at, c.name" in moment.statement.sql:
                lists[day].add(moment.session.person.employee)
        assert lists[date(2025, 9, 30)] == at_work
        assert set(lists) == {date(2025, 9, 29), date(2025, 9, 30), date(2025, 10, 1)}
        assert len(lists[date(2025, 9, 29)]) < len(at_work)

    @pytest.mark.parametrize(
        ("day", "left", "first"),
        [
            (date(2025, 9, 30), 0, False),
            (date(2025, 9, 29), 1, False),
            (date(2025, 10, 1), 22, True),
            # Saturday 1 November 2025: Monday it is.
            (date(2025, 11, 1), 20, False),
            (date(2025, 11, 3), 19, True),
            (date(2025, 10, 31), 0, False),
        ],
    )
    def test_months_end_on_working_days(self, day, left, first):
        assert working_days_to_month_end(day) == left
        assert is_first_working_day(day) is first

    def test_local_clocks_know_summer_time(self):
        for day, offset in ((date(2025, 10, 25), 2), (date(2025, 10, 27), 1)):
            noon = at_local("Europe/Berlin", day, 12.0)
            assert datetime.fromtimestamp(noon / 1000, UTC).hour == 12 - offset
            assert local_day("Europe/Berlin", noon) == (day - date(1970, 1, 1)).days
            assert local_day("Europe/Berlin", at_local("Europe/Berlin", day, 27.9)) == (day - date(1970, 1, 1)).days


class TestPeople:
    def test_shares_are_about_those_that_are_asked_for(self):
        many = [
            h
            for p, h in World(WorldConfig(headcount=Headcount().scaled(3_000), plots=())).people
            if p.role != "service"
        ]
        for share, count in (
            (0.35, sum(habit.vacation[1] > 0 for habit in many)),
            (0.07, sum(habit.hired > 0 for habit in many)),
            (0.05, sum(habit.role_change is not None for habit in many)),
            (0.03, sum(habit.duty_change is not None for habit in many)),
            (0.10, sum(habit.wanders for habit in many)),
        ):
            assert 0.7 * share <= count / len(many) <= 1.3 * share

    def test_directory_knows_when_people_begin(self):
        config = FULL.config
        text = FULL.identities_yaml()
        for person, habit in FULL.people:
            start = f"start_date: {config.start + timedelta(days=habit.hired)}" if habit.hired > 0 else None
            (line,) = [line for line in text.splitlines() if f"id: {person.employee}," in line]
            assert ("start_date" in line) is (start is not None)
            assert start is None or start in line

    def test_directory_tells_of_new_roles_before_the_first_day_in_them(self):
        moved = {person.employee: (person, habit.role_change) for person, habit in FULL.people if habit.role_change}
        changes = list(FULL.identity_changes())
        assert {key.decode() for _, key, _ in changes} == moved.keys()
        assert len(moved) >= 5
        for time_ms, key, value in changes:
            change = read_change(key, value)
            assert isinstance(change, Change)
            assert change.person is not None
            person, (day, role) = moved[change.employee_id]
            assert (change.person.employee.group, change.person.employee.time_zone) == (role, person.zone)
            assert local_day(person.zone, time_ms) == (FULL.config.start + timedelta(days=day) - date(1970, 1, 1)).days

    def test_new_role_means_another_program_from_the_moment_of_the_change_on(self):
        headcount = Headcount(20, 0, 0, 0, 0, 0, 0)
        world = World(WorldConfig(days=22, headcount=headcount, plots=(), role_changes=1.0, new_hires=0.0))
        changes = {key.decode(): time_ms for time_ms, key, _ in world.identity_changes()}
        assert len(changes) == 20
        before, after = Counter(), Counter()
        for moment in world.moments():
            moved = moment.time_ms >= changes[moment.session.person.employee]
            (after if moved else before)[moment.session.program.startswith("crm-")] += 1
        assert before.keys() == {True}
        assert after.keys() == {False}

    def test_duty_changes_are_changes(self):
        factors = [habit.duty_change[1] for _, habit in FULL.people if habit.duty_change is not None]
        assert len(factors) >= 3
        assert all(0.5 <= factor <= 0.75 or 1.4 <= factor <= 2.5 for factor in factors)

    def test_wanderers_have_a_new_address_every_day(self):
        addresses = defaultdict(set)
        for moment in eight_days()[0]:
            addresses[moment.session.person.employee].add(moment.session.client)
        wanderers = {person.employee for person, habit in FULL.people if habit.wanders}
        assert min(len(addresses[employee]) for employee in wanderers & addresses.keys()) >= 1
        assert sum(len(addresses[e]) for e in wanderers) / len(wanderers) > 3
        settled = addresses.keys() - wanderers
        assert sum(len(addresses[e]) for e in settled) / len(settled) < 2

    def test_new_things_happen_to_ordinary_people(self):
        programs, foreign = Counter(), 0
        for moment in eight_days()[0]:
            if moment.session.person.role == "support" and moment.statement is not None:
                programs[moment.session.program] += 1
                foreign += "select * from" in moment.statement.sql
        assert 0 < programs["crm-mobile"] < 0.05 * programs["crm-ui"]
        assert foreign > 0


class TestServices:
    def test_walk_over_the_customers_every_night_and_dump_without_a_count(self):
        chunks, uncounted = Counter(), Counter()
        for moment in eight_days()[0]:
            statement = moment.statement
            if statement is not None and moment.session.program.endswith("-nightly"):
                chunks[moment.session.person.employee] += "id > " in statement.sql
                uncounted[moment.session.person.employee] += statement.rows is None
        assert min(chunks.values()) > 8 * 20
        assert uncounted["backup_svc"] == 8 * 3

    def test_answer_with_bind_values(self):
        sent = next(m.statement for m in eight_days()[0] if m.statement is not None and m.statement.parameters)
        assert "$1" in sent.sql
