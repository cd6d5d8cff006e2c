"""Builds a store from the ledger's topic: every exposure once, in files of event days, forgotten when its time is over.

Identity is the origin. Whatever is delivered twice, in other blocks, cut elsewhere or out of order, is recognised by
the place of its record in the customer's log, against the day's files and within the batch. So the files of a day never
share an exposure, and nobody who asks has to care.
"""

from __future__ import annotations

import fcntl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from streamguard.ledger import manifest as manifests
from streamguard.ledger.block import Purge
from streamguard.ledger.files import StoreFiles
from streamguard.ledger.manifest import LedgerBusyError, LedgerError, Manifest
from streamguard.ledger.pseudonyms import PREFIX
from streamguard.ledger.rows import DAY_MS, to_rows

if TYPE_CHECKING:
    from pathlib import Path

    from streamguard.activity import Exposure
    from streamguard.ledger.block import Block


@dataclass
class Commit:
    """What one commit did.

    Attributes
    ----------
    taken, known
        Exposures that are new in the store, and those that were delivered again; steps of cursors are not counted.
    forgotten
        Those that came, or were there, although they must be forgotten.
    rows, size_bytes
        Of the whole store now.
    """

    taken: int = 0
    known: int = 0
    forgotten: int = 0
    rows: int = 0
    size_bytes: int = 0


@dataclass
class _Pending:
    exposures: list[Exposure] = field(default_factory=list)
    refused: int = 0
    must_erase: bool = False
    must_unseal: bool = False
    employees: set[str] = field(default_factory=set)


class LedgerWriter:
    """The one writer of a store; use it as a context.

    Parameters
    ----------
    directory
        Of the store; made if it is missing.
    memory_mb, threads
        That DuckDB may take; None: a thread for each core.

    Raises
    ------
    LedgerBusyError
        If somebody else writes to the store.
    LedgerError
        If it is not of this version.
    """

    def __init__(self, directory: Path, *, memory_mb: int = 1024, threads: int | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.directory = directory
        self._lock = (directory / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.manifest = manifests.load(directory) or Manifest()
        except OSError as error:
            self._lock.close()
            raise LedgerBusyError(f"another `streamguard ledger run` writes to {directory}") from error
        except LedgerError:
            self._lock.close()
            raise
        self._files = StoreFiles(directory, self.manifest, memory_mb=memory_mb, threads=threads)
        self._pending = _Pending()
        self._has_failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write. What was taken in and not committed is read again by them."""
        self._files.close()
        self._lock.close()

    @property
    def pending(self) -> int:
        """Exposures that wait for the next commit."""
        return len(self._pending.exposures)

    # -- taking in

    def begin(self, topic_id: str) -> None:
        """Say which topic is read from now on: one created anew under the old name is read from its beginning."""
        known = self.manifest.topic_id
        if known and topic_id and known != topic_id:
            self.manifest.positions.clear()
        self.manifest.topic_id = topic_id or known

    def position(self, partition: int) -> int | None:
        """Return the offset to read next; None: nothing was read yet."""
        return self.manifest.positions.get(str(partition))

    def take(self, partition: int, next_offset: int, record: Block | Purge | None) -> None:
        """Take in a record of the topic; None: one that could not be read, and is passed over."""
        self.manifest.positions[str(partition)] = next_offset
        if isinstance(record, Purge):
            self._forget(record)
        elif record is not None:
            newest, name = self.manifest.newest_ms, str(partition)
            newest[name] = max(newest.get(name, record.newest_ms), record.newest_ms)
            self._pending.exposures += record.exposures

    def retire(self, before_ms: int) -> None:
        """Forget event days that ended before a moment: whole days only."""
        self._forget(Purge(before_ms // DAY_MS * DAY_MS))

    def retire_sealed(self, before_ms: int) -> None:
        """Forget the sealed statement texts of event days that ended before a moment: whole days only."""
        floor_ms = before_ms // DAY_MS * DAY_MS
        if floor_ms > self.manifest.sealed_floor_ms:
            self.manifest.sealed_floor_ms = floor_ms
            self._pending.must_unseal = True

    def _forget(self, purge: Purge) -> None:
        told, pending = self.manifest, self._pending
        if purge.employee is None:
            pending.must_erase |= purge.before_ms > told.floor_ms
            told.floor_ms = max(told.floor_ms, purge.before_ms)
        else:
            pending.must_erase = True
            pending.employees.add(purge.employee)
            told.forgotten[purge.employee] = max(told.forgotten.get(purge.employee, 0), purge.before_ms)

    def _is_kept(self, exposure: Exposure) -> bool:
        time_ms, told = exposure.activity.time_ms, self.manifest
        return time_ms >= told.floor_ms and time_ms >= told.forgotten.get(exposure.employee, 0)

    def _without_old_seal(self, exposure: Exposure) -> Exposure:
        told = exposure.activity
        if told.sealed is None or told.time_ms >= self.manifest.sealed_floor_ms:
            return exposure
        return replace(exposure, activity=replace(told, sealed=None))

    # -- committing

    def commit(self, *, caught_up: bool = False) -> Commit:
        """Make everything that was taken in part of the store, with the positions behind it, in one piece.

        Parameters
        ----------
        caught_up
            Whether nothing was on the topic that was not taken in.

        Raises
        ------
        LedgerError
            If a commit failed before: what it had taken in is in no file, so somebody must open the store again.
        """
        if self._has_failed:
            raise LedgerError(f"a commit to {self.directory} failed: open the ledger again")
        self._has_failed = True
        done = self._commit(caught_up=caught_up)
        self._has_failed = False
        return done

    def _commit(self, *, caught_up: bool) -> Commit:
        files, told, pending = self._files, self.manifest, self._pending
        self._pending = _Pending()
        # Readers had the time since the last commit to let go of these.
        files.drop_replaced()
        done = Commit(forgotten=files.erase(pending.employees) if pending.must_erase else 0)
        kept = [exposure for exposure in pending.exposures if self._is_kept(exposure)]
        done.forgotten += len(pending.exposures) - len(kept)
        if pending.must_unseal:
            files.unseal(told.sealed_floor_ms)
        if kept:
            self._add([self._without_old_seal(exposure) for exposure in kept], done)
        files.compact()
        if caught_up and told.newest_ms:
            told.caught_up_ms = max(told.newest_ms.values())
        manifests.save(self.directory, told)
        files.saved()
        if pending.must_erase or pending.must_unseal:
            # What must be forgotten is gone at once, even if that fails a question that is being answered.
            files.drop_replaced()
        done.rows = files.rows
        done.size_bytes = told.size_bytes
        return done

    def _add(self, exposures: list[Exposure], done: Commit) -> None:
        self.manifest.masked |= any(exposure.employee.startswith(PREFIX) for exposure in exposures)
        steps = to_rows(exposure for exposure in exposures if exposure.is_step)
        taken = to_rows(exposure for exposure in exposures if not exposure.is_step)
        self._files.add_shapes(steps.shapes | taken.shapes)
        self._files.add_steps(steps.rows)
        done.taken = self._files.add(taken.rows)
        done.known = taken.rows.num_rows - done.taken
