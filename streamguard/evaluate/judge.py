"""All detectors over one world, in one reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.evaluate.budget import Judged
from streamguard.evaluate.exposures import Exposures
from streamguard.evaluate.scene import Scene, SceneBuilder
from streamguard.evaluate.trial import Trial, TrialResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.detect.scorer import Scorer
    from streamguard.evaluate.exposures import Chunk
    from streamguard.evaluate.recording import Recording
    from streamguard.evaluate.truth import Truth
    from streamguard.exposure import ExposureConfig

BUDGETS: Final = (1.0, 5.0, 10.0)
"""False cases per 1000 employee-days at which detectors are compared."""


class WorldResult(msgspec.Struct, frozen=True, kw_only=True):
    """What every detector made of one world.

    Attributes
    ----------
    scene
        The world.
    trials
        One per detector, in the order in which they were given.
    records, rejected, impersonal
        Audit records read; of these, those that nobody understood, and those that touched no personal data.
    """

    scene: Scene
    trials: tuple[TrialResult, ...]
    records: int = 0
    rejected: int = 0
    impersonal: int = 0

    def judged(self, name: str) -> Judged | None:
        """Return what a detector said of it; None if the detector was not asked."""
        return next((Judged(self.scene, trial.ladder) for trial in self.trials if trial.name == name), None)


def judge_recording(
    recording: Recording,
    scorers: Iterable[Scorer],
    config: ExposureConfig | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> WorldResult:
    """Read a recording once and let every detector judge it.

    Parameters
    ----------
    recording
        The world.
    scorers
        New detectors.
    config
        Of the exposure room: how large peer shards are.
    progress
        Called with the number of records read so far, now and then.
    """
    exposures = Exposures(recording, config)

    def read() -> Iterable[Chunk]:
        for chunk in exposures:
            yield chunk
            progress(exposures.records)

    result = judge_chunks(recording.name, recording.truth, read(), scorers)
    return msgspec.structs.replace(
        result, records=exposures.records, rejected=exposures.rejected, impersonal=exposures.impersonal
    )


def judge_chunks(name: str, truth: Truth, chunks: Iterable[Chunk], scorers: Iterable[Scorer]) -> WorldResult:
    """Let every detector judge the exposures of a world.

    Parameters
    ----------
    name
        Of the world.
    truth
        Its days and attacks.
    chunks
        Its exposures, in order.
    scorers
        New detectors.
    """
    builder = SceneBuilder(name, truth)
    trials = [Trial(scorer, builder, truth.evaluate_from_day, BUDGETS) for scorer in scorers]
    for chunk in chunks:
        builder.take(chunk)
        for trial in trials:
            trial.take(chunk)
    scene = builder.build()
    return WorldResult(scene=scene, trials=tuple(trial.result(scene) for trial in trials))
