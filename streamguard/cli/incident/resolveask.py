"""Asking the database for an incident's people: with progress, and only if it is the database that was meant."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from streamguard.cli.output import errors
from streamguard.resolve import keysfile
from streamguard.resolve.database import open_database
from streamguard.resolve.errors import QuestionError, ResolveError
from streamguard.resolve.report import Resolution, resolution_of
from streamguard.resolve.resolver import Resolved, Resolver

if TYPE_CHECKING:
    from pathlib import Path

    from streamguard.exposure import Catalogue
    from streamguard.resolve.database import Database
    from streamguard.resolve.resolver import Planned
    from streamguard.scope import ScopeReport


def ask(
    dsn: str,
    planned: Planned,
    catalogue: Catalogue,
    key: bytes | None,
    by_log: ScopeReport,
    timeout: int,
    keys: Path | None,
    *,
    replica_only: bool,
) -> Resolution:
    """Ask everything that was planned, and write the list of people if that is wanted.

    Raises
    ------
    ResolveError
        When the database cannot be asked, is not the one that was meant, or the list cannot be written.
    """
    # Whoever has waited for an hour shall not learn then that the file cannot be written.
    listing = nullcontext() if keys is None else keysfile.new_file(keys)
    try:
        with listing as file, open_database(dsn, timeout) as database:
            is_replica = _checked(database, replica_only=replica_only)
            resolved = _resolved(database, planned, catalogue, key)
            resolution = resolution_of(
                resolved.tally,
                resolved.settled,
                as_of=database.now(),
                database=database.name,
                is_replica=is_replica,
                elsewhere=planned.elsewhere,
                scope=None if planned.elsewhere else by_log,
            )
            if file is not None:
                count = keysfile.write(file, resolved)
                errors.print(f"{count:,} people in {keys}, which only you can read.", highlight=False, markup=False)
    except QuestionError as error:
        raise ResolveError(f"the database says: {error}") from None
    return resolution


def _checked(database: Database, *, replica_only: bool) -> bool:
    is_replica = database.is_replica()
    if not is_replica and replica_only:
        raise ResolveError("this server takes writes, so it is no replica; to ask it all the same, leave out --replica")
    if not is_replica:
        errors.print("This server takes writes: it is not a replica. Long questions may be felt there.", style="yellow")
    return is_replica


def _resolved(database: Database, planned: Planned, catalogue: Catalogue, key: bytes | None) -> Resolved:
    resolver = Resolver(database, catalogue, key)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        hashing = progress.add_task("values hashed", total=None)
        resolver.look_up(planned.plans, lambda more: progress.advance(hashing, more))
        asking = progress.add_task("statements asked", total=len(planned.plans))
        return resolver.resolve(planned.plans, lambda: progress.advance(asking))
