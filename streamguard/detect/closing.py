"""The end of an employee-day: it is scored a last time, then the group's pools and the employee learn from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.baseline import COMBINED
from streamguard.baseline.measure import VOLUMES
from streamguard.detect import cases
from streamguard.detect.combine import TENTHS_PER_NAT
from streamguard.detect.cusum import accumulate
from streamguard.detect.gate import hours_of, learn_day, news_of
from streamguard.detect.score import raise_score, surprises_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline import EmployeeMemory, GroupMemory
    from streamguard.detect.channels import Channel
    from streamguard.detect.config import DetectConfig
    from streamguard.detect.scene import Scene


def close_day(
    memory: EmployeeMemory,
    group: GroupMemory,
    scene: Scene,
    channels: Sequence[Channel],
    config: DetectConfig,
    *,
    alerting: bool,
) -> None:
    """Close the open day.

    Parameters
    ----------
    memory, group, scene
        The employee, the peers, and the employee's day among them.
    channels
        The detectors.
    config
        What may be learned.
    alerting
        Whether findings may be raised yet.
    """
    for volume in memory.volumes:
        if volume.peak > volume.next_peak:
            volume.rise()
    raise_score(scene, surprises_of(channels, scene), channels)
    commons = scene.commons[: len(VOLUMES)]
    net = [volume.exact_residual() - common for volume, common in zip(memory.volumes, commons, strict=True)]
    cusums = [accumulate(volume.cusum, residual) for volume, residual in zip(memory.volumes, net, strict=True)]
    predicted = all(volume.deviation for volume in memory.volumes)
    is_newcomer, is_first = memory.habits.is_newcomer, not memory.habits.tenure
    if learn_day(memory, commons, net, config, alerting=alerting):
        if predicted:
            for measure, residual, cusum in zip(VOLUMES, net, cusums, strict=True):
                group.tails[measure.number].add(residual)
                group.tails[measure.cusum_number].add(10.0 * cusum)
            group.tails[COMBINED].add(TENTHS_PER_NAT * memory.score)
        for histogram, octave in zip(group.reaches, memory.signs.octaves, strict=True):
            histogram.push((octave,))
        group.hours.push(hours_of(memory))
        if not is_first:
            group.news.learn_day(news_of(memory), is_newcomer=is_newcomer)
    memory.habits.tenure += 1
    cases.close_day(memory)
    memory.note_closed()
