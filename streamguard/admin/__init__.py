"""Looks after Kafka for people: creates topics, tells lags, finds what is wrong. The only room that knows kafka-python.

Plain functions that open a connection, look, and return frozen records; the command line prints them. Nothing here
runs beside the worker, and nothing that exists is ever changed.

    plan -> ensure, survey  the topics StreamGuard owns
    lag                     how far a consumer group is behind
    doctor                  everything that can be wrong with Kafka, as checks with what to do
    ask_prometheus          what monitoring knows of some time
"""

from streamguard.admin.check import Check, DoctorConfig, Level
from streamguard.admin.connection import AdminConnection, AdminError, UnreachableError
from streamguard.admin.doctor import doctor
from streamguard.admin.letters import LetterCount
from streamguard.admin.offsets import PartitionLag, lag
from streamguard.admin.plan import PlanConfig, TopicSpec, audit_spec, identities_spec, plan
from streamguard.admin.prometheus import PrometheusError, ask_prometheus
from streamguard.admin.topics import Difference, EnsureReport, TopicFacts, ensure, survey, topic_ids

__all__ = [
    "AdminConnection",
    "AdminError",
    "Check",
    "Difference",
    "DoctorConfig",
    "EnsureReport",
    "LetterCount",
    "Level",
    "PartitionLag",
    "PlanConfig",
    "PrometheusError",
    "TopicFacts",
    "TopicSpec",
    "UnreachableError",
    "ask_prometheus",
    "audit_spec",
    "doctor",
    "ensure",
    "identities_spec",
    "lag",
    "plan",
    "survey",
    "topic_ids",
]
