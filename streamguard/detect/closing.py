"""The end of an employee-day: it is scored a last time, then the group's pools and the employee learn from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.baseline import COMBINED
from streamguard.baseline.measure import LARGEST, VOLUMES
from streamguard.baseline.tail import tail_bin
from streamguard.baseline.usual import CUSUMS, HOURS_NUMBER, RESIDUALS
from streamguard.detect import cases
from streamguard.detect.combine import TENTHS_PER_NAT
from streamguard.detect.cusum import accumulate
from streamguard.detect.gate import bits_of, learn_day
from streamguard.detect.score import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline import EmployeeMemory, GroupMemory
    from streamguard.detect.config import DetectConfig
    from streamguard.detect.scene import Scene
    from streamguard.detect.score import Score

_OCTAVES: Final = tuple(largest.number for largest in LARGEST)
_EVERYTHING: Final[tuple[int, ...]] = (*_OCTAVES, *RESIDUALS, *CUSUMS, COMBINED)


def close_day(
    memory: EmployeeMemory,
    groups: Sequence[GroupMemory],
    scene: Scene,
    score: Score,
    config: DetectConfig,
    *,
    alerting: bool,
) -> None:
    """Close the open day.

    Parameters
    ----------
    memory, groups, scene
        The employee, the groups that learn of it (the shard's first), and the employee's day among them.
    score
        The detectors.
    config
        What may be learned.
    alerting
        Whether findings may be raised yet.
    """
    memory.bring_up()
    for volume in memory.volumes:
        volume.rise()
    score.raise_to(scene, EVERYTHING)
    commons = scene.commons[: len(VOLUMES)]
    net = [volume.exact_residual() - common for volume, common in zip(memory.volumes, commons, strict=True)]
    cusums = [accumulate(volume.cusum, residual) for volume, residual in zip(memory.volumes, net, strict=True)]
    predicted = all(volume.deviation for volume in memory.volumes)
    is_newcomer, is_first = memory.habits.is_newcomer, not memory.habits.tenure
    if learn_day(memory, commons, cusums, config, alerting=alerting):
        numbers, places = _OCTAVES, list(memory.signs.octaves)
        if predicted:
            numbers = _EVERYTHING
            places += [tail_bin(residual) for residual in net]
            places += [tail_bin(10.0 * cusum) for cusum in cusums]
            places.append(tail_bin(TENTHS_PER_NAT * memory.score))
        for group in groups:
            group.pool.push(numbers, places, HOURS_NUMBER, bits_of(memory.signs.hours))
        if not is_first:
            groups[0].news.learn_day(memory.signs.is_news, is_newcomer=is_newcomer)
    if alerting and memory.strangeness >= config.alert_level:
        # What added up was told. What adds up from here on is another matter.
        for volume in memory.volumes:
            volume.cusum = 0.0
    memory.habits.tenure += 1
    cases.close_day(memory)
    memory.note_closed()
