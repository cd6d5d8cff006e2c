"""The account of one file for ``streamguard normalize``: what became of its records, and how much they told."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Final

import msgspec

from streamguard.activity import Activity, Ignored, Origin, RawRecord
from streamguard.sources.assemble import Assembler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from streamguard.sources import Decoder

FIELDS: Final[dict[str, Callable[[Activity], bool]]] = {
    "user": lambda activity: bool(activity.user),
    "client": lambda activity: activity.client is not None,
    "application": lambda activity: activity.application is not None,
    "tables": lambda activity: bool(activity.tables),
    "columns": lambda activity: bool(activity.columns),
    "statement": lambda activity: activity.statement is not None,
    "rows": lambda activity: activity.rows is not None,
    "bytes": lambda activity: activity.bytes is not None,
}
"""What is counted, and when an activity has it. ``table.*`` is a column; rows that only the text bounds are none."""


class Account:
    """One file's account: how many records came in and what became of them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records_in = 0
        self.activities = 0
        self.merged = 0
        self.ignored: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.having: Counter[str] = Counter()
        """Activities that have a field, by its name in `FIELDS`."""
        self._assembler = Assembler()
        self._lines: deque[dict[str, Any]] = deque()
        self._open: dict[Origin, dict[str, Any]] = {}

    @property
    def is_complete(self) -> bool:
        """Whether every record became something."""
        return self.records_in == self.activities + self.merged + self.ignored.total() + self.rejected.total()

    def share(self, field: str) -> float | None:
        """Return the percentage of activities that have a field; None where there are no activities."""
        return 100 * self.having[field] / self.activities if self.activities else None

    def read(
        self, records: Iterable[bytes], partition: int, decoder: Decoder, form: str | None
    ) -> Iterator[dict[str, Any]]:
        """Yield one line per audit record, in order; a statement's line waits until all its records are merged."""
        for offset, value in enumerate(records):
            for outcome in decoder.decode(RawRecord(self.name, partition, 0, offset, None, value), form):
                self.records_in += 1
                self._lines.append(self._line(outcome))
            self._assembler.advance(offset)
            self._close()
            yield from self._finished()
        self._assembler.announce_cut()
        self._assembler.cut()
        self._close()
        yield from self._finished()

    def add(self, other: Account) -> None:
        """Count another file's records in."""
        self.records_in += other.records_in
        self.activities += other.activities
        self.merged += other.merged
        self.ignored += other.ignored
        self.rejected += other.rejected
        self.having += other.having

    def as_dict(self) -> dict[str, Any]:
        """Return the account as plain data; shares are percentages of the activities, rounded to a tenth."""
        shares = {field: self.share(field) for field in FIELDS}
        return {
            "records_in": self.records_in,
            "activities": self.activities,
            "merged": self.merged,
            "ignored": dict(sorted(self.ignored.items())),
            "rejected": dict(sorted(self.rejected.items())),
            "shares": {field: None if share is None else round(share, 1) for field, share in shares.items()},
        }

    def _line(self, outcome: Any) -> dict[str, Any]:
        line: dict[str, Any] = {
            "file": self.name,
            "offset": outcome.origin.offset,
            "index": outcome.origin.index,
        }
        if isinstance(outcome, Activity):
            if self._assembler.feed(outcome):
                self.merged += 1
                return line | {"outcome": "merged", "statement_key": outcome.statement_key}
            line["outcome"] = "activity"
            self._open[outcome.origin] = line
            return line
        if isinstance(outcome, Ignored):
            self.ignored[outcome.reason] += 1
            return line | {"outcome": "ignored", "reason": outcome.reason}
        self.rejected[outcome.reason] += 1
        return line | {"outcome": "rejected", "reason": outcome.reason, "detail": outcome.detail}

    def _close(self) -> None:
        for origin, key in self._assembler.absorbed:
            self.merged += 1
            self._open.pop(origin).update(outcome="merged", statement_key=key)
        for activity in self._assembler.take():
            self.activities += 1
            self.having.update(field for field, has in FIELDS.items() if has(activity))
            content = msgspec.to_builtins(activity)
            del content["origin"]
            self._open.pop(activity.origin)["activity"] = content

    def _finished(self) -> Iterator[dict[str, Any]]:
        while self._lines and (self._lines[0]["outcome"] != "activity" or "activity" in self._lines[0]):
            yield self._lines.popleft()
