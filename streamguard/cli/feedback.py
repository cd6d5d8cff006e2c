"""``streamguard feedback``: verdicts on findings, approvals of planned exports."""

from __future__ import annotations

import difflib
import getpass
import secrets
import sys
from typing import TYPE_CHECKING, Annotated

import msgspec
import orjson
import typer

from streamguard.activity import VerdictId
from streamguard.cli.asking import ask, require_topics
from streamguard.cli.feedbacklist import described, listed, print_listed
from streamguard.cli.moments import moment_ms, now_ms
from streamguard.cli.output import EXIT_PROBLEM, console, fail
from streamguard.cli.wiring import (
    BootstrapOption,
    ConfigOption,
    load_all,
    load_settings,
    overrides,
    refuse,
    worker_config,
)
from streamguard.feedback import GivenApproval, GivenVerdict, Wrong, read_given, write_given
from streamguard.located import ConfigurationError
from streamguard.stream import find_finding, give, read_feedback, read_identities

if TYPE_CHECKING:
    from streamguard.feedback import Given
    from streamguard.pipeline import OriginTools
    from streamguard.settings import Settings
    from streamguard.stream import Feedback

_VERDICTS = {verdict.name.lower(): verdict for verdict in VerdictId}

feedback = typer.Typer(
    name="feedback", help="Verdicts on findings, approvals of planned exports.", no_args_is_help=True
)

AuthorOption = Annotated[str | None, typer.Option(help="Who says so; the login if not given.")]


@feedback.command()
def verdict(
    finding_uid: Annotated[str, typer.Argument(help="The finding's finding_info.uid.")],
    verdict: Annotated[str, typer.Option(help=f"One of OCSF's: {', '.join(_VERDICTS)}.")],
    author: AuthorOption = None,
    until: Annotated[str | None, typer.Option(help="When it expires; never if not given.")] = None,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Say what a finding was; the last word on it counts, from the employee's next statement on."""
    said = verdict_named(verdict)
    expires_ms = None if until is None else moment_ms(until, "--until")
    settings = load_settings(config, overrides(bootstrap))
    names = settings.topics
    require_topics(settings, names.findings, names.feedback)
    event = ask(find_finding(worker_config(settings).connection, names.findings, finding_uid))
    if event is None:
        fail(f"there is no finding {finding_uid} on the topic {names.findings}", EXIT_PROBLEM)
    about = event.get("unmapped")
    if not isinstance(about, dict) or not about.get("shard"):
        fail(f"the finding {finding_uid} does not name its peer shard: an older StreamGuard made it", EXIT_PROBLEM)
    given = GivenVerdict(
        finding_uid=finding_uid,
        verdict_id=said,
        employee=str(about.get("employee")),
        shard=str(about["shard"]),
        author=author or getpass.getuser(),
        expires_ms=expires_ms,
    )
    _give(settings, given)
    _say(f"{finding_uid} ({given.employee}) is {said.name.lower()}, says {given.author}")


@feedback.command()
def approve(
    until: Annotated[str, typer.Option(help="When it ends: a date or time, UTC if without an offset.")],
    employee: Annotated[str | None, typer.Option(help="Employee id; this or --group.")] = None,
    group: Annotated[str | None, typer.Option(help="Peer group.")] = None,
    fingerprint: Annotated[str | None, typer.Option(help="Shape of the statement, as findings show it.")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Rows that an employee may take by it in a day.")] = None,
    begin: Annotated[str | None, typer.Option("--from", help="When it begins; now if not given.")] = None,
    name: Annotated[str | None, typer.Option("--id", help="Such as a ticket's; made up if not given.")] = None,
    author: AuthorOption = None,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Approve a planned export: its statements are counted and shown, and alert nobody. What is not given is any."""
    given = GivenApproval(
        id=name or f"approval-{secrets.token_hex(4)}",
        author=author or getpass.getuser(),
        employee=employee,
        group=group,
        fingerprint=fingerprint,
        rows_at_most=rows,
        from_ms=now_ms() if begin is None else moment_ms(begin, "--from"),
        expires_ms=moment_ms(until, "--until"),
    )
    _check(given)
    try:
        settings, tools = load_all(config, overrides(bootstrap))
    except ConfigurationError as error:
        refuse(error)
    _check_whom(settings, tools, given)
    require_topics(settings, settings.topics.feedback)
    _give(settings, given)
    _say(f"approved as {given.id}: {described(given)}")


@feedback.command()
def revoke(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of the approval.")],
    author: AuthorOption = None,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Take an approval back."""
    settings = load_settings(config, overrides(bootstrap))
    said = _read(settings).said.get(name)
    if said is None or not isinstance(said.given, GivenApproval):
        fail(f"there is no approval {name}: see `streamguard feedback list`", EXIT_PROBLEM)
    taken_back = msgspec.structs.replace(said.given, revoked=True, author=author or getpass.getuser())
    _give(settings, taken_back)
    _say(f"taken back {name}: {described(taken_back)}")


@feedback.command("list")
def list_feedback(
    everything: Annotated[bool, typer.Option("--all", help="Also approvals that ended or were taken back.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """List the approvals in force or to come, and the verdicts given."""
    found = _read(load_settings(config, overrides(bootstrap)))
    told = listed(found, now_ms(), everything=everything)
    if json:
        sys.stdout.write(orjson.dumps(told).decode() + "\n")
    else:
        print_listed(told)


def verdict_named(name: str) -> VerdictId:
    """Return a verdict of OCSF's by its name, or end the command."""
    wanted = name.lower().replace("-", "_")
    if wanted not in _VERDICTS:
        near = difflib.get_close_matches(wanted, _VERDICTS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(_VERDICTS)}"
        fail(f"there is no verdict {name}; {hint}")
    return _VERDICTS[wanted]


def _check(given: Given) -> None:
    """Refuse what ingest would refuse."""
    found = read_given(*write_given(given))
    if isinstance(found, Wrong):
        fail(found.detail)


def _check_whom(settings: Settings, tools: OriginTools, given: GivenApproval) -> None:
    """Refuse an approval of nobody: of what ingest would make a dead letter, which nobody might look at."""
    topic = settings.topics.identities
    if topic is not None:
        require_topics(settings, topic)
        ask(read_identities(worker_config(settings).connection, topic, tools.exposer.history))
    addresses, at_ms = tools.exposer.addresses, now_ms()
    if given.employee is not None and addresses.of_employee(given.employee, at_ms) is None:
        fail(f"nobody in the directory has the id {given.employee}: see `streamguard identities show LOGIN`")
    if given.group is not None and not addresses.of_group(given.group, at_ms):
        fail(f"nobody in the directory is in the group {given.group}")


def _read(settings: Settings) -> Feedback:
    topic = settings.topics.feedback
    require_topics(settings, topic)
    return ask(read_feedback(worker_config(settings).connection, topic))


def _give(settings: Settings, given: Given) -> None:
    _check(given)
    ask(give(worker_config(settings).connection, settings.topics.feedback, given))


def _say(sentence: str) -> None:
    console.print(sentence, highlight=False, markup=False, soft_wrap=True)
