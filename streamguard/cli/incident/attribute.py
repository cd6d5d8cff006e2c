"""``streamguard incident attribute``: who had the people of a list, and what that is worth."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import msgspec
import orjson
import typer

from streamguard.cli.incident.asked import (
    FromOption,
    TableOption,
    ToOption,
    exposures_of,
    people_in,
    secret_of,
    span_of,
)
from streamguard.cli.incident.reach import catalogue_of
from streamguard.cli.moments import moment_text
from streamguard.cli.output import console, fail, table
from streamguard.cli.wiring import ConfigOption, load_settings
from streamguard.scope import UnclearKeysError, attribute

if TYPE_CHECKING:
    from streamguard.scope import Attribution, Suspect


def attribute_list(
    file: Annotated[typer.FileText, typer.Option("--file", "-f", help="Their keys, one a line, or key,region.")],
    of_table: TableOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Employees to show, at most.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
    config: ConfigOption = None,
) -> None:
    """Rank employees by how well their statements cover a list of people whose data turned up elsewhere."""
    settings = load_settings(config)
    leaked = people_in(file, secret_of(settings), file.name)
    span = span_of(from_, to)
    try:
        found = attribute(
            exposures_of(settings, span, None),
            catalogue_of(settings),
            span,
            leaked,
            table=of_table,
            search_path=settings.exposure.search_path,
        )
    except UnclearKeysError as error:
        fail(f"{error} (--table)")
    if json:
        sys.stdout.write(orjson.dumps(msgspec.to_builtins(found)).decode() + "\n")
    else:
        _show(found, limit)


def _show(found: Attribution, limit: int) -> None:
    _say(f"{found.listed:,} people on the list, out of about {found.population:,}.")
    heads = ("employee", "covered", "of the list", "by chance", "chance", "shown by", "whole list possible since")
    console.print(table(*heads, rows=[_row(one, found.listed) for one in found.suspects[:limit]]), highlight=False)
    for one in found.suspects[:limit]:
        _say(f"{one.employee}: {one.worth}")
    console.print()
    if not found.together:
        _say(
            "The list points to nobody: chance explains what everybody covers, or only statements that show everybody."
        )
        return
    share = f"{found.together_covered:,} of {found.listed:,} people"
    when = "" if found.together_ms is None else f", the last of them by {moment_text(found.together_ms)}"
    _say(f"The list points to {' and '.join(found.together)}: together they had {share}{when}.")


def _row(one: Suspect, listed: int) -> list[str]:
    return [
        one.employee,
        f"{one.covered:,}",
        f"{one.covered / listed:.0%}",
        f"{one.expected:,.1f}",
        f"{one.chance:.2g}" if one.chance else "< 1e-300",
        "" if one.covered_ms is None else moment_text(one.covered_ms),
        "never" if one.could_have_all_ms is None else moment_text(one.could_have_all_ms),
    ]


def _say(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
