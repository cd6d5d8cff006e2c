"""From a finding on the topic to a member of an incident, and from several tellings of it to one."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from streamguard.incidents.incident import SEVERITIES, Member, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterable

_RARE = ("nobody else", "few peers")
_LEAST_PERCENT = 5
_MOST_NAMES = 64
"""Of anything that one finding tells: findings carry fewer, and nobody else may make an incident large."""
_MOST_CHARACTERS = 200
"""Of a name."""
_MOST_WORDS = 4_000
"""Characters of what a finding says in plain words."""
_MOST_SIGHTING_BYTES = 128 * 1024
"""Of one finding. It is told again when it is ten times rarer, some dozen times at the very most: that is far less."""

_Time = Annotated[int, Meta(ge=-(2**62), le=2**62)]


class _New(msgspec.Struct, frozen=True):
    kind: str
    name: str
    known_to: str


class _Links(msgspec.Struct, frozen=True):
    subjects: tuple[str, ...] = ()


_Owner = Annotated[str, Meta(min_length=1, max_length=2_000)]


class _Unmapped(msgspec.Struct, frozen=True):
    employee: _Owner
    shard: _Owner
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
_encode = msgspec.json.Encoder().encode


def read_finding(value: bytes, kafka_ms: int | None = None) -> Member | None:
    """Return what one record of the findings topic tells; None if it is no finding of ours. Never raises.

    Parameters
    ----------
    value
        Of the record.
    kafka_ms
        Its time. A database whose clock is ahead does not make other incidents old.
    """
    try:
        return _member(_decode(value), kafka_ms)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def member_of(event: dict[str, Any]) -> Member:
    """Return what a finding tells, as `streamguard.activity.Finding.ocsf` holds it.

    Raises
    ------
    msgspec.ValidationError
        If it is no finding of ours.
    """
    return _member(msgspec.convert(event, _Finding), None)


def joined_with(one: Member, other: Member) -> Member:
    """Return what two tellings of a finding say together, whichever came first: idempotent, in any order.

    The newer one has the last word on severity, detectors and text; of links and times nothing is forgotten, but of a
    finding that somebody else told thousands of times.
    """
    newer = max(one, other, key=_age)
    return msgspec.structs.replace(
        newer,
        first_ms=min(one.first_ms, other.first_ms),
        last_ms=max(one.last_ms, other.last_ms),
        told_ms=min(one.told_ms, other.told_ms),
        sightings=_first(sorted({*one.sightings, *other.sightings})),
        newest_ms=max(one.newest_ms, other.newest_ms),
        known_ms=max(one.known_ms, other.known_ms),
    )


def _age(member: Member) -> tuple[Any, ...]:
    """Return what tells the newer of two tellings; of two that differ in nothing else, anything will do."""
    worst = SEVERITIES.index(member.severity)
    return (member.newest_ms, worst, member.message, member.detectors, member.title, member.shard, member.employee)


def _first(sightings: list[Sighting]) -> tuple[Sighting, ...]:
    """Return the first ones, as many as there is room for: whatever is joined in which order, these remain."""
    room, kept = _MOST_SIGHTING_BYTES, 0
    while kept < len(sightings) and (room := room - len(_encode(sightings[kept]))) >= 0:
        kept += 1
    return tuple(sightings[: max(kept, 1)])


def _member(found: _Finding, kafka_ms: int | None) -> Member:
    info, about = found.finding_info, found.unmapped
    severity = found.severity.lower()
    rare = [new for new in about.new[:_MOST_NAMES] if new.known_to in _RARE]
    first_ms, last_ms = min(info.first_seen_time, found.time), max(info.last_seen_time, found.time)
    sighting = Sighting(
        time_ms=found.time,
        first_ms=first_ms,
        subjects=_short(about.links.subjects[:_MOST_NAMES]),
        shapes=_names(rare, "statement"),
        tools=_names(rare, "program"),
        news=_short(f"{new.kind}:{new.name}" for new in about.new[:_MOST_NAMES] if new.kind != "categories"),
    )
    return Member(
        finding_uid=info.uid,
        employee=about.employee,
        shard=about.shard,
        severity=severity if severity in SEVERITIES else SEVERITIES[0],
        detectors=_detectors(info.analytic.name, about.contributions),
        first_ms=first_ms,
        last_ms=last_ms,
        told_ms=found.time,
        joined="first",
        title=info.title[:_MOST_CHARACTERS],
        message=found.message[:_MOST_WORDS],
        sightings=(sighting,),
        newest_ms=found.time,
        known_ms=last_ms if kafka_ms is None or kafka_ms < 0 else min(last_ms, kafka_ms),
    )


def _names(found: list[_New], kind: str) -> tuple[str, ...]:
    return _short(new.name for new in found if new.kind == kind)


def _short(names: Iterable[str]) -> tuple[str, ...]:
    """Return names, sorted, each once; long ones as a beginning and a hash, so that they still differ."""
    return tuple(sorted({name if len(name) <= _MOST_CHARACTERS else _shortened(name) for name in names}))


def _shortened(name: str) -> str:
    tail = blake2b(name.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{name[: _MOST_CHARACTERS - len(tail) - 1]}~{tail}"


def _detectors(strongest: str, contributions: dict[str, int]) -> tuple[str, ...]:
    others = [(-percent, name) for name, percent in contributions.items() if percent >= _LEAST_PERCENT]
    names = dict.fromkeys([strongest, *(name for _, name in sorted(others))])
    return tuple(name[:_MOST_CHARACTERS] for name in names)[:_MOST_NAMES]
