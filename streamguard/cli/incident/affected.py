"""``streamguard incident affected``: was I? Keys are hashed while they are read, and nobody who asks is kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import orjson
import typer

from streamguard.cli.incident.asked import (
    FromOption,
    TableOption,
    ToOption,
    WithOption,
    employees_of,
    exposures_of,
    people_in,
    secret_of,
    span_of,
)
from streamguard.cli.incident.reach import FromFileOption, IncidentArgument, catalogue_of, incident_of
from streamguard.cli.moments import moment_text
from streamguard.cli.output import console, errors, fail, table
from streamguard.cli.wiring import BootstrapOption, ConfigOption, load_settings, overrides
from streamguard.scope import Affected, Subject, UnclearKeysError, affected, read_resolved
from streamguard.sources.statement import subject_hash

if TYPE_CHECKING:
    from streamguard.scope import Answer, Resolved

_WORDS = {Affected.YES: "yes", Affected.NO: "no", Affected.CANNOT_TELL: "cannot tell"}


def affected_by(
    incident: IncidentArgument,
    subject: Annotated[
        list[str] | None, typer.Option("--subject", "-s", help="A subject key; may be repeated. Shells remember it.")
    ] = None,
    file: Annotated[
        typer.FileText | None,
        typer.Option("--file", "-f", help="Keys, one a line, or key,region; - reads from a pipe."),
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="Where those of --subject live.")] = None,
    resolved: Annotated[
        typer.FileText | None, typer.Option("--resolved", help="The list that `incident resolve --keys` wrote.")
    ] = None,
    of_table: TableOption = None,
    others: WithOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    json: Annotated[bool, typer.Option("--json", help="One object a line, in the order of the questions.")] = False,
    from_file: FromFileOption = None,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Say of people whether their data left: yes, no, or cannot tell, with the statements behind it."""
    settings = load_settings(config, overrides(bootstrap))
    key = secret_of(settings)
    asking = [Subject(subject_hash(key, value), region) for value in subject or ()]
    asking += [] if file is None else people_in(file, key, file.name)
    if not asking:
        fail("say who asks: --subject KEY, or --file FILE with one key a line")
    found = incident_of(settings, incident, from_file)
    span, employees = span_of(from_, to, found.span), employees_of(found, others)
    people = None if resolved is None else _resolved(resolved, key)
    exposures = exposures_of(settings, span, employees)
    try:
        with errors.status("looking for them"):
            answers = affected(
                exposures,
                catalogue_of(settings),
                span,
                asking,
                employees=employees,
                table=of_table,
                resolved=people,
                search_path=settings.exposure.search_path,
            )
    except UnclearKeysError as error:
        fail(f"{error} (--table)")
    if json:
        for answer in answers:
            sys.stdout.write(orjson.dumps(_as_dict(answer)).decode() + "\n")
    elif len(answers) == 1:
        _show(answers[0])
    else:
        _show_all(answers)


def _resolved(file: typer.FileText, key: bytes) -> Resolved:
    try:
        return read_resolved(file, key)
    except ValueError as error:
        fail(f"{file.name}: {error}")


def _as_dict(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(answer)
    return told


def _show(answer: Answer) -> None:
    console.print(f"affected: {_WORDS[answer.answer]}", style="bold", highlight=False)
    rows = [[category, _WORDS[told]] for category, told in answer.categories.items()]
    console.print(table("category", "left", rows=rows), highlight=False, markup=False)
    for one in answer.because:
        when = moment_text(one.first_ms)
        _say(f"{one.uid}  {when}  {one.statements} statement{'s' if one.statements > 1 else ''}: {one.why}")
        _say(f"    {one.statement or 'text not logged'}")


def _show_all(answers: list[Answer]) -> None:
    """Show many answers by the place of their questions: keys are not shown again."""
    rows = [
        [str(number), _WORDS[answer.answer], ", ".join(_categories(answer, Affected.YES)), _open(answer)]
        for number, answer in enumerate(answers, 1)
    ]
    console.print(table("line", "affected", "left", "cannot tell", rows=rows), highlight=False, markup=False)
    counts = {word: sum(answer.answer is said for answer in answers) for said, word in _WORDS.items()}
    _say(", ".join(f"{word}: {count:,}" for word, count in counts.items()))


def _categories(answer: Answer, said: Affected) -> list[str]:
    return [category for category, told in answer.categories.items() if told is said]


def _open(answer: Answer) -> str:
    return ", ".join(_categories(answer, Affected.CANNOT_TELL))


def _say(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
