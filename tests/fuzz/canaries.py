"""Personal values that are planted in the inputs: nothing that sources and exposure give out may hold them.

Where a value legitimately may stand it is not looked for: users, clients, sessions and the like are names that the log
itself gives, tables and columns too, and a comment may hold anything (it ends in the exposure room).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamguard.activity import Activity, Ignored, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.activity import Exposure, Outcome
    from streamguard.sources.statement import Statement

EMAIL = "zq.canary@secret.example"
"""An address stands for no name anywhere, so it may survive in no context, quoted or not."""
NUMBER = "739184620517"
"""A number may be the rest of a name (``t_739184620517``), so it is looked for as a token outside of quoted names."""

_QUOTED_NAME = re.compile(r"\"[^\"]*\"|`[^`]*`")
_TOKEN = re.compile(rf"(?<![\w$.-]){NUMBER}(?!\w)")
_ROWS = re.compile(r"\d{1,16}", re.ASCII)
_PLACE = re.compile(r"#[0-9a-f]{16}")
_STRING = re.compile(rb"(?<=[\s=(,])'[^'\"\\\s@]{1,60}'(?![\w'@])")
_COMPARED = re.compile(rb"(?<!timestamp=)(?<=[=<>(])( ?)\d{1,18}(?=[\s,;)]|\Z)")


def planted(seed: bytes) -> bytes:
    """Return a seed whose string literals are the address and whose compared numbers are the number."""
    return _COMPARED.sub(rb"\g<1>" + NUMBER.encode(), _STRING.sub(f"'{EMAIL}'".encode(), seed))


def leaks_of_statement(found: Statement) -> list[str]:
    """Return where the analysis of a text holds a planted value."""
    names = (*found.tables, *found.columns, *found.filters)
    return _told(
        {"text": found.text, "verb": found.verb, "export": found.export},
        {"names": names, "subjects": _flat(found.subjects), "scope": _flat(found.scope)},
    ) + _odd_slice(found.slice)


def leaks_of_outcome(outcome: Outcome) -> list[str]:
    """Return where an outcome holds a planted value."""
    if isinstance(outcome, Rejected):
        return _told({"text": outcome.detail, "reason": outcome.reason}, {})
    if isinstance(outcome, Ignored):
        return _told({"reason": outcome.reason}, {})
    return _told(
        {"text": outcome.statement, "verb": outcome.verb, "export": outcome.export, "error": outcome.error}
        | {"part": outcome.part, "source": outcome.source, "fingerprint": outcome.fingerprint},
        {"filters": outcome.filters, "subjects": _flat(outcome.subjects), "scope": _flat(outcome.scope)},
    ) + _odd_slice(outcome.slice)


def leaks_of_exposure(exposure: Exposure) -> list[str]:
    """Return where an exposure holds a planted value; its comment and query tag have to be gone."""
    activity: Activity = exposure.activity
    left = [name for name in ("comment", "query_tag") if getattr(activity, name) is not None]
    return (
        left + leaks_of_outcome(activity) + _told({}, {"categories": exposure.categories, "regions": exposure.regions})
    )


def _told(texts: dict[str, str | None], lists: dict[str, Iterable[str]]) -> list[str]:
    found = [name for name, text in texts.items() if text is not None and EMAIL in text.lower()]
    found += [name for name, items in lists.items() if any(EMAIL in item.lower() for item in items)]
    text = texts.get("text")
    if text is not None and NUMBER in text and _TOKEN.search(_QUOTED_NAME.sub("?", text)):
        found.append("text (number)")
    return found


def _odd_slice(found: tuple[str, str] | None) -> list[str]:
    """Return ``slice`` if it is neither two numbers of rows nor two hashes; ids may be no numbers in clear."""
    forms = (_ROWS, _PLACE)
    is_odd = found is not None and not any(all(map(form.fullmatch, found)) for form in forms)
    return ["slice"] if is_odd else []


def _flat(values: tuple[tuple[str, tuple[str, ...]], ...]) -> list[str]:
    return [item for column, several in values for item in (column, *several)]
