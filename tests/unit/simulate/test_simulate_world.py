"""A simulated company is a function of its configuration, and an attack adds to it without changing it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache
from itertools import pairwise

import orjson
import pytest

from streamguard.simulate import (
    FORMATS,
    Headcount,
    Plot,
    Scenario,
    World,
    WorldConfig,
    clean,
    cold_start,
    poisoned,
    small_company,
)

THIRTY = Headcount(support=12, fraud=5, marketing=3, data_engineering=3, dba=3, finance=2, service=2)
PLOTS = tuple(
    Plot(scenario, 1)
    for scenario in (Scenario.BULK_DUMP, Scenario.COLLUSION, Scenario.MIMICRY, Scenario.STOLEN_CREDENTIAL)
)
CONFIG = WorldConfig(days=8, evaluate_from_day=4, headcount=THIRTY, plots=PLOTS)


@cache
def log(config, form="ocsf"):
    return list(World(config).lines(form))


class TestBytes:
    @pytest.mark.parametrize("hash_seed", ["0", "1"])
    def test_do_not_depend_on_the_process(self, hash_seed):
        program = (
            "import hashlib; from streamguard.simulate import *; world = World(small_company(days=3)); "
            "print(hashlib.sha256(b'\\n'.join(world.activities())).hexdigest(), world.truth() == world.truth())"
        )
        told = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        ).stdout.split()
        lines = b"\n".join(World(small_company(days=3)).activities())
        assert told == [hashlib.sha256(lines).hexdigest(), "True"]

    def test_differ_with_the_seed(self):
        first, second = (log(small_company(seed=seed, days=1, attacks=False)) for seed in (1, 2))
        assert set(first).isdisjoint(second)

    @pytest.mark.parametrize("form", FORMATS)
    def test_of_everything_else_do_not_change_with_an_attack(self, form):
        quiet, attacked = log(clean(CONFIG), form), log(CONFIG, form)
        added = set(attacked) - set(quiet)
        assert added
        assert [line for line in attacked if line not in added] == quiet

    def test_of_somebody_do_not_change_with_a_colleague(self):
        more = Headcount(support=16, fraud=5, marketing=3, data_engineering=3, dba=3, finance=2, service=2)

        def days_of(headcount):
            config = WorldConfig(days=3, headcount=headcount, plots=())
            found = {}
            for moment in World(config).moments():
                if moment.statement is not None:
                    who = moment.session.person.employee
                    found.setdefault(who, []).append((moment.time_ms, moment.statement, moment.session.client))
            return found

        alone, together = days_of(THIRTY), days_of(more)
        assert set(alone) < set(together)
        assert all(together[who] == deeds for who, deeds in alone.items())


class TestStream:
    def test_comes_in_the_order_of_time_with_ids_of_its_own(self):
        events = [orjson.loads(line) for line in log(CONFIG)]
        assert all(a["time"] <= b["time"] for a, b in pairwise(events))
        assert len({event["metadata"]["uid"] for event in events}) == len(events)

    def test_holds_what_the_truth_says(self):
        world = World(CONFIG)
        events = {event["metadata"]["uid"]: event for event in map(orjson.loads, log(CONFIG))}
        truth = orjson.loads(orjson.dumps(world.truth()))
        assert (truth["version"], truth["evaluate_from_day"], len(truth["attacks"])) == (1, 4, len(PLOTS))
        quiet = {orjson.loads(line)["metadata"]["uid"] for line in log(clean(CONFIG))}
        assert sum(len(attack["activity_ids"]) for attack in truth["attacks"]) == len(events) - len(quiet)
        for attack in truth["attacks"]:
            mine = [events[uid] for uid in attack["activity_ids"]]
            assert quiet.isdisjoint(attack["activity_ids"])
            assert {event["actor"]["user"]["name"] for event in mine} == set(attack["employees"])
            assert (mine[0]["time"], mine[-1]["time"]) == (attack["start_ms"], attack["end_ms"])
            assert sum(event["unmapped"]["rows_returned"] for event in mine) == attack["rows"]
            assert attack["tables"]
            assert attack["categories"]

    def test_is_written_day_by_day(self):
        """The first lines are there long before the last day is made."""
        world = World(WorldConfig(days=2_000, headcount=Headcount(1, 0, 0, 0, 0, 0, 0), plots=()))
        assert next(world.activities())


class TestConfig:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"days": 0, "plots": ()}, "at least one day"),
            ({"days": 20}, "begin on day 21"),
        ],
    )
    def test_refuses_what_cannot_be_simulated(self, changes, message):
        with pytest.raises(ValueError, match=message):
            WorldConfig(**changes)

    def test_refuses_more_attackers_than_there_are(self):
        with pytest.raises(ValueError, match="too few people in support for so many of low_and_slow"):
            World(WorldConfig(headcount=THIRTY, plots=(Plot(Scenario.LOW_AND_SLOW, 13),)))

    def test_of_the_evaluation_has_the_stated_size(self):
        world = World(WorldConfig())
        assert len(world.people) == 312
        assert len(world.truth()["attacks"]) == 24
        attackers = [employee for attack in world.attacks for employee in attack.employees]
        assert len(attackers) == len(set(attackers)) == 30

    def test_scales(self):
        assert Headcount().scaled(3_120) == Headcount(1300, 400, 400, 400, 200, 300, 120)
        people = World(WorldConfig(days=1, headcount=Headcount().scaled(7_000), plots=())).people
        assert len({person.employee for person, _ in people}) == len(people) == 6_999

    def test_of_poisoning_and_cold_start_have_their_attackers(self):
        for config in (
            poisoned(WorldConfig(), Scenario.BOILING_FROG, 1.2),
            poisoned(WorldConfig(), Scenario.DRIP, 0.5),
        ):
            attacks = World(config).attacks
            assert len(attacks) == len({attack.employees for attack in attacks}) == 36
            assert {attack.strength for attack in attacks} == {config.plots[0].strength}
        world = World(cold_start(WorldConfig(), 10.0, 4))
        hired = {person.employee for person, habit in world.people if habit.hired > 0}
        assert len(world.attacks) == 12
        assert {employee for attack in world.attacks for employee in attack.employees} <= hired
