"""Explained findings: what was decided, in plain words first and as an OCSF Detection Finding (2004).

The room's contract: a :class:`ShardDetector` turns the exposures of one peer shard, in order, into findings and
state entries. It adds no judgement to that of :mod:`streamguard.detect`; it says what was decided, about whom,
compared with what, and what the log cannot tell. Rows are called rows, people appear only as a bound, and no
value of personal data is ever written. It knows no Kafka.
"""

from streamguard.findings.explain import explain
from streamguard.findings.render import as_text
from streamguard.findings.shard import ShardDetector, Standing

__all__ = ["ShardDetector", "Standing", "as_text", "explain"]
