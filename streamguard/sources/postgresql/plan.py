"""A plan that PostgreSQL's auto_explain logged: the text, the rows that the plan's top node returned, their width.

With ``auto_explain.log_analyze`` the rows are counted, also of cursors and of COPY (query); without, there is the
planner's guess. The top node of an INSERT, UPDATE or DELETE without RETURNING returns nothing whatever it changes.
Where a statement gathers many rows into one (``string_agg``), the largest count inside the plan says how many at most.

``auto_explain.log_format`` text and json are read; xml and yaml are not.

A text plan stands behind the statement's text without a mark between them. A statement (or a literal in it) with a
line like that of a plan makes two places where the plan may begin: then nothing is counted.
Source: PostgreSQL documentation, section F.4, "auto_explain"; explain.c for the text format.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import orjson

from streamguard.activity import RowsQuality
from streamguard.sources.fields import MAX_ROWS
from streamguard.sources.reasons import Refusal, RejectedReason

_QUERY_TEXT = "Query Text: "
_TOP_NODE = re.compile(
    r"^(?P<node>[A-Z][^\n(]{2,400}?)  \(cost=\d[\d.]*\.\.\d[\d.]* rows=(?P<guess>\d{1,18}) width=(?P<width>\d{1,9})\)"
    r"(?: \(actual (?:time=[\d.]+ )?rows=(?P<rows>\d{1,18}(?:\.\d{1,4})?) loops=\d+\))?",
    re.MULTILINE,
)
_INNER_COUNT = re.compile(r"\(actual (?:time=[\d.]+ )?rows=(\d{1,18}(?:\.\d{1,4})?) loops=(\d{1,18})\)")
_PARAMETERS = "\nQuery Parameters: "
_WRITES = ("Insert on ", "Update on ", "Delete on ", "Merge on ", "ModifyTable")
_MAX_NODES = 10_000


class Plan(NamedTuple):
    """What a plan tells.

    Parameters
    ----------
    text
        The statement.
    rows, quality
        Rows that the top node returned; None where the plan does not tell.
    width_bytes
        Mean width of such a row, as the planner believes; None where nothing was counted.
    inner_rows
        Largest count of any node of an analysed plan.
    """

    text: str
    rows: int | None = None
    quality: RowsQuality | None = None
    width_bytes: int | None = None
    inner_rows: int | None = None


class _Top(NamedTuple):
    """The top node: what it is, what it counted, and what the planner believed."""

    node: str
    counted: int | None
    guess: object
    width: object


def read_plan(content: str) -> Plan | None:
    """Return the plan of what stands behind ``plan:``; None if it is in a format that is not read.

    Raises
    ------
    Refusal
        ``invalid_json``, when a plan in JSON is cut off.
    """
    content = content.lstrip("\n")
    if content.startswith("{"):
        return _read_json(content)
    if content.startswith(_QUERY_TEXT) and not content.startswith(_QUERY_TEXT + '"'):
        return _read_text(content)
    return None


def _read_json(content: str) -> Plan | None:
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Refusal(RejectedReason.INVALID_JSON, "the plan of auto_explain is not whole JSON: cut off?") from error
    text, node = told.get("Query Text"), told.get("Plan")
    if type(text) is not str or type(node) is not dict:
        return None
    counted = _count(node.get("Actual Rows"), node.get("Actual Loops"))
    return _plan(
        text, _Top(str(node.get("Node Type")), counted, node.get("Plan Rows"), node.get("Plan Width")), _inner(node)
    )


def _read_text(content: str) -> Plan | None:
    tops = list(_TOP_NODE.finditer(content))
    if not tops:
        return None
    top = tops[0]
    text = content[len(_QUERY_TEXT) : top.start()].partition(_PARAMETERS)[0].removesuffix("\n")
    if len(tops) > 1:
        return Plan(text)
    counts = [_count(float(rows), int(loops)) or 0 for rows, loops in _INNER_COUNT.findall(content, top.start())]
    counted = _count(float(top["rows"]), 1) if top["rows"] is not None else None
    return _plan(text, _Top(top["node"], counted, int(top["guess"]), int(top["width"])), max(counts, default=None))


def _plan(text: str, top: _Top, inner_rows: int | None) -> Plan:
    if top.node.startswith(_WRITES) and not top.counted:
        return Plan(text, inner_rows=inner_rows)
    if top.counted is not None:
        return Plan(text, top.counted, None, top.width if type(top.width) is int else None, inner_rows)
    rows = _count(top.guess, 1)
    return Plan(text, rows, None if rows is None else RowsQuality.ESTIMATE)


def _inner(node: dict[str, Any]) -> int | None:
    """Return the largest count of all nodes, walked in bounded number."""
    largest, nodes = None, [node]
    for _ in range(_MAX_NODES):
        if not nodes:
            break
        here = nodes.pop()
        rows = _count(here.get("Actual Rows"), here.get("Actual Loops"))
        largest = rows if largest is None else max(largest, rows or 0)
        inside = here.get("Plans")
        nodes += [plan for plan in inside if type(plan) is dict] if type(inside) is list else []
    return largest


def _count(rows: object, loops: object) -> int | None:
    """Return rows times loops: a node's rows are a mean over its loops (with decimals since PostgreSQL 18)."""
    if type(rows) not in {int, float} or type(loops) not in {int, float}:
        return None
    total = float(rows) * float(loops)  # type: ignore[arg-type]
    return round(total) if 0 <= total <= MAX_ROWS else None
