"""Which tables a statement had in reach, and which categories of theirs it showed, or may have shown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from streamguard.activity import Verdict
from streamguard.exposure.categories import SPECIAL_CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamguard.activity import Exposure
    from streamguard.scope.spaces import Place, Spaces


def verdicts_of(exposure: Exposure) -> dict[str, Verdict]:
    """Return the verdicts, those of memberships included: who is in a list of the sick shares the sickness."""
    verdicts = dict(exposure.categories)
    strongest = [v for v in (Verdict.SEEN, Verdict.CANNOT_TELL) if v in verdicts.values()]
    if strongest:
        for category in exposure.membership:
            if category in SPECIAL_CATEGORIES and verdicts.get(category) is Verdict.NOT_SEEN:
                verdicts[category] = strongest[0]
    return verdicts


def reach_of(exposure: Exposure, spaces: Spaces) -> dict[str, tuple[Place, ...]]:
    """Return the tables with personal data in reach, by name; several where a name can mean several."""
    activity = exposure.activity
    names = dict.fromkeys(activity.tables)
    names |= dict.fromkeys(q for q in (column.rpartition(".")[0] for column in activity.columns) if q)
    found: dict[str, tuple[Place, ...]] = {}
    for name in names:
        places = spaces.find(activity.database, name)
        if places:
            found[places[0].table.name] = places
    return found


def levels_of(
    exposure: Exposure,
    seen: Iterable[tuple[str, Verdict]],
    tables: Iterable[str],
    reach: Mapping[str, tuple[Place, ...]],
) -> dict[str, dict[str, bool]]:
    """Return, by table, the categories that it may have shown; True: certainly this one did.

    Where a column can be of several tables, it is certain of none.
    """
    levels: dict[str, dict[str, bool]] = {name: {} for name in tables}
    bare = Counter(name.rpartition(".")[2] for name in reach)
    for category, verdict in seen:
        having = [name for name, places in sorted(reach.items()) if category in places[0].table.categories]
        showing = [name for name in having if _shows(exposure, reach[name][0], category, bare, qualified=True)]
        if verdict is not Verdict.SEEN or not showing:
            loose = [name for name in having if _shows(exposure, reach[name][0], category, bare, qualified=False)]
            only = verdict is Verdict.SEEN and len(loose or having) == 1
            for name in (loose or having) if verdict is Verdict.SEEN else having:
                levels.setdefault(name, {})[category] = only
        else:
            for name in showing:
                levels.setdefault(name, {})[category] = True
    return levels


def _shows(exposure: Exposure, place: Place, category: str, bare: Counter[str], *, qualified: bool) -> bool:
    """Whether a column shows a category of a table: one of certainly this table, or one that may be of it."""
    table = place.table
    own = table.name.rpartition(".")[2]
    # Tables of the same name in two schemas are told apart by the schema only.
    for column in exposure.activity.columns:
        qualifier, _, name = column.lower().rpartition(".")
        is_named = qualifier == table.name or (bare[own] == 1 and qualifier.rpartition(".")[2] == own)
        if is_named if qualified else not qualifier or (qualifier == own and not is_named):
            told = table.columns.get(name)
            if name == "*" or (told is not None and told.category == category):
                return True
    return False
