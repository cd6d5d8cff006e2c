"""Kinds of audit records, where a source writes several of one statement: `Activity.part`."""

from __future__ import annotations

from typing import Final

PLAN: Final = "plan"
"""The plan of a statement that ended: it may have run inside another one."""
DURATION: Final = "duration"
"""How long a statement ran."""
FETCH: Final = "fetch"
"""A further piece of a result; a statement takes any number of them."""
ERROR: Final = "error"
"""A statement failed: nothing of it comes later, and nothing counted of it came before."""
STATEMENT: Final = "statement"
"""A statement begins: it takes further records in and joins none."""

RUNS_OTHERS: Final = frozenset({"EXECUTE", "DO", "CALL"})
"""Commands whose own text is not that of what they run."""

OF_THE_SESSION: Final = frozenset({DURATION, ERROR})
"""Records that tell the text that the client sent, whatever ran inside it."""
