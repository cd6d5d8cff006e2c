"""The pure core, composed: bytes of an origin partition in, exposures out; exposures of a shard in, findings out.

No Kafka, no clock, no globals. The live worker, the replay of files, the offline check of a live run and the tests
are this code. Both halves are functions of a log alone:

* `OriginReader` of one origin partition's log (plus the cuts recorded in its progress), `SteeringReader` where the log
  steers detection;
* `ShardLog` of one activity partition's log.

`judge_again` judges what the ledger keeps, under any settings.
"""

from streamguard.pipeline.again import JudgedAgain, judge_again
from streamguard.pipeline.hindsight import Hindsight, HowEarly
from streamguard.pipeline.origin import OriginReader, OriginTools, Reading
from streamguard.pipeline.shards import ShardLog, Step
from streamguard.pipeline.steering import SteeringReader, Steers, departures

__all__ = [
    "Hindsight",
    "HowEarly",
    "JudgedAgain",
    "OriginReader",
    "OriginTools",
    "Reading",
    "ShardLog",
    "SteeringReader",
    "Steers",
    "Step",
    "departures",
    "judge_again",
]
