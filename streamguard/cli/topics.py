"""``streamguard topics``: the topics StreamGuard needs, and how what exists differs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from streamguard.admin import (
    AdminError,
    EnsureReport,
    PlanConfig,
    TopicSpec,
    audit_spec,
    ensure,
    plan,
    survey,
)
from streamguard.cli.output import EXIT_PROBLEM, console, errors, fail, table
from streamguard.cli.wiring import BootstrapOption, ConfigOption, admin_connection, load_settings, overrides

if TYPE_CHECKING:
    from streamguard.settings import Settings


def topics(
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
    create: Annotated[
        bool, typer.Option("--create", help="Create what is missing; changes nothing that exists.")
    ] = False,
    with_audit: Annotated[bool, typer.Option("--with-audit", help="Create the audit topics, too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List the topics StreamGuard needs and what is different; create what is missing."""
    settings = load_settings(config, overrides(bootstrap))
    specs = own_topics(settings) + (audit_topics(settings) if with_audit else ())
    try:
        report = (ensure if create else survey)(admin_connection(settings), specs)
    except AdminError as error:
        fail(str(error))
    if json:
        sys.stdout.write(orjson.dumps(_as_dict(specs, report)).decode() + "\n")
    else:
        _print(specs, report)
    if report.differences:
        raise typer.Exit(EXIT_PROBLEM)


def ensure_topics(settings: Settings) -> None:
    """Create StreamGuard's own topics where they are missing, and say so; what differs is said, not changed.

    Raises
    ------
    AdminError
        If Kafka cannot be reached or refuses.
    """
    report = ensure(admin_connection(settings), own_topics(settings))
    for name in report.created:
        errors.print(f"created topic {name}", highlight=False)
    for difference in report.differences:
        errors.print(str(difference), style="yellow", highlight=False)


def own_topics(settings: Settings) -> tuple[TopicSpec, ...]:
    """Return what StreamGuard's own topics should be."""
    names = settings.topics
    return plan(
        PlanConfig(
            activity=names.activity,
            findings=names.findings,
            incidents=names.incidents,
            deadletter=names.deadletter,
            feedback=names.feedback,
            changelog=f"{settings.group}-detect-state-changelog",
            identities=names.identities,
            ledger=names.ledger,
            ledger_days=settings.ledger.retention_days,
            activity_partitions=names.activity_partitions,
            replication=names.replication_factor,
        )
    )


def audit_topics(settings: Settings) -> tuple[TopicSpec, ...]:
    """Return the audit topics, for companies that have none yet."""
    copies = settings.topics.replication_factor
    return tuple(audit_spec(topic.name, replication=copies) for topic in settings.topics.audit)


def _state(name: str, report: EnsureReport) -> str:
    if name in report.created:
        return "created"
    return "exists" if name in report.existing else "missing"


def _as_dict(specs: tuple[TopicSpec, ...], report: EnsureReport) -> dict[str, Any]:
    return {
        "topics": [
            {
                "name": spec.name,
                "partitions": spec.partitions,
                "purpose": spec.purpose,
                "state": _state(spec.name, report),
            }
            for spec in specs
        ],
        "differences": [str(difference) for difference in report.differences],
        "notes": list(report.notes),
    }


def _print(specs: tuple[TopicSpec, ...], report: EnsureReport) -> None:
    rows = [
        [spec.name, spec.purpose, str(spec.partitions), spec.cleanup_policy, _state(spec.name, report)]
        for spec in specs
    ]
    console.print(table("topic", "holds", "partitions", "cleanup", "state", rows=rows))
    for sentence in (*map(str, report.differences), *report.notes):
        errors.print(sentence, style="yellow", highlight=False)
