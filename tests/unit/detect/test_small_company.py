"""A company of sixty over three weeks: quiet when it is quiet, and two leaks are found."""

from __future__ import annotations

import pytest
from unit.detect.small_company import HOUR_MS, ROLES, at, exposure, merged, ordinary

from streamguard.detect import Decider, DetectConfig

SUPPORT = ROLES[0]
SEEDS = range(3)


def cases(stream, config=None):
    """(employee, time, decision) of every new case of one peer shard."""
    decider = Decider(config or DetectConfig(), {}.get)
    found = []
    for one in stream:
        decision = decider.observe(one)
        if decision is not None and not decision.is_update:
            found.append((one.employee, one.activity.time_ms, decision))
    return found


def test_a_quiet_company_of_sixty_has_hardly_any_case_in_three_weeks():
    found = [case for seed in SEEDS for role in ROLES for case in cases(ordinary(role, seed))]
    # Three companies x 60 people x about eight judged days: B = 5 allows seven; expected are fewer.
    assert len(found) <= 5


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dump_at_night_is_found_with_its_first_statement(seed):
    dump = exposure("support.03", at(17, 3.2), 48_210, offset=10**6)
    found = [case for case in cases(merged(ordinary(SUPPORT, seed), [dump])) if case[0] == "support.03"]
    assert [when for _, when, _ in found] == [at(17, 3.2)]
    assert found[0][2].expected_per_1000 < 0.01


@pytest.mark.parametrize("seed", SEEDS)
def test_three_exports_of_500_rows_a_day_are_found_on_the_first_day_as_one_case(seed):
    times = [at(day, hour) for day in (15, 16, 17) for hour in (9.5, 13, 16)]
    leak = [exposure("support.05", when, 500, offset=10**6 + place) for place, when in enumerate(times)]
    found = [case for case in cases(merged(ordinary(SUPPORT, seed), leak)) if case[0] == "support.05"]
    assert len(found) == 1
    assert times[0] <= found[0][1] <= times[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_employee_is_judged_by_the_peers_from_the_first_day(seed):
    take = exposure("support.new", at(17, 11), 5000, offset=10**6)
    honest = [exposure("support.honest", at(17, 9 + 0.2 * place), 2, offset=2 * 10**6) for place in range(40)]
    found = cases(merged(ordinary(SUPPORT, seed), [take], honest))
    assert "support.new" in {who for who, _, _ in found}
    assert "support.honest" not in {who for who, _, _ in found}


def test_a_hundred_look_ups_more_are_found_by_their_number_although_no_rows_are_counted():
    looks = [exposure("support.07", at(17, 9) + place * 90_000, None, offset=10**6 + place) for place in range(300)]
    found = [case for case in cases(merged(ordinary(SUPPORT, 1), looks)) if case[0] == "support.07"]
    assert found[0][2].channels[0].name == "statements_1d"
    assert found[0][2].day.statements_without_rows > 50


def team_wide(people):
    """Exports of 3000 rows, one employee after the other, every twenty minutes from nine."""
    return [
        exposure(f"support.{number:02d}", at(17, 9) + number * 20 * 60_000, 3000, offset=10**6 + number)
        for number in people
    ]


def test_what_most_of_a_team_does_today_is_no_alarm_for_the_rest_of_it():
    rest = range(20, SUPPORT.people)
    names = {f"support.{number:02d}" for number in rest}
    together = {who for who, _, _ in cases(merged(ordinary(SUPPORT, 2), team_wide(range(SUPPORT.people))))}
    alone = {who for who, _, _ in cases(merged(ordinary(SUPPORT, 2), team_wide(rest)))}
    assert len(together & names) <= 1
    assert len(alone & names) == len(names)


def test_one_of_a_group_of_five_cannot_hide():
    role = ROLES[4]._replace(people=5)
    take = exposure("dba.02", at(24, 12), 4000, group="dba", offset=10**6)
    found = cases(merged(ordinary(role, 1, 28), [take]))
    assert "dba.02" in {who for who, _, _ in found}


def test_an_export_of_any_size_is_finite():
    found = cases(merged(ordinary(SUPPORT, 1), [exposure("support.03", at(17, 10), 10**12)]))
    decision = next(decision for who, _, decision in found if who == "support.03")
    assert 10 < decision.strangeness < 1000
    assert decision.expected_per_1000 >= 0.0


def frog(days, factor):
    """Rows that grow by a factor every day, in one export a day."""
    return [
        exposure("support.05", at(day, 14), round(20 * factor**place), offset=10**6 + place)
        for place, day in enumerate(days)
    ]


def test_a_boiling_frog_is_found_long_before_it_has_taken_what_it_wants():
    leak = frog([day for day in range(10, 40) if day % 7 < 5], 1.5)
    found = [case for case in cases(merged(ordinary(SUPPORT, 1, 40), leak)) if case[0] == "support.05"]
    taken = sum(one.activity.rows for one in leak if one.activity.time_ms <= found[0][1])
    assert taken < 0.05 * sum(one.activity.rows for one in leak)


def test_there_is_no_case_before_the_warm_up_is_over():
    dumps = [
        exposure("support.03", at(2, 12), 50_000, offset=10**6),
        exposure("support.04", at(7, 12), 50_000, offset=10**6 + 1),
    ]
    stream = merged(ordinary(SUPPORT, 1, 9), dumps)
    assert cases(stream) == []
    assert "support.04" in {who for who, _, _ in cases(stream, DetectConfig(warmup_days=5))}


def test_a_small_group_waits_for_enough_days_to_know_a_tail():
    role = ROLES[4]._replace(people=2)
    dump = exposure("dba.01", at(11, 12), 50_000, group="dba", offset=10**6)
    stream = merged(ordinary(role, 1, 12), [dump])
    assert cases(stream) == []
    assert cases(stream, DetectConfig(warmup_employee_days=5)) != []


def test_the_same_stream_gives_the_same_decisions():
    stream = merged(ordinary(SUPPORT, 4), [exposure("support.03", at(17, 3.2), 48_210)])
    assert cases(stream) == cases(list(stream))


def test_only_personal_data_counts():
    decider = Decider(DetectConfig(), {}.get)
    decider.observe(exposure("a", at(0, 9), 10**9, categories={}, sensitivity=0))
    assert decider.drain() == []


def test_hours_of_the_company_are_hours():
    assert at(0, 1) - at(0, 0) == HOUR_MS
