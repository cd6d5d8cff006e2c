"""What ``incident resolve --run --json`` found, as the dossier takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.cli.output import fail
from streamguard.dossier import Exact
from streamguard.dossier.exact import ExactCategory
from streamguard.resolve.plan import Outcome
from streamguard.resolve.report import Resolution

if TYPE_CHECKING:
    from pathlib import Path


def exact_of(path: Path) -> Exact:
    """Return what was counted in the database, or end the command."""
    try:
        told = msgspec.json.decode(path.read_bytes(), type=Resolution)
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror}")
    except msgspec.DecodeError as error:
        fail(f"{path} is not what `incident resolve --run --json` writes: {error}")
    counted = sum(one.statements for one in told.statements if one.outcome is not Outcome.NOT_RESOLVABLE)
    elsewhere = sum(told.elsewhere.values())
    return Exact(
        as_of=told.as_of,
        database=told.database,
        is_replica=told.is_replica,
        statements=counted,
        unresolved=sum(one.statements for one in told.statements) - counted + elsewhere,
        people=told.people,
        regions=told.regions,
        categories={one.category: ExactCategory(one.people, one.regions) for one in told.categories},
        disagreements=told.disagreements,
    )
