"""Every scenario has the shape that it is described with: rows, statements, days, hours, tables, clients."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from streamguard.simulate import Plot, Scenario, World, WorldConfig, poisoned
from streamguard.simulate.attacks.actor import Actor
from streamguard.simulate.roles import ROLES
from streamguard.simulate.schema import is_personal
from streamguard.simulate.workday import sessions

SEEDS = (1, 2, 3)
FIRST_DAY = datetime(2025, 9, 22, tzinfo=UTC)
"""Day 21, less the hours that zones are ahead of UTC."""


class Taken:
    """What one attack took, statement by statement."""

    def __init__(self, world, incident):
        self.world = world
        self.incident = incident
        self.sessions = incident.sessions
        self.people = {person.employee: (person, habit) for person, habit in world.people}
        self.work = sorted(item for session in incident.sessions for item in session.work)
        self.statements = [statement for _, statement in self.work]
        self.rows = sum(statement.rows for statement in self.statements)

    @property
    def actor(self):
        (employee,) = {session.person.employee for session in self.sessions}
        return Actor(*self.people[employee], self.world.config)

    def days(self):
        """Return what was taken on each day at work: an attack has one session a day and person."""
        return [[statement for _, statement in session.work] for session in self.sessions]


@cache
def world(seed):
    return World(WorldConfig(seed=seed))


@pytest.fixture
def attacks(request):
    scenario = request.param
    found = [Taken(world(seed), i) for seed in SEEDS for i in world(seed).incidents if i.scenario is scenario]
    assert len(found) == 2 * len(SEEDS)
    return found


def of(scenario):
    return pytest.mark.parametrize("attacks", [scenario], indirect=True, ids=str)


@of(Scenario.BULK_DUMP)
def test_bulk_dump_is_one_statement(attacks):
    for attack in attacks:
        (statement,) = attack.statements
        assert 200_000 <= statement.rows <= 3_000_000


@of(Scenario.UNDER_THRESHOLD)
def test_under_threshold_stays_below_ten_thousand(attacks):
    for attack in attacks:
        assert all(9_000 <= statement.rows <= 9_990 for statement in attack.statements)
        days = attack.days()
        assert 4 <= len(days) <= 5
        assert all(1 <= len(day) <= 2 for day in days)


@of(Scenario.LOW_AND_SLOW)
def test_low_and_slow_looks_up_single_customers_on_many_days(attacks):
    for attack in attacks:
        assert {statement.rows for statement in attack.statements} == {1}
        days = attack.days()
        assert 10 <= len(days) <= 16
        usual = attack.actor.usual_statements
        assert all(0.6 * usual <= len(day) <= 1.8 * usual for day in days)


@of(Scenario.BOILING_FROG)
def test_boiling_frog_grows_slowly(attacks):
    for attack in attacks:
        rows = [sum(s.rows for s in day) for day in attack.days()]
        assert len(rows) >= 13
        assert rows[0] <= attack.actor.usual_rows
        assert all(later >= earlier for earlier, later in pairwise(rows))
        assert rows[-1] <= 101 * attack.actor.usual_rows
        assert all(later <= 2.1 * earlier + 3 for earlier, later in pairwise(rows))


@of(Scenario.OFF_HOURS)
def test_off_hours_is_far_from_the_shift(attacks):
    for attack in attacks:
        assert len(attack.statements) == 5
        habit, zone = attack.actor.habit, ZoneInfo(attack.actor.person.zone)
        for time_ms, statement in attack.work:
            local = datetime.fromtimestamp(time_ms / 1000, zone)
            hours = (local.hour + local.minute / 60 - habit.shift_hours) % 24
            assert 13.0 <= hours <= 20.0
            assert statement.rows <= max(20, attack.actor.usual_rows)


@of(Scenario.NEW_TABLE)
def test_new_table_is_none_of_the_roles(attacks):
    for attack in attacks:
        (statement,) = attack.statements
        assert statement.tables[0] in ROLES[attack.actor.person.role].foreign_tables
        assert 300 <= statement.rows <= 5_000


@of(Scenario.NEW_CATEGORY)
def test_new_category_is_of_columns_that_few_read(attacks):
    for attack in attacks:
        (statement,) = attack.statements
        assert {"national_id", "birth_date"} & set(statement.columns)
        assert 100 <= statement.rows <= 2_000


def test_columns_of_the_new_category_are_read_by_fraud_alone():
    readers = Counter()
    for moment in World(WorldConfig(days=2, plots=(), role_changes=0.0)).moments():
        if moment.statement is not None and {"national_id", "birth_date"} & set(moment.statement.columns):
            readers[moment.session.person.role] += 1
    assert readers.keys() == {"fraud", "service"}
    assert readers["service"] == 2, "the nightly dump of the backup"


@of(Scenario.STOLEN_CREDENTIAL)
def test_stolen_credential_comes_with_an_address_and_a_program_of_its_own(attacks):
    for attack in attacks:
        assert 10 <= len(attack.statements) <= 30
        assert all(20 <= statement.rows <= 500 for statement in attack.statements)
        (session,) = attack.sessions
        assert session.client != attack.actor.habit.client
        assert session.program not in ROLES[session.person.role].programs


@of(Scenario.COLLUSION)
def test_collusion_is_four_people_with_one_script_over_adjacent_ids(attacks):
    for attack in attacks:
        days = attack.days()
        assert len({session.person.employee for session in attack.sessions}) == 4
        assert attack.work[-1][0] - attack.work[0][0] < 7 * 24 * 3_600_000
        assert all(150 <= sum(s.rows for s in day) <= 300 for day in days)
        _assert_adjacent(s for session in attack.sessions for _, s in session.work)


@of(Scenario.OFFSET_PAGING)
def test_offset_paging_is_a_hundred_pages_and_more_in_one_day(attacks):
    for attack in attacks:
        assert 100 <= len(attack.statements) <= 300
        offsets = [int(statement.sql.rpartition(" ")[2]) for statement in attack.statements]
        assert [later - earlier for earlier, later in pairwise(offsets)] == [100] * (len(offsets) - 1)
        assert attack.work[-1][0] - attack.work[0][0] < 3.5 * 3_600_000


@of(Scenario.ID_RANGES)
def test_id_ranges_are_adjacent(attacks):
    for attack in attacks:
        days = attack.days()
        assert 4 <= len(days) <= 6
        assert all(15 <= len(day) <= 40 for day in days)
        assert all(50 <= statement.rows <= 200 for statement in attack.statements)
        _assert_adjacent(attack.statements)


@of(Scenario.MIMICRY)
def test_mimicry_does_what_the_person_does_anyway(attacks):
    for attack in attacks:
        days = attack.days()
        assert 7 <= len(days) <= 10
        own = {
            re.sub(r"'[^']*'|\d+", "?", statement.sql.split(" from ")[1].split(" ")[0])
            for statement in attack.statements
        }
        role = attack.actor.role
        assert own <= {s.sql.split(" from ")[1].split(" ")[0] for s in _samples(role) if " from " in s.sql}
        usual = attack.actor.usual_rows
        taken = [sum(s.rows for s in day if is_personal(s)) for day in days]
        assert 1.0 * usual <= sorted(taken)[len(taken) // 2] <= 2.7 * usual


@pytest.mark.parametrize("factor", [1.05, 1.2, 2.0])
def test_poisoning_runs_to_the_end(factor):
    poison = World(poisoned(WorldConfig(seed=4), Scenario.BOILING_FROG, factor, attackers=3))
    for incident in poison.incidents:
        attack = Taken(poison, incident)
        totals = [sum(s.rows for s in day) for day in attack.days()]
        usual = attack.actor.usual_rows
        expected = [min(100.0, 0.3 * factor**day) * usual for day in range(len(totals))]
        assert all(abs(total - rows) <= 3 for total, rows in zip(totals, expected, strict=True))
        assert datetime.fromtimestamp(attack.work[-1][0] / 1000, UTC) >= datetime(2025, 10, 25, tzinfo=UTC)


def test_drips_are_of_the_given_size():
    for multiple in (0.5, 4.0):
        drips = World(poisoned(WorldConfig(seed=5), Scenario.DRIP, multiple, attackers=6))
        for incident in drips.incidents:
            attack = Taken(drips, incident)
            totals = sorted(sum(s.rows for s in day if is_personal(s)) for day in attack.days())
            assert 0.8 * multiple <= totals[len(totals) // 2] / attack.actor.usual_rows <= 1.3 * multiple


def test_cold_start_is_on_an_early_day_at_work():
    for active_day in (2, 8):
        config = WorldConfig(seed=6, new_hires=0.3, plots=(Plot(Scenario.COLD_START, 4, 50.0, active_day),))
        hires = World(config)
        for incident in hires.incidents:
            (statement,) = Taken(hires, incident).statements
            person, habit = Taken(hires, incident).people[incident.sessions[0].person.employee]
            assert statement.rows == min(3_000_000, 50 * ROLES[person.role].usual_rows)
            day = (datetime.fromtimestamp(incident.sessions[0].work[0][0] / 1000, UTC).date() - config.start).days
            before = [d for d in range(habit.hired, day) if sessions(person, habit, d, config)]
            assert active_day - 2 <= len(before) <= active_day


def test_attacks_begin_on_day_21_or_later_and_show_personal_data():
    for seed in SEEDS:
        for attack in world(seed).attacks:
            assert datetime.fromtimestamp(attack.start_ms / 1000, UTC) >= FIRST_DAY.replace(day=21, hour=18)
        for incident in world(seed).incidents:
            shown = [is_personal(s) for session in incident.sessions for _, s in session.work]
            assert sum(shown) > len(shown) // 2


def _assert_adjacent(statements):
    ranges = [tuple(map(int, re.findall(r"\d+", statement.sql))) for statement in statements]
    assert all(low == high + 1 for (_, high), (low, _) in pairwise(ranges))


def _samples(role):
    random = Random(1)
    return [s for _, task in role.menu for _ in range(60) for s in task(random, 1.0)]
