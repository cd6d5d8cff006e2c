"""From a finding on the topic to a member of an incident, and from several tellings of it to one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from streamguard.incidents.incident import SEVERITIES, Member, Sighting

_RARE = ("nobody else", "few peers")
_LEAST_PERCENT = 5
_MOST_NAMES = 64
"""Of anything that one finding tells: findings carry fewer, and nobody else may make an incident large."""

_Time = Annotated[int, Meta(ge=-(2**62), le=2**62)]


class _New(msgspec.Struct, frozen=True):
    kind: str
    name: str
    known_to: str


class _Links(msgspec.Struct, frozen=True):
    subjects: tuple[str, ...] = ()


class _Unmapped(msgspec.Struct, frozen=True):
    employee: str
    shard: str
    contributions: dict[str, int] = {}
    new: tuple[_New, ...] = ()
    links: _Links = _Links()


class _Analytic(msgspec.Struct, frozen=True):
    name: str


class _Info(msgspec.Struct, frozen=True):
    uid: Annotated[str, Meta(min_length=1, max_length=200)]
    title: str
    analytic: _Analytic
    first_seen_time: _Time
    last_seen_time: _Time


class _Finding(msgspec.Struct, frozen=True):
    """What grouping needs of an OCSF Detection Finding of ours."""

    class_uid: Literal[2004]
    time: _Time
    severity: str
    message: str
    finding_info: _Info
    unmapped: _Unmapped


_decode = msgspec.json.Decoder(_Finding).decode


def read_finding(value: bytes) -> Member | None:
    """Return what one record of the findings topic tells; None if it is no finding of ours. Never raises."""
    try:
        return _member(_decode(value))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def member_of(event: dict[str, Any]) -> Member:
    """Return what a finding tells, as `streamguard.activity.Finding.ocsf` holds it.

    Raises
    ------
    msgspec.ValidationError
        If it is no finding of ours.
    """
    return _member(msgspec.convert(event, _Finding))


def joined_with(one: Member, other: Member) -> Member:
    """Return what two tellings of a finding say together, whichever came first: idempotent, in any order.

    The newer one has the last word on severity, detectors and text; of links and times nothing is forgotten.
    """
    newer = max(one, other, key=_age)
    return msgspec.structs.replace(
        newer,
        first_ms=min(one.first_ms, other.first_ms),
        last_ms=max(one.last_ms, other.last_ms),
        told_ms=min(one.told_ms, other.told_ms),
        sightings=tuple(sorted({*one.sightings, *other.sightings})),
    )


def _age(member: Member) -> tuple[Any, ...]:
    """Return what tells the newer of two tellings; of two that differ in nothing else, anything will do."""
    told_ms = max((seen.time_ms for seen in member.sightings), default=member.told_ms)
    worst = SEVERITIES.index(member.severity)
    return (told_ms, worst, member.message, member.detectors, member.title, member.shard, member.employee)


def _member(found: _Finding) -> Member:
    info, about = found.finding_info, found.unmapped
    severity = found.severity.lower()
    rare = [new for new in about.new[:_MOST_NAMES] if new.known_to in _RARE]
    sighting = Sighting(
        time_ms=found.time,
        first_ms=info.first_seen_time,
        subjects=tuple(sorted(set(about.links.subjects[:_MOST_NAMES]))),
        shapes=_names(rare, "statement"),
        tools=_names(rare, "program"),
        news=tuple(sorted({f"{new.kind}:{new.name}" for new in about.new[:_MOST_NAMES] if new.kind != "categories"})),
    )
    return Member(
        finding_uid=info.uid,
        employee=about.employee,
        shard=about.shard,
        severity=severity if severity in SEVERITIES else SEVERITIES[0],
        detectors=_detectors(info.analytic.name, about.contributions),
        first_ms=info.first_seen_time,
        last_ms=max(info.last_seen_time, found.time),
        told_ms=found.time,
        joined="first",
        title=info.title,
        message=found.message,
        sightings=(sighting,),
    )


def _names(found: list[_New], kind: str) -> tuple[str, ...]:
    return tuple(sorted({new.name for new in found if new.kind == kind}))


def _detectors(strongest: str, contributions: dict[str, int]) -> tuple[str, ...]:
    others = [(-percent, name) for name, percent in contributions.items() if percent >= _LEAST_PERCENT]
    return tuple(dict.fromkeys([strongest, *(name for _, name in sorted(others))]))
