"""Faust's table as the way state comes back: Faust assigns, reads the changelog and says when it is done.

Nothing is ever written through this table (Faust's own changelog writes are neither awaited nor atomic); the entries
live in `PartitionState`, which knows the protocol of `streamguard.stream.changelog`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import faust

from streamguard.stream.changelog import PartitionState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from faust.types import TP, EventT


class StateTable(faust.Table):  # type: ignore[misc]
    """Committed state entries, per partition."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.states: dict[int, PartitionState] = {}
        self._generation = -1

    def state(self, partition: int) -> PartitionState:
        """Return the state of a partition, empty if there is none yet."""
        return self.states.setdefault(partition, PartitionState())

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Forget partitions that are gone, or that somebody else may have written to meanwhile.

        Kept partitions are kept only from one generation of the group to the very next: had there been another in
        between, their changelog could hold a stranger's records behind what was read.
        """
        topic = self.changelog_topic_name
        kept = {tp.partition for tp in assigned - newly_assigned if tp.topic == topic}
        if generation_id != self._generation + 1:
            kept = set()
        self._generation = generation_id
        for partition in [p for p in self.states if p not in kept]:
            del self.states[partition]
        for tp in assigned:
            if tp.topic == topic and tp.partition not in kept:
                self.app.tables.recovery.revoke(tp)
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)

    async def on_changelog_event(self, event: EventT) -> None:
        """Read on in the changelog; Faust calls this with each run of records, before it puts it into a buffer.

        Around rebalances Faust delivers runs that were fetched before one, and throws away what was fetched during it.
        It takes either for progress, so that entries would be missing. What does not follow is read again.
        """
        run, tp = event.value, event.message.tp
        recovery = self.app.tables.recovery
        known = self.states.get(tp.partition)
        end_offset = 0 if known is None else known.end_offset
        if run.begin > end_offset:
            if tp in recovery.active_tps:
                recovery.active_offsets[tp] = end_offset - 1
                await self.app.consumer.seek_wait({tp: end_offset})
            return
        try:
            self.state(tp.partition).apply(run.records)
        except Exception as error:  # noqa: BLE001 - Faust's recovery logs any error as a warning and goes on
            self.app.loop.create_task(self.app.crash(error))

    def apply_changelog_batch(self, batch: Iterable[EventT]) -> None:
        """Do nothing: what leaves Faust's buffers has been read, and may be stale by now."""
