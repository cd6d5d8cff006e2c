"""Days, ages and who is new."""

from __future__ import annotations

from unit.evaluate.streams import DAYS, judged, said, truth


def test_active_days_are_counted_from_the_first():
    world = judged([said("a", day, 10, 0.0) for day in (1, 1, 4, 5)])
    assert world.scene.ages[0].tolist() == [0, 1, 0, 0, 2, 3, 0, 0, 0, 0, 0]


def test_a_night_belongs_to_the_day_before_and_a_late_record_to_the_open_day():
    world = judged([said("a", 3, 12, 1.0), said("a", 4, 3, 2.0)])
    assert world.ladder.days.tolist() == [3, 3]
    late = [said("b", 5, 12, 1.0), said("b", 6, 12, 1.0), said("b", 5, 13, 2.0)]
    # Out of order on purpose: a source was late.
    from unit.evaluate.streams import Told

    from streamguard.evaluate.exposures import Chunk
    from streamguard.evaluate.judge import judge_chunks

    chunk = Chunk([one[0] for one in late], [-1] * 3)
    result = judge_chunks("late", truth(), [chunk], [Told(one[1] for one in late)])
    assert result.judged("told").ladder.days.tolist() == [5, 6, 6]


def test_who_comes_after_the_first_week_is_a_new_hire():
    world = judged([said("a", 0, 10, 0.0), said("b", 7, 10, 0.0), said("c", 8, 10, 0.0)])
    assert world.scene.hired.tolist() == [False, False, True]


def test_what_is_after_the_last_day_in_the_east_is_no_false_case():
    world = judged([said("a", DAYS - 1, 20, 5.0, utc_offset_minutes=10 * 60)])
    assert world.ladder.days.tolist() == [DAYS]
    assert not world.scene.clean[0, DAYS]
