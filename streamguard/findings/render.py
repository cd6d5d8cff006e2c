"""A finding as a card for a terminal: plain words, then a picture of the days, then what each channel says."""

from __future__ import annotations

from datetime import UTC, datetime
from math import exp, log1p
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from streamguard.findings.plain import category, number
from streamguard.findings.words import expected, usual_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH = 96
_MOST_NATS = 13.8
_BAR = 40
_BLOCKS = "▁▂▃▄▅▆▇█"


def as_text(event: Mapping[str, Any]) -> str:
    """Draw a finding.

    Parameters
    ----------
    event
        ``Finding.ocsf``, or the same read back from the findings topic.

    Returns
    -------
    str
        Lines of at most 96 columns, without escape sequences: control characters of the log are shown as ``?``.
    """
    lines = [_headline(event), ""]
    lines += wrap(event["message"], WIDTH)
    lines += ["", *_rows(event["unmapped"]), "", *_channels(event["unmapped"])]
    lines += ["", *_categories(event["unmapped"])]
    info = event["finding_info"]
    lines += wrap(f"{_techniques(info)}, finding {info['uid']}", WIDTH)
    return "\n".join(_plain(line)[:WIDTH] for line in lines)


def _headline(event: Mapping[str, Any]) -> str:
    kind = "UPDATE" if event["activity_id"] == 2 else "NEW"
    odds = f"expected in {expected(event['unmapped']['expected_per_1000'])} of 1,000 days"
    head = (
        f"{event['severity'].upper()}  {_when(event['time'])}  {kind}, {odds}, confidence {event['confidence_score']}"
    )
    employee = str(event["unmapped"]["employee"])
    return f"{head}  {employee}" if len(head) + len(employee) + 2 <= WIDTH else head


def _when(time_ms: int) -> str:
    try:
        return datetime.fromtimestamp(time_ms // 1000, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return f"{time_ms} ms"


def _rows(unmapped: Mapping[str, Any]) -> list[str]:
    recent = unmapped["usual_rows_recent_days"]
    today, peers = unmapped["rows_returned"], unmapped["peers_most_rows_today"]
    named = [("usual day", usual_rows(tuple(recent))), ("own most", max(recent))] if recent else []
    named += [("peers' most", peers or 0), ("today", today)]
    most = max(1, *(rows for _, rows in named))
    lines = [f"  rows  {name:<12}{_bar(rows, most)} {number(rows)}" for name, rows in named]
    spark = f"{_spark([*recent, today])}  (log scale, today last)" if recent else "no own history yet"
    return [*lines, f"        {'days':<12}{spark}"]


def _bar(rows: int, most: int) -> str:
    length = round(_BAR * rows / most)
    return ("█" * max(length, 1 if rows else 0)).ljust(_BAR)


def _spark(values: list[int]) -> str:
    top = log1p(max(values)) or 1.0
    return "".join(_BLOCKS[round((len(_BLOCKS) - 1) * log1p(value) / top)] for value in values)


def _channels(unmapped: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, percent in sorted(unmapped["contributions"].items(), key=lambda entry: (-entry[1], entry[0])):
        if not percent:
            continue
        nats, own = unmapped["surprises"][name], unmapped["deviations"].get(name)
        seen = f"by chance once in {_times(nats)} days"
        if own is not None:
            common = unmapped["deviations_common_to_peers"][name]
            shared = f" ({common:.1f} shared by peers)" if common else ""
            seen = f"{max(own, 0.0):.1f} standard deviations above the usual day{shared}"
        lines.append(f"  {percent:>3} %  {name:<17}{seen}")
    return lines


def _times(nats: float) -> str:
    return number(exp(nats)) if nats < _MOST_NATS else "a million or more"


def _categories(unmapped: Mapping[str, Any]) -> list[str]:
    words = {"seen": "seen", "not_seen": "not seen", "cannot_tell": "cannot tell"}
    lines = []
    for verdict, shown in words.items():
        rows = unmapped["category_rows"]
        found = [name for name, told in unmapped["categories"].items() if told == verdict]
        found.sort(key=lambda name: (-rows.get(name, 0), name))
        names = [f"{category(name)} ({rows[name]:,} rows)" if rows.get(name) else category(name) for name in found]
        if names:
            lines += wrap(f"{shown}: {', '.join(names)}", WIDTH - 2, initial_indent="  ", subsequent_indent="    ")
    return lines


def _techniques(info: Mapping[str, Any]) -> str:
    found = [attack.get("sub_technique") or attack["technique"] for attack in info["attacks"]]
    return ", ".join(f"ATT&CK {technique['uid']} {technique['name']}" for technique in found)


def _plain(line: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in line)
