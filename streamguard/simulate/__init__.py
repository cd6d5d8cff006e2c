"""A simulated company whose database logs hold attacks with known truth: for the demo, tests and evaluation.

The room takes a `WorldConfig` and gives a `World`: its log in any of `FORMATS`, ordered by event time across sessions,
the truth about the attacks in it, the directory and the catalogue. All of it is a pure function of the configuration:
no clock, no Kafka, the same bytes every time. It knows no other room: what it writes is read by `streamguard.sources`
like any other log.

    config -> people, habits -> days of sessions ----> moments in the order of time -> lines of a format
           -> plots, actors --> sessions of attacks -> moments, truth
"""

from streamguard.simulate.config import (
    TWELVE,
    Headcount,
    Plot,
    Scenario,
    WorldConfig,
    clean,
    cold_start,
    poisoned,
    small_company,
    with_plots,
)
from streamguard.simulate.moment import Moment
from streamguard.simulate.render import FORMATS
from streamguard.simulate.summary import Summary, Tally
from streamguard.simulate.truth import Attack
from streamguard.simulate.world import World

__all__ = [
    "FORMATS",
    "TWELVE",
    "Attack",
    "Headcount",
    "Moment",
    "Plot",
    "Scenario",
    "Summary",
    "Tally",
    "World",
    "WorldConfig",
    "clean",
    "cold_start",
    "poisoned",
    "small_company",
    "with_plots",
]
