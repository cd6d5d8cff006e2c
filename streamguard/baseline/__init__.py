"""What is usual for whom: the memory of employees and of their peer group.

The room's contract: it takes numbers of one employee-day after the other and gives back predictions (what
would be usual today), residuals, rarities and pooled tails. It knows no thresholds and decides nothing. Everything it
remembers is encoded by a versioned codec of plain numbers (:mod:`streamguard.baseline.codec`); decode(encode(x))
is lossless, so a memory restored in the middle of a stream goes on bit for bit. The running statistics inside
are river's :class:`river.stats.Var` and :class:`river.proba.Beta`. No clock, no globals, no order of hash-randomised
sets.
"""

from streamguard.baseline.codec import StateError
from streamguard.baseline.employee import Case, EmployeeMemory
from streamguard.baseline.group import GroupMemory
from streamguard.baseline.habits import ATTRIBUTES
from streamguard.baseline.memory import ShardMemory
from streamguard.baseline.peers import PeerLevel
from streamguard.baseline.tail import Tail
from streamguard.baseline.today import PeerDay
from streamguard.baseline.usual import COMBINED, Usual
from streamguard.baseline.volume import Volume

__all__ = [
    "ATTRIBUTES",
    "COMBINED",
    "Case",
    "EmployeeMemory",
    "GroupMemory",
    "PeerDay",
    "PeerLevel",
    "ShardMemory",
    "StateError",
    "Tail",
    "Usual",
    "Volume",
]
