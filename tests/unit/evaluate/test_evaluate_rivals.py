"""The detectors to compare with: each on a tiny stream, and the published formulas with known numbers."""

from __future__ import annotations

import math
import random

import pytest
from unit.evaluate.streams import statement

from streamguard.detect.deciderscorer import DeciderScorer
from streamguard.detect.scorer import Calibrated, Published, Weighed
from streamguard.evaluate.detectors import DETECTORS, UnknownDetectorError, make_detector, resolve
from streamguard.evaluate.rivals import RIVALS, AnomalousSpike, KSigma, RiskPoints, StaticRows
from streamguard.evaluate.rivals.moving import Moving
from streamguard.evaluate.rivals.pareto import fit_pareto, pareto_tail

every_rival = pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
QUIET_DAYS = 40


def quiet(days=QUIET_DAYS, people=("a", "b", "c"), rows=20, seed=3):
    """Ordinary days: eight statements each, some rows more or less."""
    rng = random.Random(seed)
    return [
        statement(who, day, 9 + hour, max(1, round(rows * math.exp(rng.gauss(0, 0.3)))))
        for day in range(days)
        for hour in range(8)
        for who in people
    ]


def scores(scorer, exposures):
    return [scorer.observe(one) for one in exposures]


@every_rival
def test_a_hundred_times_as_many_rows_are_stranger_than_any_ordinary_day(rival):
    scorer = rival()
    before = scores(scorer, quiet())
    dump = scores(scorer, [statement("a", QUIET_DAYS, 10 + hour, 5_000) for hour in range(3)])
    late = before[len(before) // 2 :]
    assert max(dump) > max(late)
    assert all(math.isfinite(score) for score in before + dump)


@every_rival
def test_the_same_statements_get_the_same_scores(rival):
    assert scores(rival(), quiet(20)) == scores(rival(), quiet(20))


@every_rival
def test_uncounted_rows_and_times_out_of_order_do_no_harm(rival):
    scorer = rival()
    odd = [statement("a", day, hour, None) for day in (3, 2, 9) for hour in (10, 9)]
    assert all(math.isfinite(score) for score in scores(scorer, [*quiet(12), *odd, *quiet(2)]))


@every_rival
def test_memory_is_bounded(rival):
    scorer = rival()
    for number in range(3_000):
        scorer.observe(
            statement("a", number // 60, number % 24, number, tables=(f"t{number}",), client=f"10.0.{number}.1")
        )
    assert max(scorer.employee_bytes(), default=0) < 20_000


def test_a_static_rule_says_the_rows():
    assert scores(StaticRows(), [statement("a", 1, 9, 12_345), statement("a", 1, 10, None)]) == [12_345.0, 0.0]
    assert StaticRows().thresholds == {"10k": 10_000, "50k": 50_000, "100k": 100_000}


def test_the_spike_rule_is_the_published_formula():
    """Days of 0, 1, ..., 19 rows: mean 9.5, sd 5.916, 25 % quantile 4, 95 % quantile 18."""
    rule = AnomalousSpike()
    scores(rule, [statement("a", day, 10, day) for day in range(20)])
    z = (100 - 9.5) / (math.sqrt(sum((x - 9.5) ** 2 for x in range(20)) / 19) + 1)
    q = (100 - 18) / (18 - 4 + 1)
    assert rule.observe(statement("a", 20, 10, 100)) == pytest.approx(min(z / 3, q / 2))


def test_the_spike_rule_says_nothing_in_the_first_two_weeks():
    rule = AnomalousSpike()
    assert max(scores(rule, quiet(14))) == 0.0


def test_k_sigma_counts_deviations_of_the_days_total():
    scorer = KSigma()
    scores(scorer, [statement("a", day, 10, rows) for day, rows in enumerate([10, 20, 10, 20, 10, 20])])
    level = Moving()
    for rows in (10, 20, 10, 20, 10, 20):
        level.learn(math.log1p(rows))
    first, second = scores(scorer, [statement("a", 6, 10, 40), statement("a", 6, 11, 60)])
    assert (first, second) == pytest.approx((level.deviations(math.log1p(40)), level.deviations(math.log1p(100))))


def test_moving_is_a_plain_mean_at_first_and_forgets_later():
    level = Moving()
    for x in (1.0, 2.0, 3.0):
        level.learn(x)
    assert (level.mean, level.variance) == pytest.approx((2.0, 2 / 3))
    for _ in range(200):
        level.learn(7.0)
    assert (level.mean, level.variance) == pytest.approx((7.0, 0.0), abs=1e-3)


def test_new_attributes_and_an_unusual_hour_have_points():
    def points(hour=10, **changes):
        scorer = RiskPoints()
        scores(scorer, quiet(people=("a",)))
        return scorer.observe(statement("a", QUIET_DAYS, hour, 20, **changes))

    ordinary = points()
    assert points(client="192.0.2.7") == ordinary + 2
    assert points(client="192.0.2.7", application="psql") == ordinary + 4
    assert points(hour=23) == ordinary + 2


@pytest.mark.parametrize(("shape", "scale"), [(0.25, 1.5), (-0.2, 2.0), (0.0, 1.0)])
def test_the_pareto_fit_finds_the_distribution_again(shape, scale):
    rng = random.Random(11)
    uniform = [rng.random() for _ in range(4_000)]
    drawn = [
        scale * (u**-shape - 1) / shape if shape else -scale * math.log(u)  # the inverse of the tail
        for u in uniform
    ]
    found = fit_pareto(drawn)
    assert found == pytest.approx((shape, scale), abs=0.08)
    median = sorted(drawn)[2_000]
    assert pareto_tail(median, *found) == pytest.approx(0.5, abs=0.03)


def test_a_tail_of_few_excesses_is_exponential():
    assert fit_pareto([1.0, 2.0, 3.0]) == (0.0, 2.0)
    assert fit_pareto([]) == (0.0, 1.0)
    assert pareto_tail(2.0, 0.0, 2.0) == pytest.approx(math.exp(-1))


def test_our_own_detector_knows_where_its_budget_lies():
    ours = DeciderScorer()
    assert isinstance(ours, Calibrated)
    assert [ours.alert_level(budget) for budget in (1, 10, 100)] == [3.0, 2.0, 1.0]
    found = scores(ours, quiet(12))
    assert all(score >= 0.0 for score in found)
    assert isinstance(ours, Weighed)
    assert len(ours.employee_bytes()) == 3


def test_who_moves_to_another_peer_shard_is_known_there():
    ours = DeciderScorer()
    scores(ours, quiet(12, people=("a", "b")))
    ours.observe(statement("a", 12, 9, 20, shard="finance/0"))
    ours.observe(statement("newcomer", 12, 9, 20, shard="finance/0"))
    known, new = (ours._deciders["finance/0"].memory.peek(who) for who in ("a", "newcomer"))
    assert (len(known.recent), len(new.recent)) == (12, 0)


def test_rules_have_names_and_thresholds_of_their_own():
    assert len(DETECTORS) == len(RIVALS) + 1
    published = {name for name in DETECTORS if isinstance(make_detector(name), Published)}
    assert published == {"static_rows", "sentinel_spike", "hourly_interval", "k_sigma", "dspot"}
    assert not any(isinstance(rival(), Calibrated) for rival in RIVALS)


class Mine:
    name = "mine"

    def observe(self, exposure):
        return float(exposure.activity.rows or 0)


class NoDetector:
    pass


def test_people_bring_their_own_detector():
    assert make_detector(f"{__name__}:Mine").name == "mine"
    assert resolve(["all", "all", f"{__name__}:Mine"]) == (*DETECTORS, f"{__name__}:Mine")


@pytest.mark.parametrize(
    "name",
    ["streamgard", f"{__name__}:NoDetector", f"{__name__}:Missing", "no.such.module:Mine", f"{__name__}:statement"],
)
def test_what_is_no_detector_is_refused(name):
    with pytest.raises(UnknownDetectorError):
        resolve([name])
