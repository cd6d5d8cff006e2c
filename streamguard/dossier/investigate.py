"""From an incident to its dossier: what is asked of the ledger, and what is worked out from the answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from heapq import merge
from typing import TYPE_CHECKING

import msgspec

from streamguard.detect import DetectConfig
from streamguard.dossier.case import Case, Controller, LogFact
from streamguard.dossier.exact import Exact
from streamguard.dossier.make import make
from streamguard.dossier.replays import Replay, mark_key
from streamguard.ledger import Span
from streamguard.pipeline import judge_again
from streamguard.pipeline.hindsight import BUDGETS
from streamguard.scope import scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamguard.activity import Exposure, Origin
    from streamguard.dossier.blocks import Dossier
    from streamguard.exposure import Catalogue
    from streamguard.incidents import Incident
    from streamguard.ledger import Ledger
    from streamguard.pipeline import HowEarly
    from streamguard.scope import Bounds, ScopeReport

_DAY_MS = 86_400_000


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the dossier shall be."""

    now_ms: int
    """The moment for which it is made."""
    controller: Controller = Controller()
    time_zone: str = "UTC"
    span: Span | None = None
    """Time of the incident; None: from the first statement of any finding to the last."""
    look_back_days: int = 30
    """For what is usual."""
    detect: DetectConfig = DetectConfig()
    """Settings that hold today."""
    search_path: tuple[str, ...] = ("public",)
    exact: Exact | None = None
    log_facts: tuple[LogFact, ...] = ()


class Replaying(msgspec.Struct, frozen=True, kw_only=True):
    """How the incident shall be judged once more."""

    settings: Mapping[str, DetectConfig]
    """Each by the name that people know it by."""
    budgets: Collection[float] = BUDGETS
    days: int = 60
    """Before the incident, in which the detectors learn what is usual."""


def investigate(
    incident: Incident, ledger: Ledger, catalogue: Catalogue, wanted: Wanted, replays: tuple[Replay, ...] = ()
) -> Dossier:
    """Make the dossier of an incident. Pure but for the questions to the ledger.

    Parameters
    ----------
    incident, ledger, catalogue
        As they are known now.
    wanted
        What shall be in it.
    replays
        Of `replayed`; without them it does not say how early it could have been known.
    """
    span, employees = wanted.span or incident.span, incident.employees
    whole = Span(span.from_ms - wanted.look_back_days * _DAY_MS, span.to_ms)
    own = list(ledger.exposures(whole, employees))
    during = [exposure for exposure in own if exposure.activity.time_ms >= span.from_ms]

    def report(whose: Collection[str]) -> ScopeReport:
        return scope(during, catalogue, span, whose, wanted.search_path)

    groups = {exposure.peer_group for exposure in during}
    case = Case(
        incident=incident,
        report=report(employees),
        each={employee: report((employee,)) for employee in employees},
        now_ms=wanted.now_ms,
        controller=wanted.controller,
        time_zone=wanted.time_zone,
        day_start_local_hours=wanted.detect.day_start_local_hours,
        subject_types=_subject_types(during, catalogue, wanted.search_path),
        replays=replays,
        exact=wanted.exact,
        complete_until_ms=ledger.complete_until(),
        log_facts=wanted.log_facts,
    )
    return make(case, _with_others(ledger, own, whole, lambda exposure: exposure.peer_group in groups))


def _with_others(
    ledger: Ledger, own: Sequence[Exposure], span: Span, is_wanted: Callable[[Exposure], bool]
) -> Iterator[Exposure]:
    """Return exposures of some employees together with those of others, in the order of time."""
    known = {exposure.origin for exposure in own}
    # A ledger of pseudonyms calls the incident's employees by other names unless it was asked for them.
    others = (exposure for exposure in ledger.exposures(span) if is_wanted(exposure) and exposure.origin not in known)
    return merge(own, others, key=_place)


def _place(exposure: Exposure) -> tuple[int, Origin]:
    return exposure.activity.time_ms, exposure.origin


def _subject_types(
    exposures: Iterable[Exposure], catalogue: Catalogue, search_path: tuple[str, ...]
) -> tuple[str, ...]:
    """Return whose data the tables hold that were read."""
    read = {(e.activity.database, table) for e in exposures if e.is_personal for table in e.activity.tables}
    kinds = {
        found.subject_type
        for database, table in read
        for found in catalogue.find(database, table, search_path)
        if found.subject_type is not None and found.categories
    }
    return tuple(sorted(kinds))


def replayed(
    incident: Incident,
    ledger: Ledger,
    catalogue: Catalogue,
    wanted: Wanted,
    replaying: Replaying,
    *,
    watch: Callable[[str, Iterator[Exposure]], Iterator[Exposure]] = lambda _, exposures: exposures,
) -> tuple[Replay, ...]:
    """Judge the incident once more: how early it could have been known under each of some settings.

    Parameters
    ----------
    incident, ledger, catalogue, wanted
        As for `investigate`.
    replaying
        The settings.
    watch
        Hears of every exposure that is judged, with the name of the settings: for progress.
    """
    told = [(member.employee, member.finding_uid, member.told_ms) for member in incident.members]
    known = {who: {uid: ms for whose, uid, ms in told if whose == who} for who in incident.employees}
    span = wanted.span or incident.span
    last_ms = max(span.to_ms, *(ms + 1 for _, _, ms in told))
    whole = Span(span.from_ms - replaying.days * _DAY_MS, last_ms)
    own = list(ledger.exposures(whole, incident.employees))
    shards = {member.shard for member in incident.members} | {exposure.shard for exposure in own}
    found = []
    for name, config in replaying.settings.items():
        exposures = watch(name, _with_others(ledger, own, whole, lambda exposure: exposure.shard in shards))
        again = judge_again(exposures, config, known, replaying.budgets)
        people = {
            key: bounds
            for report in again.reports
            for key, bounds in _people_since(report, own, catalogue, wanted.search_path)
        }
        found.append(
            Replay(
                name=name,
                statements=again.statements,
                from_ms=whole.from_ms if again.from_ms is None else again.from_ms,
                budget_per_1000=config.budget_per_1000,
                reports=again.reports,
                people=people,
            )
        )
    return tuple(found)


def _people_since(
    report: HowEarly, own: Sequence[Exposure], catalogue: Catalogue, search_path: tuple[str, ...]
) -> Iterator[tuple[str, Bounds]]:
    """Yield how many people were exposed between each mark and the finding that was told."""
    for mark in report.marks:
        if mark.time_ms is not None and mark.time_ms != report.time_ms:
            earlier, later = sorted((mark.time_ms, report.time_ms))
            span = Span(earlier + 1, later + 1)
            people = scope(own, catalogue, span, (report.employee,), search_path).people
            yield mark_key(report, mark.kind, mark.name), people
