"""``streamguard normalize``: what the adapters make of files, every record accounted for."""

from __future__ import annotations

import sys
from collections import Counter, deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import orjson
import typer

from streamguard.activity import Activity, Ignored, Origin, RawRecord
from streamguard.cli.output import console, fail, standard_input, table
from streamguard.sources import Decoder, format_names, read_records, split_records
from streamguard.sources.assemble import Assembler

if TYPE_CHECKING:
    from collections.abc import Iterator


def normalize(
    files: Annotated[list[Path], typer.Argument(help="Audit logs, plain or gzipped; - is standard input.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON line per record, totals last.")] = False,
    format: Annotated[str | None, typer.Option(help=f"Do not detect: {', '.join(format_names())}.")] = None,  # noqa: A002
) -> None:
    """Show what StreamGuard reads in audit logs: activities, merged, ignored, rejected; nothing unaccounted for."""
    if format is not None and format not in format_names():
        fail(f"there is no format {format!r}; known are: {', '.join(format_names())}")
    totals = []
    for number, path in enumerate(files):
        account = Account(str(path))
        for line in account.read(_records(path), number, format):
            if json:
                _print_json(line)
        totals.append(account)
    if json:
        _print_json({"totals": _sum(totals)})
    else:
        _print_table(totals)
    if not all(account.is_complete for account in totals):
        fail("some records are not accounted for: this is a defect of StreamGuard, please report it")


class Account:
    """One file's account: how many records came in and what became of them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records_in = 0
        self.activities = 0
        self.merged = 0
        self.ignored: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self._assembler = Assembler()
        self._lines: deque[dict[str, Any]] = deque()
        self._open: dict[Origin, dict[str, Any]] = {}

    @property
    def is_complete(self) -> bool:
        """Whether every record became something."""
        return self.records_in == self.activities + self.merged + self.ignored.total() + self.rejected.total()

    def read(self, records: Iterator[bytes], partition: int, form: str | None) -> Iterator[dict[str, Any]]:
        """Yield one line per audit record, in order; a statement's line waits until all its records are merged."""
        decoder = Decoder()
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

    def as_dict(self) -> dict[str, Any]:
        """Return the account as plain data."""
        return {
            "records_in": self.records_in,
            "activities": self.activities,
            "merged": self.merged,
            "ignored": dict(sorted(self.ignored.items())),
            "rejected": dict(sorted(self.rejected.items())),
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
        for activity in self._assembler.take():
            self.activities += 1
            content = msgspec.to_builtins(activity)
            del content["origin"]
            self._open.pop(activity.origin)["activity"] = content

    def _finished(self) -> Iterator[dict[str, Any]]:
        while self._lines and (self._lines[0]["outcome"] != "activity" or "activity" in self._lines[0]):
            yield self._lines.popleft()


def _records(path: Path) -> Iterator[bytes]:
    try:
        yield from split_records(standard_input()) if str(path) == "-" else read_records(path)
    except (OSError, EOFError) as error:
        fail(f"cannot read {path}: {error}")


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def _sum(accounts: list[Account]) -> dict[str, Any]:
    total = Account("all")
    for account in accounts:
        total.records_in += account.records_in
        total.activities += account.activities
        total.merged += account.merged
        total.ignored += account.ignored
        total.rejected += account.rejected
    return {"files": len(accounts)} | total.as_dict()


def _print_table(accounts: list[Account]) -> None:
    rows = [
        [
            Path(account.name).name,
            str(account.records_in),
            str(account.activities),
            str(account.merged),
            _reasons(account.ignored),
            _reasons(account.rejected),
        ]
        for account in accounts
    ]
    console.print(table("file", "records in", "activities", "merged", "ignored", "rejected", rows=rows))


def _reasons(counter: Counter[str]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counter.most_common()) or "0"
