"""How the questions of `incident resolve`, and their answers, are shown; nobody's keys are in either."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from streamguard.cli.output import console, errors, table
from streamguard.resolve.plan import Outcome
from streamguard.resolve.render import shown

if TYPE_CHECKING:
    from rich.console import Console

    from streamguard.resolve.report import Resolution
    from streamguard.resolve.resolver import Planned
    from streamguard.scope.report import Bounds

_WORDS = {Outcome.EXACT: "exact", Outcome.BOUNDED: "bounded", Outcome.NOT_RESOLVABLE: "not resolvable"}
_REGIONS = 30
"""Lines of regions; the others are in the JSON."""


def plans_as_json(planned: Planned, dialect: str, place: str) -> dict[str, Any]:
    """Return what would be asked as plain data, each different question once."""
    names = ("statement", "outcome", "why", "question")
    asked = _different(planned, dialect)
    told = [dict(zip(names, key, strict=True)) | {"statements": count} for key, count in asked.items()]
    return {"database": place, "questions": told, "elsewhere": planned.elsewhere}


def show_plans(planned: Planned, dialect: str, place: str, out: Console) -> None:
    """Show what would be asked: of questions that differ in values only, the first."""
    asked = _different(planned, dialect)
    alike: dict[tuple[str, Outcome, str], list[tuple[str, int]]] = {}
    for (statement, outcome, why, queries), count in asked.items():
        alike.setdefault((statement, outcome, why), []).append((queries, count))
    for number, ((statement, outcome, why), some) in enumerate(alike.items(), start=1):
        times = sum(count for _, count in some)
        _say(f"-- {number}. {_WORDS[outcome]}: {why}\n-- {times:,} x {_short(statement)}", out)
        if len(some) > 1:
            _say(f"-- {len(some):,} questions that differ in values only (all of them: --json); the first:", out)
        _say(f"{some[0][0]};\n" if some[0][0] else "-- there is no question for it\n", out)
    _say(f"{len(planned.plans):,} statements, {len(asked):,} different questions for {place}", out)
    _elsewhere(planned.elsewhere)


def _different(planned: Planned, dialect: str) -> Counter[tuple[str, Outcome, str, str]]:
    asked: Counter[tuple[str, Outcome, str, str]] = Counter()
    for plan in planned.plans:
        queries = ";\n".join(shown(question, dialect) for question in plan.questions)
        asked[plan.exposure.activity.statement or "", plan.outcome, plan.why, queries] += 1
    return asked


def show_resolution(resolution: Resolution) -> None:
    """Show the people of an incident."""
    kind = "a replica" if resolution.is_replica else "no replica"
    console.print(
        f"{_bounds(resolution.people)} people, as {resolution.database} ({kind}) has them at {resolution.as_of}",
        style="bold",
        highlight=False,
        markup=False,
    )
    if resolution.log is not None:
        console.print(f"By the log alone: {_bounds(resolution.log)}\n", highlight=False, markup=False)
    rows = [
        [
            one.category,
            one.verdict.value.replace("_", " "),
            _bounds(one.people),
            "" if one.log is None else _bounds(one.log),
            f"{one.without_value:,}" if one.without_value else "",
        ]
        for one in resolution.categories
    ]
    console.print(table("category", "", "people", "by the log", "of them empty", rows=rows), highlight=False)
    console.print()
    ordered = sorted(resolution.regions.items(), key=lambda one: (-one[1].lower, one[0]))
    regions = [[region, _bounds(bounds)] for region, bounds in ordered[:_REGIONS]]
    console.print(table("region", "people", rows=regions), highlight=False)
    console.print()
    _show_statements(resolution)
    for words in resolution.disagreements:
        errors.print(f"Log and database disagree: {words}.", style="bold red", highlight=False, markup=False)
    _elsewhere(resolution.elsewhere)


def as_json(resolution: Resolution) -> Any:
    """Return a resolution as plain data."""
    return msgspec.to_builtins(resolution)


def _show_statements(resolution: Resolution) -> None:
    rows = [
        [
            _WORDS[one.outcome],
            f"{one.statements:,}",
            "?" if one.rows_then is None else f"{one.rows_then:,}",
            "?" if one.rows_now is None else f"{one.rows_now:,}",
            f"{_short(one.statement or '')}\n{one.why}",
        ]
        for one in resolution.statements
    ]
    console.print(table("", "times", "rows then", "rows now", "statement, and why", rows=rows), highlight=False)


def _bounds(bounds: Bounds) -> str:
    if bounds.upper is None:
        return f"at least {bounds.lower:,}"
    return f"{bounds.lower:,}" if bounds.is_exact else f"{bounds.lower:,} to {bounds.upper:,}"


def _elsewhere(others: dict[str, int]) -> None:
    for database, count in others.items():
        errors.print(f"{count:,} statements ran in the database {database}: resolve there, too.", highlight=False)


def _short(statement: str) -> str:
    text = "".join(letter if letter.isprintable() else "?" for letter in statement)
    return text if len(text) <= 200 else f"{text[:197]}..."


def _say(text: str, out: Console) -> None:
    out.print(text, highlight=False, markup=False, soft_wrap=True)
