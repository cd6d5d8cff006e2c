"""How good is it: detectors against recorded worlds whose attacks are known.

The room's contract: a :class:`Recording` (audit records in the order of time, employees, catalogue, and the truth) and
any number of :class:`~streamguard.detect.scorer.Scorer` in; numbers out. Records go through the public path (bytes ->
sources -> exposure) once per world, and every detector sees the same exposures, a chunk at a time, so memory does not
grow with the world. Nothing in here is used by a live worker.

    Recording -> exposures -> Trial (one per detector) -> Ladder      per world
    Ladders of all worlds -> thresholds -> cases, outcomes -> Report  over all worlds
"""
