"""What all statements of one form and one outcome have in common: whose rows they show, and how to count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import Verdict
from streamguard.scope.reach import levels_of, reach_of, verdicts_of
from streamguard.scope.shape import Condition, Shape
from streamguard.scope.spaces import Place, Space, Spaces

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamguard.activity import Exposure


class Party(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Sources of a statement that show the same person in the same row.

    Parameters
    ----------
    space
        Whose.
    tables
        Names of their tables, sorted.
    sure, doubtful
        Categories, see `streamguard.scope.claim.Claim`.
    conditions
        Those on these sources, each with the table it is about.
    within
        What else is known of everybody: the tables besides the root that they are in.
    keys, regions
        Columns that identify the people, and that tell where they live, each with its table.
    subjects
        About how many people the smallest of the tables holds.
    is_peopled
        Whether the catalogue knows that there is somebody in them.
    is_certain
        Whether every row that the result has shows somebody.
    is_single
        Whether each row shows another person.
    is_plain
        Whether rows of one source and nothing else are the result.
    by
        Of a grouped result: ``person`` if each row is another person, ``key`` if one of them may be nobody, ``finer``
        if a person may have several rows, else ``other``; None: it is not grouped.
    order
        Text of an order in which every row has its place; None: there is none.
    """

    space: Space
    tables: tuple[str, ...]
    sure: frozenset[str]
    doubtful: frozenset[str]
    conditions: tuple[tuple[str, Condition], ...] = ()
    within: frozenset[str] = frozenset()
    keys: frozenset[tuple[str, str]] = frozenset()
    regions: frozenset[tuple[str, str]] = frozenset()
    region: str | None = None
    subjects: int | None = None
    is_peopled: bool = False
    is_certain: bool = False
    is_single: bool = False
    is_plain: bool = False
    by: str | None = None
    order: str | None = None


class Plan(msgspec.Struct, frozen=True, eq=False):
    """The form of a statement, and the parties in it."""

    shape: Shape | None
    parties: tuple[Party, ...]


def plan_of(exposure: Exposure, shape: Shape | None, spaces: Spaces) -> Plan:
    """Return the plan of a statement, which depends on neither literals nor counts."""
    activity = exposure.activity
    database = activity.database
    reach = reach_of(exposure, spaces)
    verdicts = verdicts_of(exposure)
    seen = [(c, verdicts[c]) for c in sorted(verdicts) if verdicts[c] is not Verdict.NOT_SEEN]
    placed: dict[int, Place] = {}
    for number, source in enumerate(shape.sources if shape is not None else ()):
        found = spaces.find(database, source.table)
        if len(found) == 1:
            placed[number] = found[0]
    parties = []
    known = {place.table.name for place in placed.values()}
    hidden = {name: places for name, places in reach.items() if name not in known}
    if shape is not None:
        read = {name: some for name, some in hidden.items() if name.rpartition(".")[2] not in shape.named}
        views = _views(placed, read)
        placed |= views
        # What is named, and no source of rows, only decides which rows leave.
        asked = {} if activity.columns_known else {name: hidden[name] for name in hidden.keys() - read.keys()}
        hidden = asked if views else asked | read
        groups = _together(shape, placed)
        levels = levels_of(exposure, seen, [place.table.name for place in placed.values()], reach)
        alone = {number for number in placed if _is_alone(shape, number, spaces, database)}
        parties = [_party(shape, group, placed, levels, alone) for group in groups]
    told = activity.statement is None and len(reach) == 1
    parties += [_unplaced(places, seen, is_certain=told) for _, places in sorted(hidden.items())]
    lost = frozenset(category for category, _ in seen).difference(*(party.sure | party.doubtful for party in parties))
    if lost:
        parties.append(_lost(exposure, lost))
    return Plan(shape, tuple(party for party in parties if party.sure or party.doubtful))


def _lost(exposure: Exposure, categories: frozenset[str]) -> Party:
    """Return the party of tables that the catalogue had when the statement ran, and has no longer."""
    names = tuple(sorted(exposure.activity.tables))
    name = f"{exposure.activity.database or ''}/{'+'.join(names)}"
    return Party(
        space=Space(name, "", None, None, None, has_key=False), tables=names, sure=frozenset(), doubtful=categories
    )


def _views(placed: Mapping[int, Place], hidden: Mapping[str, tuple[Place, ...]]) -> dict[int, Place]:
    """Return the views among the sources, in the space of the tables that they read by the log: of the same people."""
    spaces = {place.space.name: place.space for places in hidden.values() for place in places}
    views = [number for number, place in placed.items() if place.key is None]
    if len(views) != 1 or len(spaces) != 1:
        return {}
    (space,) = spaces.values()
    return {number: msgspec.structs.replace(placed[number], space=space) for number in views}


def _together(shape: Shape, placed: Mapping[int, Place]) -> list[list[int]]:
    """Return the sources with personal data, those together whose keys are equal and mean the same people."""
    root: dict[tuple[int, str], tuple[int, str]] = {}

    def find(ref: tuple[int, str]) -> tuple[int, str]:
        while root.get(ref, ref) != ref:
            ref = root[ref]
        return ref

    for left, right in shape.equal:
        root[find(left)] = find(right)
    groups: dict[object, list[int]] = {}
    for number, place in placed.items():
        same = None if place.key is None else (find((number, place.key)), place.space.name)
        groups.setdefault(same or number, []).append(number)
    return list(groups.values())


def _party(
    shape: Shape,
    group: list[int],
    placed: Mapping[int, Place],
    levels: Mapping[str, Mapping[str, bool]],
    alone: set[int],
) -> Party:
    certain = [number for number in group if not shape.sources[number].optional]
    sure: set[str] = set()
    possible: set[str] = set()
    for number in group:
        for category, is_sure in levels.get(placed[number].table.name, {}).items():
            possible.add(category)
            # A table that stands in FROM twice may have shown the one or the other.
            is_only = sum(place.table is placed[number].table for place in placed.values()) == 1
            if is_sure and number in certain and is_only:
                sure.add(category)
    space = placed[group[0]].space
    tables = {placed[number].table.name for number in group}
    # A row without one of an optional source says nothing of those it shows of the others.
    binding = certain if len(group) > 1 else group
    conditions = [(placed[c.source].table.name, c) for c in shape.conditions if c.source in binding]
    single = [number for number in certain if placed[number].is_unique and number in alone]
    only = len(shape.sources) == 1
    regions = {placed[number].table.region for number in certain} - {None}
    sizes = [size for number in certain if (size := placed[number].table.subjects) is not None]
    return Party(
        space=space,
        tables=tuple(sorted(tables)),
        sure=frozenset(sure),
        doubtful=frozenset(possible - sure),
        conditions=tuple(sorted(conditions)),
        within=frozenset(f"in {name}" for n in certain if (name := placed[n].table.name) != space.root),
        keys=frozenset((placed[n].table.name, key) for n in group if (key := placed[n].key) is not None),
        regions=frozenset((t.name, t.region_column) for n in group if (t := placed[n].table).region_column is not None),
        region=space.region or (regions.pop() if len(regions) == 1 else None),
        subjects=min(sizes, default=space.subjects),
        is_peopled=bool(sizes) and len(sizes) == len(certain),
        is_certain=bool(certain),
        is_single=bool(single) and not shape.repeats,
        is_plain=only and not (shape.is_mixed or shape.is_grouped or shape.repeats),
        by=_grouping(shape, certain, placed) if shape.is_grouped else None,
        order=_order(shape, placed) if only else None,
    )


def _is_alone(shape: Shape, number: int, spaces: Spaces, database: str | None) -> bool:
    """Whether no join repeats the rows of a source: every other one is found by a key that is unique in it."""
    fixed = {number}
    while True:
        found = {
            new[0]
            for pair in shape.equal
            for old, new in (pair, pair[::-1])
            if old[0] in fixed
            and new[0] not in fixed
            and spaces.has_unique(database, shape.sources[new[0]].table, new[1])
        }
        if not found:
            return len(fixed) == len(shape.sources)
        fixed |= found


def _grouping(shape: Shape, certain: list[int], placed: Mapping[int, Place]) -> str:
    # Without one of an optional source, a group is of anybody.
    keys = {(number, key) for number in certain if (key := placed[number].key) is not None}
    if not keys & shape.by:
        return "other"
    depends = {
        ref
        for ref in shape.by
        if any(ref[0] == n and placed[n].is_unique and (n, placed[n].key) in shape.by for n in certain)
    }
    is_person = shape.by <= keys | depends and not shape.by_more
    if not is_person and not (len(shape.sources) == 1 and depends):
        return "finer"
    return "person" if depends else "key"


def _order(shape: Shape, placed: Mapping[int, Place]) -> str | None:
    place = placed.get(0)
    if place is None or not place.is_unique or (0, place.key) not in shape.order:
        return None
    return ",".join(column for _, column in shape.order)


def _unplaced(places: tuple[Place, ...], seen: Iterable[tuple[str, Verdict]], *, is_certain: bool) -> Party:
    """Return the party of a table that the text does not show, or that can be one of several."""
    place = places[0]
    categories = {c: v for c, v in seen if any(c in p.table.categories for p in places)}
    sizes = [p.space.subjects for p in places]
    known = [size for size in sizes if size is not None]
    space = place.space
    if len(places) > 1:
        space = Space(
            "|".join(p.space.name for p in places),
            place.table.name,
            None,
            sum(known) if len(known) == len(sizes) else None,
            None,
        )
    sure = frozenset(c for c, v in categories.items() if v is Verdict.SEEN and is_certain)
    return Party(
        space=space,
        tables=tuple(sorted({p.table.name for p in places})),
        sure=sure,
        doubtful=frozenset(categories) - sure,
        region=space.region,
        subjects=space.subjects,
        is_certain=is_certain,
    )
