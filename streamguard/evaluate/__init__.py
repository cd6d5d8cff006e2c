"""How good is it: detectors against recorded worlds whose attacks are known.

The room's contract: a :class:`Recording` (audit records in the order of time, employees, catalogue, and the truth) and
any number of :class:`~streamguard.detect.scorer.Scorer` in; numbers out. Records go through the public path (bytes ->
sources -> exposure) once per world, and every detector sees the same exposures, a chunk at a time, so memory does not
grow with the world. Nothing in here is used by a live worker.

    Recording -> exposures -> Trial (one per detector) -> Ladder      per world
    Ladders of all worlds -> thresholds -> cases, outcomes -> Report  over all worlds
"""

from streamguard.evaluate.changes import changed
from streamguard.evaluate.detectors import ALL, DETECTORS, UnknownDetectorError, resolve
from streamguard.evaluate.evaluation import Evaluation, Plan, evaluate, tasks_of
from streamguard.evaluate.recording import Recording, open_recording
from streamguard.evaluate.seeds import (
    REPORT_CLEAN_SEEDS,
    REPORT_SEEDS,
    TUNING_CLEAN_SEEDS,
    TUNING_SEEDS,
    parse_seeds,
    purpose,
)
from streamguard.evaluate.truth import Attack, Truth, read_truth

__all__ = [
    "ALL",
    "DETECTORS",
    "REPORT_CLEAN_SEEDS",
    "REPORT_SEEDS",
    "TUNING_CLEAN_SEEDS",
    "TUNING_SEEDS",
    "Attack",
    "Evaluation",
    "Plan",
    "Recording",
    "Truth",
    "UnknownDetectorError",
    "changed",
    "evaluate",
    "open_recording",
    "parse_seeds",
    "purpose",
    "read_truth",
    "resolve",
    "tasks_of",
]
