"""Evidence in plain words: one sentence on how the log shows something, or why it cannot tell."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from streamguard.activity import Verdict
from streamguard.scope.answer import Affected

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.scope.group import Group

_MOST_COLUMNS: Final = 6
_HOW: Final = MappingProxyType(
    {
        "keys": "of the people whose keys it names",
        "page": "page by page, in an order in which everybody has one place",
        "people": "one row for each person",
        "whole": "of everybody who meets its conditions, one row for each person",
        "rows": "in rows that may repeat people",
        "mixed": "in rows that may stand for several people each",
        "uncounted": "of everybody in the table, uncounted",
        "unread": "as the log lists them",
    }
)
_DOUBT: Final = MappingProxyType(
    {
        "mixed": "its rows may be made of nobody's data",
        "optional": "its rows may be without anybody of these tables",
        "unread": "its text does not show from whose rows its result is made",
        "rows": "more than one table may be meant",
    }
)
_EXPORTS: Final = MappingProxyType({"cursor": "of a cursor", "copy_to": "of a COPY", "unload": "of an unload"})


def why(group: Group, category: str, verdict: Verdict) -> str:
    """Return the sentence of a piece of evidence."""
    activity = group.example.activity
    hows = [claim.how for claim in group.claims if category in claim.sure | claim.doubtful]
    how = hows[0] if hows else "unread"
    if verdict is Verdict.SEEN:
        return f"{_columns(activity)} left {_HOW.get(how, _HOW['rows'])}"
    if verdict is Verdict.NOT_SEEN:
        return _why_not(group, category, activity)
    if activity.error is not None and not activity.rows:
        return f"it failed ({activity.error}), and rows may have left before"
    if group.example.categories.get(category) is Verdict.CANNOT_TELL:
        return _why_unknown(activity)
    if how == "uncounted":
        return f"{_columns(activity)} would leave, but the log does not count the rows{_of(activity)}"
    return f"{_columns(activity)} left, but {_DOUBT.get(how, _DOUBT['rows'])}"


def answer_why(group: Group, said: Affected) -> str:
    """Return the sentence on why statements concern, or may concern, one person."""
    columns = _columns(group.example.activity)
    hows = {claim.how for claim in group.claims}
    if said is Affected.YES:
        return f"{columns} left of the people whose keys it names" if "keys" in hows else f"{columns} left of everybody"
    if group.example.activity.error is not None or hows <= {"uncounted", "unread"}:
        return "whose data left, if anybody's, the log does not tell"
    return f"{columns} left of people whom the log does not name"


def _of(activity: Activity) -> str:
    kind = _EXPORTS.get(activity.export or "")
    return "" if kind is None else f" {kind}"


def _why_not(group: Group, category: str, activity: Activity) -> str:
    if group.example.categories.get(category) is Verdict.NOT_SEEN:
        if activity.error is not None and not activity.rows:
            return f"it was refused before the first row ({activity.error})"
        return f"only {_columns(activity)} left" if activity.columns else "no column left"
    return "it returned no row"


def _why_unknown(activity: Activity) -> str:
    if not activity.columns_known:
        return "the log does not tell all columns that left"
    return "a column or a table is not in the catalogue"


def _columns(activity: Activity) -> str:
    names = [column.rpartition(".")[2] for column in activity.columns]
    names = ["all columns" if name == "*" else name for name in dict.fromkeys(names)]
    if len(names) > _MOST_COLUMNS:
        return f"{', '.join(names[: _MOST_COLUMNS - 1])} and {len(names) - _MOST_COLUMNS + 1} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "its columns"
