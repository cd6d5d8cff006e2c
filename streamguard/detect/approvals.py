"""Planned exports that somebody approved: their statements are counted and shown, not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

import msgspec

from streamguard.activity import Approval
from streamguard.baseline.day import MOST_APPROVALS

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.activity import Exposure
    from streamguard.baseline import EmployeeMemory

APPROVALS_KEY: Final = b"g:approvals"
MOST_KEPT: Final = 256
"""Approvals of a shard; beyond that the one that ends first is let go."""
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(list[Approval]).decode


class Approvals:
    """The approvals of one peer shard.

    Parameters
    ----------
    load
        Reads a stored entry by key.
    """

    def __init__(self, load: Callable[[bytes], bytes | None]) -> None:
        stored = load(APPROVALS_KEY)
        self.kept = {approval.id: approval for approval in (_decode(stored) if stored else [])}
        """By id."""
        self._changed = False

    def take_in(self, approval: Approval) -> None:
        """Add, replace or take back an approval; the last one of an id counts."""
        self._changed = True
        self.kept.pop(approval.id, None)
        if approval.revoked:
            return
        if len(self.kept) >= MOST_KEPT:
            del self.kept[min(self.kept.values(), key=lambda known: (known.expires_ms, known.id)).id]
        self.kept[approval.id] = approval

    def cover(self, memory: EmployeeMemory, exposure: Exposure) -> bool:
        """Tell whether a statement is approved; if it is, count it in the notes of the day.

        Rows that the log does not count are covered as far as all that is in reach would be.
        """
        rows = exposure.activity.rows
        for approval in self.kept.values():
            if not _concerns(approval, exposure):
                continue
            mark = crc32(approval.id.encode("utf-8", "replace"))
            if approval.rows_at_most is not None:
                reach = exposure.subjects_at_most if rows is None else rows
                if reach is None or memory.notes.approved_by.get(mark, 0) + reach > approval.rows_at_most:
                    continue
                if mark not in memory.notes.approved_by and len(memory.notes.approved_by) >= MOST_APPROVALS:
                    continue
            memory.notes.approve(mark, max(0, rows or 0))
            return True
        return False

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the entry, if it changed since the last call."""
        if not self._changed:
            return []
        self._changed = False
        return [(APPROVALS_KEY, _encode(list(self.kept.values())))]


def _concerns(approval: Approval, exposure: Exposure) -> bool:
    activity = exposure.activity
    return (
        approval.from_ms <= activity.time_ms < approval.expires_ms
        and approval.employee in {None, exposure.employee}
        and approval.group in {None, exposure.peer_group}
        and approval.fingerprint in {None, activity.fingerprint}
    )
