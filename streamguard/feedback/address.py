"""From what people said to the peer shards that it concerns, by the directory of that time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import AnalystVerdict, Approval, Origin, RawRecord, Rejected
from streamguard.feedback.given import FeedbackReason, GivenApproval, GivenIncident, GivenVerdict, Wrong, read_given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.exposure import Addresses


def feedback_records(
    key: bytes | None, raw: RawRecord, *, addresses: Addresses
) -> list[AnalystVerdict | Approval] | Rejected:
    """Return what one record of the feedback topic brings, one record per peer shard. Never raises.

    A verdict goes to the shard that made the finding, and to the one where the employee is now, who may have moved;
    an approval to the employee's shard, or to each of the group's. A verdict on an incident is one on each of the
    findings that it was said of; the rest of what people say of incidents is nothing to detection.
    """
    origin = Origin(raw.topic, raw.partition, raw.epoch, raw.offset, 0)
    moment_ms = max(raw.timestamp_ms or 0, 0)
    given = read_given(key, raw.value)
    if isinstance(given, GivenVerdict):
        return list(_verdicts(given, origin, moment_ms, addresses))
    if isinstance(given, GivenApproval):
        found = _approvals(given, origin, moment_ms, addresses)
        if not isinstance(found, Wrong):
            return list(found)
        given = found
    elif isinstance(given, GivenIncident):
        return list(_verdicts_of(given, origin, moment_ms, addresses))
    return Rejected(origin, given.reason, given.detail)


def _verdicts(given: GivenVerdict, origin: Origin, moment_ms: int, addresses: Addresses) -> list[AnalystVerdict]:
    now = addresses.of_employee(given.employee, moment_ms)
    return [
        AnalystVerdict(
            origin=origin,
            shard=shard,
            time_ms=moment_ms,
            finding_uid=given.finding_uid,
            employee=given.employee,
            verdict=given.verdict_id,
            author=given.author,
            expires_ms=given.expires_ms,
        )
        for shard in sorted({given.shard, now or given.shard})
    ]


def _verdicts_of(
    given: GivenIncident, origin: Origin, moment_ms: int, addresses: Addresses
) -> Iterator[AnalystVerdict]:
    """Yield the verdicts on an incident's findings: one record, told apart by the index of their origins."""
    if given.verdict_id is None:
        return
    for index, finding in enumerate(given.findings):
        verdict = GivenVerdict(
            finding_uid=finding.uid,
            verdict_id=given.verdict_id,
            employee=finding.employee,
            shard=finding.shard,
            author=given.author,
        )
        yield from _verdicts(verdict, origin._replace(index=index), moment_ms, addresses)


def _approvals(given: GivenApproval, origin: Origin, moment_ms: int, addresses: Addresses) -> list[Approval] | Wrong:
    if given.group is not None:
        shards = addresses.of_group(given.group, moment_ms)
        if not shards:
            return Wrong(FeedbackReason.GROUP, "Nobody in the directory is in the group.")
    else:
        shard = addresses.of_employee(given.employee or "", moment_ms)
        if shard is None:
            return Wrong(FeedbackReason.EMPLOYEE, "Nobody in the directory has the employee id.")
        shards = (shard,)
    return [
        Approval(
            origin=origin,
            shard=shard,
            id=given.id,
            author=given.author,
            employee=given.employee,
            group=given.group,
            fingerprint=given.fingerprint,
            rows_at_most=given.rows_at_most,
            from_ms=given.from_ms,
            expires_ms=given.expires_ms,
            revoked=given.revoked,
        )
        for shard in shards
    ]
