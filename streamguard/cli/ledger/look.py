"""``streamguard ledger show``, ``stats``: what the store holds."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import orjson
import typer

from streamguard.activity import Verdict
from streamguard.cli.moments import moment_ms, moment_text
from streamguard.cli.output import EXIT_PROBLEM, console, errors, fail, table
from streamguard.cli.wiring import ConfigOption, load_settings, pseudonyms
from streamguard.ledger import By, LedgerError, LedgerStore, Span, totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.activity import Exposure
    from streamguard.ledger import Total
    from streamguard.settings import Settings

_EVER_MS = 1 << 62

JsonOption = Annotated[bool, typer.Option("--json", help="JSON: one object, or one a line.")]


def show(
    config: ConfigOption = None,
    employee: Annotated[list[str] | None, typer.Option("--employee", "-e", help="Whose; may be repeated.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="From this moment on.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Before this moment.")] = None,
    by: Annotated[
        str | None, typer.Option("--by", help=f"Count by these, with commas: {', '.join(By)}. Without: one by one.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Lines to show, at most.")] = 100,
    json: JsonOption = False,
) -> None:
    """Show exposures of personal data, or count them."""
    settings = load_settings(config)
    span = Span(
        -_EVER_MS if from_ is None else moment_ms(from_, "--from"), _EVER_MS if to is None else moment_ms(to, "--to")
    )
    store = open_store(settings)
    try:
        if by is not None:
            _show_totals(totals(store, span, _by(by), employee, limit + 1), _by(by), limit, json=json)
        else:
            _show_each(store.exposures(span, employee), limit, json=json)
    except LedgerError as error:
        fail(str(error), EXIT_PROBLEM)


def stats(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Say how much the store holds, of which days, and how far it is complete."""
    settings = load_settings(config)
    try:
        told = open_store(settings).manifest()
    except LedgerError as error:
        fail(str(error), EXIT_PROBLEM)
    segments = [segment for some in told.days.values() for segment in some]
    rows, size = sum(segment.rows for segment in segments), told.size_bytes
    days = sorted(map(int, told.days))
    found: dict[str, Any] = {
        "exposures": rows,
        "bytes": size,
        "bytes_per_exposure": round(size / rows, 1) if rows else None,
        "event_days": len(days),
        "first_day_ms": days[0] * 86_400_000 if days else None,
        "last_day_ms": days[-1] * 86_400_000 if days else None,
        "files": len(told.files),
        "complete_until_ms": told.complete_until_ms,
        "pseudonyms": told.masked,
        "forgotten_before_ms": told.floor_ms or None,
        "forgotten_employees": len(told.forgotten),
    }
    if json:
        _print_json(found)
        return
    for name, value in found.items():
        text = moment_text(value) if name.endswith("_ms") and value is not None else value
        shown = f"{text:,}" if isinstance(text, int) and not isinstance(text, bool) else str(text)
        console.print(f"{name.removesuffix('_ms').replace('_', ' '):>20}  {shown}", highlight=False, markup=False)


def open_store(settings: Settings) -> LedgerStore:
    """Return the store of the settings, for questions."""
    return LedgerStore(settings.ledger.directory, pseudonyms(settings))


def _by(text: str) -> list[By]:
    try:
        return list(dict.fromkeys(By(word.strip()) for word in text.split(",")))
    except ValueError:
        fail(f"--by takes words of these, with commas between them: {', '.join(By)}")


def _show_totals(found: list[Total], by: list[By], limit: int, *, json: bool) -> None:
    if json:
        for one in found[:limit]:
            keys = {key.value: word for key, word in zip(by, one.key, strict=True)}
            _print_json({**keys, "statements": one.statements, "rows": one.rows, "uncounted": one.uncounted})
        return
    rows = [[*one.key, f"{one.statements:,}", f"{one.rows:,}", f"{one.uncounted:,}"] for one in found[:limit]]
    console.print(table(*by, "statements", "rows", "without a count", rows=rows))
    _say_more(len(found) > limit, limit)


def _show_each(found: Iterator[Exposure], limit: int, *, json: bool) -> None:
    for number, exposure in enumerate(found):
        if number == limit:
            _say_more(not json, limit)
            return
        if json:
            sys.stdout.write(msgspec.json.encode(exposure).decode() + "\n")
        else:
            for line in _lines(exposure):
                console.print(line, highlight=False, markup=False, soft_wrap=True)


def _lines(exposure: Exposure) -> Iterator[str]:
    told = exposure.activity
    rows = told.rows_quality.value if told.rows is None else f"{told.rows:,} ({told.rows_quality.value})"
    origin = " ".join(word for word in (told.client, told.application) if word) or "unknown"
    when = f"{datetime.fromtimestamp(told.time_ms / 1000, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
    yield f"{when}  {exposure.employee}  {told.export or told.verb}  rows {rows}  from {origin}"
    regions = ", ".join(exposure.regions) or "unknown"
    yield f"    {', '.join(_categories(exposure)) or 'membership only'}; regions: {regions}"
    yield f"    {told.database or '?'}: {told.statement or 'statement unknown'}"


def _categories(exposure: Exposure) -> Iterator[str]:
    for name, verdict in exposure.categories.items():
        if verdict is not Verdict.NOT_SEEN:
            yield name if verdict is Verdict.SEEN else f"{name} (cannot tell)"


def _say_more(is_more: bool, limit: int) -> None:  # noqa: FBT001
    if is_more:
        errors.print(f"there is more: {limit:,} are shown (--limit)", style="yellow", highlight=False)


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
