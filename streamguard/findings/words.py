"""The finding in plain words: who did what, how that compares, and what it was about.

Rows are called rows: nobody counted people. People appear only as a bound, where the catalogue knows one.
No values of personal data and no pronouns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Verdict
from streamguard.findings.clauses import WORDINGS, clauses
from streamguard.findings.plain import category, listed, local_time, number

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.detect import DayTotals, Decision

_MINUTE_MS = 60_000
_BURST_SHARE = 0.5
_LEAST_SHARE = 0.05
_LONGEST_BURST_MS = 180 * _MINUTE_MS


def categories_seen(day: DayTotals) -> list[str]:
    """Return the categories of personal data that made up the day, as words: those with most rows first.

    What only a twentieth of the rows held is ordinary work on the same day, not what the finding is about.
    """
    rows = dict(day.category_rows)
    seen = {name: rows.get(name, 0) for name, found in day.categories if found is Verdict.SEEN}
    return [category(name) for name in _weighty(seen)]


def tables_touched(day: DayTotals) -> list[str]:
    """Return the tables that made up the day, those with most rows first."""
    return _weighty(dict(day.tables))


def _weighty(rows: dict[str, int]) -> list[str]:
    most = max(rows.values(), default=0)
    kept = [name for name, count in rows.items() if count >= _LEAST_SHARE * most]
    return sorted(kept, key=lambda name: (-rows[name], name))


def title(decision: Decision, exposure: Exposure) -> str:
    """Write the title: one line, no numbers that an update would change."""
    seen = categories_seen(decision.day)
    about = f" with {listed(seen)}" if seen else " that may hold personal data"
    return WORDINGS[decision.channels[0].name].title.format(about=about, who=exposure.employee)


def message(decision: Decision, exposure: Exposure) -> str:
    """Write the explanation, what happened first."""
    day = decision.day
    parts = [
        f"{exposure.employee} {_deed(decision, exposure)}",
        _usual(decision),
        _peers(decision, exposure),
        *clauses(decision),
        f"last at {local_time(exposure.activity.time_ms, exposure.utc_offset_minutes)} local time",
    ]
    if tables := tables_touched(day):
        parts.append(f"from {listed(tables)}")
    if day.statements_without_rows:
        parts.append(_uncounted(day))
    if day.approved_statements:
        parts.append(_approved(day))
    if day.subjects_at_most is not None:
        parts.append(f"at most {number(day.subjects_at_most)} people in reach")
    parts.append(
        f"a day like this is expected {expected(decision.expected_per_1000)} times in 1,000 ordinary employee-days"
    )
    return "; ".join(part for part in parts if part) + "."


def expected(per_1000: float) -> str:
    """Write how many of 1000 days would look like this: ``0.4``, or ``fewer than 0.001``."""
    return f"{per_1000:.2g}" if per_1000 >= 0.001 else "fewer than 0.001"


def by_statements(decision: Decision) -> bool:
    """Tell whether the number of statements, not of rows, is what stands out."""
    return decision.channels[0].name.startswith("statements")


def _deed(decision: Decision, exposure: Exposure) -> str:
    day = decision.day
    if by_statements(decision):
        counted = f"{number(day.rows)} rows counted"
        return f"ran {number(day.statements)} statements on personal data today, {counted}{_about(day)}"
    verb = "exported" if exposure.activity.export else "read"
    rows, how = _most_telling(day)
    total = f", {number(day.rows)} today" if day.rows > rows else ""
    return f"{verb} {number(rows)} rows{_about(day)} {how}{total}"


def _most_telling(day: DayTotals) -> tuple[int, str]:
    """Return the rows and the manner that describe the day best: one statement, one burst, or all of it."""
    if day.largest_rows > _BURST_SHARE * day.rows:
        return day.largest_rows, "in one statement"
    length_ms = day.last_ms - day.burst_start_ms
    if day.burst_rows > _BURST_SHARE * day.rows and length_ms <= _LONGEST_BURST_MS:
        return day.burst_rows, f"in {_minutes(length_ms)}"
    return day.rows, f"in {number(day.statements)} statements today"


def _minutes(length_ms: int) -> str:
    minutes = max(1, round(length_ms / _MINUTE_MS))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _about(day: DayTotals) -> str:
    seen = categories_seen(day)
    if seen:
        return f" with {listed(seen)}"
    return " that may hold personal data"


def _usual(decision: Decision) -> str:
    if by_statements(decision):
        usual = decision.channels[0].usual
        return "no own history yet" if usual is None else f"the usual day is about {number(usual)} statements"
    if not decision.recent_rows:
        return "no own history yet"
    middle = usual_rows(decision.recent_rows)
    days = len(decision.recent_rows)
    return f"the usual day is {number(middle)} (max {number(max(decision.recent_rows))} in {days} active days)"


def usual_rows(recent: tuple[int, ...]) -> int:
    """Return the median of the recent days, the higher of the two middle ones."""
    return sorted(recent)[len(recent) // 2]


def _peers(decision: Decision, exposure: Exposure) -> str:
    if by_statements(decision):
        usual = decision.channels[0].usual_peers
        return "" if usual is None else f"the peers' usual day is about {number(usual)} in {exposure.peer_group}"
    if decision.peers_most_rows is None:
        return f"nobody else of {exposure.peer_group} was active today"
    return f"the peers' most today is {number(decision.peers_most_rows)} in {exposure.peer_group}"


def _uncounted(day: DayTotals) -> str:
    count = day.statements_without_rows
    return "1 statement without a row count" if count == 1 else f"{number(count)} statements without a row count"


def _approved(day: DayTotals) -> str:
    count = day.approved_statements
    what = "1 approved statement" if count == 1 else f"{number(count)} approved statements"
    return f"{what} with {number(day.approved_rows)} rows not counted"
