"""``streamguard identities``: check the file of employees, publish it as changes, and ask who is behind a login."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from streamguard.activity import Activity, Origin
from streamguard.admin import AdminError, ensure, identities_spec, survey
from streamguard.cli.logs import quiet_logs
from streamguard.cli.output import EXIT_PROBLEM, console, errors, fail
from streamguard.cli.wiring import (
    BootstrapOption,
    ConfigOption,
    admin_connection,
    load_all,
    load_settings,
    overrides,
    refuse,
    worker_config,
)
from streamguard.exposure import Directory, DirectoryHistory
from streamguard.exposure.identitydiff import IdentityDiff, changed_members, identity_diff
from streamguard.exposure.shared import Hint
from streamguard.located import ConfigurationError, Mistake
from streamguard.stream import IdentitiesError, publish_identities, read_identities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.exposure.identify import Identity
    from streamguard.exposure.shared import SharedAccount
    from streamguard.settings import Settings

SHOWN_DIFFERENCES = 50
_NOW_MS = 1 << 60
"""Later than any change: the directory as it is now."""

identities = typer.Typer(name="identities", help="The directory of employees.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="Directory of employees (YAML or CSV).")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@identities.command()
def check(file: FileArgument, json: JsonOption = False) -> None:
    """Check a file of employees; report every mistake with its line."""
    mistakes: tuple[Mistake, ...] = ()
    counts: dict[str, int] = {}
    try:
        counts = _counts(Directory.load(file))
    except ConfigurationError as error:
        mistakes = error.mistakes
    if json:
        _print_json({"ok": not mistakes, **counts, "mistakes": [mistake._asdict() for mistake in mistakes]})
    elif not mistakes:
        told = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())
        console.print(f"{file} is good: {told}.", highlight=False, markup=False, soft_wrap=True)
    for mistake in () if json else mistakes:
        errors.print(str(mistake), style="red", highlight=False, markup=False)
    if mistakes:
        raise typer.Exit(EXIT_PROBLEM)


@identities.command()
def publish(
    file: FileArgument,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the differences only.")] = False,
) -> None:
    """Make the identities topic say what a file says: who is new or different is written, who is gone taken back.

    Shared accounts and the treatment of case are not on the topic: workers read them from the file `identities`.
    """
    settings = load_settings(config, overrides(bootstrap))
    topic = _topic(settings)
    try:
        wanted = Directory.load(file)
        connection, spec = admin_connection(settings), _spec(settings, topic)
        is_there = topic in survey(connection, (spec,)).existing
        said = asyncio.run(_read(settings, topic, Directory.empty())).changed_people if is_there else ()
        found = identity_diff(said, wanted.people)
        _print_diff(found)
        if found.count and not dry_run and (yes or typer.confirm(f"Write {found.count:,} changes to {topic}?")):
            for name in ensure(connection, (spec,)).created:
                errors.print(f"created topic {name}", highlight=False)
            _publish(settings, topic, found)
    except ConfigurationError as error:
        refuse(error)
    except (AdminError, IdentitiesError) as error:
        fail(str(error))


@identities.command()
def show(
    login: Annotated[str, typer.Argument(help="Database principal, as the log writes it.")],
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
    source: Annotated[str, typer.Option(help="Audit format, such as postgresql.jsonlog.")] = "",
    instance: Annotated[str | None, typer.Option(help="Database server.")] = None,
    database: Annotated[str | None, typer.Option(help="Database.")] = None,
    application: Annotated[str | None, typer.Option(help="What the client calls itself.")] = None,
    comment: Annotated[str | None, typer.Option(help="First comment of the statement.")] = None,
    query_tag: Annotated[str | None, typer.Option(help="Label of the statement.")] = None,
    proxy_user: Annotated[str | None, typer.Option(help="Who logged in, where that is told apart.")] = None,
    client: Annotated[str | None, typer.Option(help="Address of the client.")] = None,
    json: JsonOption = False,
) -> None:
    """Say who is behind a login now, and why."""
    try:
        settings, tools = load_all(config, overrides(bootstrap))
        if (topic := settings.topics.identities) is not None:
            if topic not in survey(admin_connection(settings), (_spec(settings, topic),)).existing:
                fail(f"topic {topic} does not exist: run `streamguard topics --create`")
            asyncio.run(_read(settings, topic, tools.exposer.history))
    except ConfigurationError as error:
        refuse(error)
    except (AdminError, IdentitiesError) as error:
        fail(str(error))
    seen = Activity(
        origin=Origin("", 0, 0, 0, 0),
        time_ms=_NOW_MS,
        source=source,
        user=login,
        statement_key="",
        instance=instance,
        database=database,
        application=application,
        comment=comment,
        query_tag=query_tag,
        proxy_user=proxy_user,
        client=client,
    )
    who, how = tools.exposer.identifier.explain(seen)
    why = _why(who, how, tools.exposer.history)
    if json:
        _print_json({"login": login, **_as_dict(who), "why": why})
    else:
        for name, value in {**_as_dict(who), "why": why}.items():
            console.print(f"{name.replace('_', ' '):>10}  {value}", highlight=False, markup=False, soft_wrap=True)


def _counts(directory: Directory) -> dict[str, int]:
    return {
        "employees": len(directory.people),
        "groups": len({employee.group for employee in directory.employees}),
        "logins": sum(len(person.logins) for person in directory.people),
        "shared_accounts": len(directory.shared),
    }


def _topic(settings: Settings) -> str:
    if settings.topics.identities is None:
        fail("there is no topic to publish to: set topics.identities, for example to streamguard.identities")
    return settings.topics.identities


def _spec(settings: Settings, topic: str) -> Any:
    return identities_spec(topic, settings.topics.replication_factor)


async def _read(settings: Settings, topic: str, start: Directory | DirectoryHistory) -> DirectoryHistory:
    quiet_logs()
    history = start if isinstance(start, DirectoryHistory) else DirectoryHistory(start)
    await read_identities(worker_config(settings).connection, topic, history)
    return history


def _publish(settings: Settings, topic: str, diff: IdentityDiff) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("employees written", total=diff.count)
        asyncio.run(
            publish_identities(
                worker_config(settings).connection,
                topic,
                diff.records(),
                lambda count: progress.update(task, completed=count),
            )
        )
    console.print(f"wrote {diff.count:,} changes to {topic}; they hold for audit records from now on", highlight=False)


def _print_diff(diff: IdentityDiff) -> None:
    for number, line in enumerate(_lines(diff)):
        if number == SHOWN_DIFFERENCES:
            console.print(f"... and {diff.count - number:,} more", highlight=False)
            break
        console.print(line, highlight=False, markup=False)
    console.print(
        f"{len(diff.new):,} new, {len(diff.changed):,} changed, {len(diff.gone):,} gone, {diff.same:,} the same",
        highlight=False,
    )


def _lines(diff: IdentityDiff) -> Iterator[str]:
    yield from (f"+ {person.employee.id} ({person.employee.group})" for person in diff.new)
    for before, after in diff.changed:
        yield f"~ {after.employee.id}: {', '.join(changed_members(before, after))}"
    yield from (f"- {person.employee.id}" for person in diff.gone)


def _as_dict(who: Identity) -> dict[str, Any]:
    return {
        "employee": who.employee,
        "account": who.account.value,
        "peer_group": who.peer_group,
        "shard": who.shard,
        "time_zone": who.time_zone or "UTC",
    }


def _why(who: Identity, how: Hint | SharedAccount | None, history: DirectoryHistory) -> str:
    if isinstance(how, Hint):
        word = "the server's word" if how.field == "proxy_user" else "a claim of the client"
        return f"a shared account, and its {how.field.replace('_', ' ')} names a login ({word})"
    if how is not None:
        return "a shared account, and nothing that was given names a login"
    if history.changed(who.employee) is not None:
        return "the identities topic gives this login to the employee"
    if history.base.person(who.employee) is not None:
        return "the file of identities gives this login to the employee"
    return "no employee has this login"


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
