"""Statement analysis: what a SQL text is, which tables it names, which columns leave in its result.

The contract of this room: any text in, one :class:`Statement` out, in bounded time, without exception, without a
single literal of the text surviving but as `Interests` allows (keyed hashes, neutral words), the numbers of
LIMIT and OFFSET, and a comment. Where the text does not say everything, ``columns_known`` is False: unknown is never told as nothing. It
knows no catalogue and no employee.

    text -> cut to size -> cache -> shape -> cache -> normalise -> cache -> verb by pattern -> grammar, else patterns
"""

from streamguard.sources.statement.analyser import Analyser, CacheUse
from streamguard.sources.statement.literals import Interests
from streamguard.sources.statement.record import Statement
from streamguard.sources.statement.subjects import subject_hash

__all__ = ["Analyser", "CacheUse", "Interests", "Statement", "subject_hash"]
