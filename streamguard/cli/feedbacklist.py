"""How feedback is listed: for people as two tables, for programs as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamguard.cli.moments import moment_text
from streamguard.cli.output import console, errors, table
from streamguard.feedback import GivenApproval, GivenVerdict

if TYPE_CHECKING:
    from streamguard.stream import Feedback, Said

_ALIVE = ("in force", "to come")
_APPROVALS = ("approval", "for", "fingerprint", "rows a day", "from", "until", "author", "state")
_VERDICTS = ("finding", "verdict", "employee", "author", "given", "until")


def listed(found: Feedback, now_ms: int, *, everything: bool) -> dict[str, Any]:
    """Return approvals and verdicts, ordered by id; approvals that ended or were taken back only if asked for."""
    words = [found.said[key] for key in sorted(found.said)]
    approvals = [_approval(said, said.given, now_ms) for said in words if isinstance(said.given, GivenApproval)]
    return {
        "approvals": [one for one in approvals if everything or one["state"] in _ALIVE],
        "verdicts": [_verdict(said, said.given) for said in words if isinstance(said.given, GivenVerdict)],
        "unusable": found.unusable,
    }


def print_listed(told: dict[str, Any]) -> None:
    """Print what `listed` returned."""
    approvals = [
        [
            one["id"],
            one["employee"] or f"group {one['group']}",
            one["fingerprint"] or "any",
            "any" if one["rows_at_most"] is None else f"{one['rows_at_most']:,}",
            moment_text(one["from_ms"]),
            moment_text(one["expires_ms"]),
            one["author"],
            one["state"],
        ]
        for one in told["approvals"]
    ]
    verdicts = [
        [
            one["finding_uid"],
            one["verdict"],
            one["employee"],
            one["author"],
            moment_text(one["given_ms"]),
            "-" if one["expires_ms"] is None else moment_text(one["expires_ms"]),
        ]
        for one in told["verdicts"]
    ]
    console.print(table(*_APPROVALS, rows=approvals) if approvals else "no approvals", highlight=False)
    console.print()
    console.print(table(*_VERDICTS, rows=verdicts) if verdicts else "no verdicts", highlight=False)
    if told["unusable"]:
        message = f"{told['unusable']:,} records there cannot be used: they are dead letters, with the reason"
        errors.print(message, style="yellow", highlight=False)


def described(given: GivenApproval) -> str:
    """Return an approval as a sentence."""
    whose = given.employee if given.employee is not None else f"the group {given.group}"
    shape = "of any shape" if given.fingerprint is None else f"of the shape {given.fingerprint}"
    rows = "any number of rows" if given.rows_at_most is None else f"up to {given.rows_at_most:,} rows a day"
    time = f"from {moment_text(given.from_ms)} until {moment_text(given.expires_ms)}"
    return f"statements of {whose} {shape}, {rows}, {time}"


def _approval(said: Said, given: GivenApproval, now_ms: int) -> dict[str, Any]:
    return {
        "id": given.id,
        "state": _state(given, now_ms),
        "employee": given.employee,
        "group": given.group,
        "fingerprint": given.fingerprint,
        "rows_at_most": given.rows_at_most,
        "from_ms": given.from_ms,
        "expires_ms": given.expires_ms,
        "author": given.author,
        "given_ms": said.at_ms,
    }


def _state(given: GivenApproval, now_ms: int) -> str:
    if given.revoked:
        return "taken back"
    if now_ms >= given.expires_ms:
        return "ended"
    return "to come" if now_ms < given.from_ms else "in force"


def _verdict(said: Said, given: GivenVerdict) -> dict[str, Any]:
    return {
        "finding_uid": given.finding_uid,
        "verdict": given.verdict_id.name.lower(),
        "verdict_id": given.verdict_id.value,
        "employee": given.employee,
        "author": given.author,
        "given_ms": said.at_ms,
        "expires_ms": given.expires_ms,
    }
