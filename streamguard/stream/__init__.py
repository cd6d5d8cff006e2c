"""The only room that knows Kafka while it runs: agents of a few lines, batches, state, dead letters.

    audit topics -> Ingest -> activity topic -> Detect -> findings -> Incidents -> incidents
                      |                           |
                 dead letters               changelog (state)

Each agent is a Faust app of its own with its own consumer group, so that both can run in one worker or be scaled
apart (``streamguard run --only``). ``docs/engine.md`` says why the guarantees hold.
"""

from streamguard.stream.config import Connection, EngineConfig, LedgerConfig, Topics, WorkerConfig
from streamguard.stream.feedback import Feedback, Said, find_finding, give, read_feedback
from streamguard.stream.identities import IdentitiesError
from streamguard.stream.incidentlog import IncidentLog, IncidentsError, read_incidents
from streamguard.stream.ledgerkeeper import KeeperError, LedgerKeeper, write_purges
from streamguard.stream.metadata import MAX_METADATA_BYTES
from streamguard.stream.publish import publish_identities, read_identities
from streamguard.stream.worker import ROLES, TopicError, Worker, WorkerFailedError
from streamguard.stream.writer import MAX_BATCH_BYTES

__all__ = [
    "MAX_BATCH_BYTES",
    "MAX_METADATA_BYTES",
    "ROLES",
    "Connection",
    "EngineConfig",
    "Feedback",
    "IdentitiesError",
    "IncidentLog",
    "IncidentsError",
    "KeeperError",
    "LedgerConfig",
    "LedgerKeeper",
    "Said",
    "TopicError",
    "Topics",
    "Worker",
    "WorkerConfig",
    "WorkerFailedError",
    "find_finding",
    "give",
    "publish_identities",
    "read_feedback",
    "read_identities",
    "read_incidents",
    "write_purges",
]
