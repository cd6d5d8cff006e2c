"""``streamguard catalog``: the data catalogue drafted from a live database, checked, and shown."""

from __future__ import annotations

import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from streamguard.cli.output import EXIT_PROBLEM, console, errors, fail, table
from streamguard.cli.wiring import ConfigOption, load_settings
from streamguard.discovery import Difference, DiscoveryError, Drafter, catalogue_yaml, drift, lint
from streamguard.exposure import Catalogue
from streamguard.exposure.categories import NONE, UNKNOWN
from streamguard.located import ConfigurationError, Mistake
from streamguard.sources.statement import subject_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.discovery import DatabaseDraft, DatabaseFacts
    from streamguard.exposure import Table

DSN_VARIABLE = "STREAMGUARD_SCAN_DSN"
_DSN_HELP = "postgresql://user@host/database, mysql://user@host/database; passwords are better in the environment."

catalog = typer.Typer(
    help="The data catalogue: which columns hold which personal data.", no_args_is_help=True, add_completion=False
)

SchemaOption = Annotated[
    list[str] | None, typer.Option("--schema", help="Only this schema (MySQL: database); may be repeated.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]
FileArgument = Annotated[Path, typer.Argument(help="The catalogue (YAML).")]


@catalog.command()
def scan(
    dsn: Annotated[list[str], typer.Argument(help=_DSN_HELP, envvar=DSN_VARIABLE, show_default=False)],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the catalogue to a new file.")] = None,
    schema: SchemaOption = None,
    json: JsonOption = False,
) -> None:
    """Draft a catalogue from names, types and comments of live databases; no row is read."""
    if output is not None and output.exists():
        fail(f"{output} is there already: a draft does not overwrite what somebody may have looked through")
    drafter = Drafter()
    drafts = [drafter.draft(facts) for one in dsn for facts in _survey(one, schema or ())]
    for name, count in Counter(draft.name.lower() for draft in drafts).items():
        if count > 1:
            fail(f"{count} databases are called {name}: scan them one by one, into files of their own")
    text = catalogue_yaml(drafts)
    if output is not None:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            fail(f"cannot write {output}: {error.strerror}")
    if json:
        _print_json({"databases": [_draft_as_dict(draft) for draft in drafts]})
    elif output is None:
        sys.stdout.write(text)
    for draft in drafts:
        errors.print(_summary(draft), highlight=False, markup=False)


@catalog.command()
def check(
    file: FileArgument,
    dsn: Annotated[
        str | None, typer.Option("--dsn", help=f"Compare with this database. {_DSN_HELP}", envvar=DSN_VARIABLE)
    ] = None,
    schema: SchemaOption = None,
    json: JsonOption = False,
) -> None:
    """Report every mistake of a catalogue with its line, what looks odd, and how a database differs from it."""
    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()
    differences: list[Difference] = []
    try:
        warnings = lint(file)
    except ConfigurationError as error:
        mistakes = error.mistakes
    if dsn is not None and not mistakes:
        catalogue, drafter = Catalogue.load(file, form_only=True), Drafter()
        for facts in _survey(dsn, schema or ()):
            differences += drift(catalogue, drafter.draft(facts), facts.schemas)
    if json:
        _print_json(
            {
                "ok": not mistakes and not differences,
                "mistakes": [mistake._asdict() for mistake in mistakes],
                "warnings": [warning._asdict() for warning in warnings],
                "drift": [difference._asdict() for difference in differences],
            }
        )
    else:
        _print_findings(mistakes, warnings, differences)
    if mistakes or differences:
        raise typer.Exit(EXIT_PROBLEM)


@catalog.command()
def show(file: FileArgument, json: JsonOption = False) -> None:
    """Show a catalogue as a table."""
    try:
        catalogue = Catalogue.load(file, form_only=True)
    except ConfigurationError as error:
        fail(f"the catalogue cannot be read:\n{error}")
    listed = [(database, one) for database in catalogue.databases for one in catalogue.tables(database)]
    if json:
        _print_json({"tables": [_table_as_dict(database, one) for database, one in listed]})
        return
    rows = [
        [
            database,
            one.name,
            ", ".join(sorted(one.categories)) or "-",
            one.subject_type or "-",
            "-" if one.subjects is None else f"{one.subjects:,}",
            one.region or one.region_column or "-",
            str(len(one.unknown)),
            _honey(one),
        ]
        for database, one in listed
    ]
    console.print(
        table("database", "table", "personal data", "of", "subjects", "region", "unknown", "planted", rows=rows)
    )


@catalog.command("hash")
def hash_keys(config: ConfigOption = None) -> None:
    """Print the keyed hashes of planted keys, which are read from standard input, one a line."""
    key = load_settings(config).sources.subject_key
    if key is None:
        fail("keys are hashed with the setting sources.subject_key, and it is not set")
    for line in sys.stdin:
        if line.strip():
            sys.stdout.write(subject_hash(key.get_secret_value().encode(), line) + "\n")


def _survey(dsn: str, schemas: Sequence[str]) -> tuple[DatabaseFacts, ...]:
    if find_spec("sqlalchemy") is None:
        fail("looking at a database needs SQLAlchemy and a driver: pip install 'streamguard[scan]'")
    # An extra: every other command does without.
    from streamguard.discovery.survey import survey  # noqa: PLC0415

    try:
        return survey(dsn, schemas)
    except DiscoveryError as error:
        fail(str(error))


def _draft_as_dict(draft: DatabaseDraft) -> dict[str, Any]:
    tables = [
        one._asdict() | {"columns": [{"name": c.name, "type": c.type} | c.guess._asdict() for c in one.columns]}
        for one in draft.tables
    ]
    return {"name": draft.name, "product": draft.product, "tables": tables}


def _table_as_dict(database: str, one: Table) -> dict[str, Any]:
    return {
        "database": database,
        "table": one.name,
        "categories": sorted(one.categories),
        "columns": {name: column.category or NONE for name, column in one.columns.items()}
        | dict.fromkeys(one.unknown, UNKNOWN),
        "subject_type": one.subject_type,
        "subject_key": one.subject_key,
        "region": one.region,
        "region_column": one.region_column,
        "subjects": one.subjects,
        "planted": _honey(one),
    }


def _honey(one: Table) -> str:
    if one.honey is None:
        return "-"
    return "the whole table" if one.honey.whole_table else f"rows by {', '.join(sorted(one.honey.keys))}"


def _summary(draft: DatabaseDraft) -> str:
    views = sum(one.is_view for one in draft.tables)
    counts = Counter(
        column.guess.category if column.guess.category in {NONE, UNKNOWN} else "personal"
        for one in draft.tables
        for column in one.columns
    )
    return (
        f"{draft.name}: {len(draft.tables) - views} tables, {views} views; {counts['personal']} columns of personal "
        f"data, {counts[NONE]} harmless, {counts[UNKNOWN]} unknown"
    )


def _print_findings(
    mistakes: Sequence[Mistake], warnings: Sequence[Mistake], differences: Sequence[Difference]
) -> None:
    for mistake in mistakes:
        errors.print(str(mistake), style="red", highlight=False, markup=False)
    for warning in warnings:
        errors.print(f"{warning} (warning)", style="yellow", highlight=False, markup=False)
    for difference in differences:
        console.print(str(difference), highlight=False, markup=False)
    if not mistakes and not differences:
        count = len(warnings)
        console.print(f"The catalogue is good; {count} warning{'' if count == 1 else 's'}.", highlight=False)


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
