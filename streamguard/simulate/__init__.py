"""A simulated company whose database log holds leaks with known truth: for the demo, tests and evaluation.

The room takes a `SimulateConfig` and gives the lines of a PostgreSQL server with pgaudit (`simulate`), ordered
by event time across sessions, and the truth about the leaks in them (`truth`). It is a pure function of the
configuration: no clock, no files, no Kafka, the same bytes every time. It knows no other room: what it writes
is read by `streamguard.sources` like any other log.
"""

from streamguard.simulate.company import simulate
from streamguard.simulate.config import DEFAULT_START, Attack, Leak, SimulateConfig
from streamguard.simulate.leaks import truth
from streamguard.simulate.people import PEOPLE, Person
from streamguard.simulate.truth import Attack as WorldAttack
from streamguard.simulate.world import World
from streamguard.simulate.world_config import (
    TWELVE,
    Headcount,
    Plot,
    Scenario,
    WorldConfig,
    clean,
    cold_start,
    poisoned,
)

__all__ = [
    "DEFAULT_START",
    "PEOPLE",
    "TWELVE",
    "Attack",
    "Headcount",
    "Leak",
    "Person",
    "Plot",
    "Scenario",
    "SimulateConfig",
    "World",
    "WorldAttack",
    "WorldConfig",
    "clean",
    "cold_start",
    "poisoned",
    "simulate",
    "truth",
]
