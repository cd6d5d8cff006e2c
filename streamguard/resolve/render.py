"""The text of a question: as it runs, with names for its values, and as it is shown, with words for those of people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamguard.resolve.values import Given, LookUp

if TYPE_CHECKING:
    from streamguard.resolve.rewrite import Question
    from streamguard.resolve.values import Source


def runnable(question: Question, dialect: str) -> str:
    """Return the SQL with ``:name`` for each value, and ``IN :name`` for each list of them."""
    text = question.carried.query.sql(dialect)
    for name in question.sources:
        text = text.replace(f"IN ({name})", f"IN :{name}")
        text = re.sub(rf"(?<![:\w]){name}\b", f":{name}", text)
    return text


def shown(question: Question, dialect: str) -> str:
    """Return the SQL for people: nobody's values are in it."""
    text = question.carried.query.sql(dialect, pretty=True)
    for name, source in question.sources.items():
        text = re.sub(rf"\b{name}\b", _words(source).replace("\\", r"\\"), text)
    return text


def _words(source: Source) -> str:
    if isinstance(source, Given):
        if source.is_neutral:
            return ", ".join(repr(value) for value in source.values)
        count = len(source.values)
        return "<a value of the sealed statement>" if count == 1 else f"<{count:,} values of the sealed statement>"
    if isinstance(source, LookUp):
        count = len(source.hashes)
        return f"<{count:,} value{'s' if count > 1 else ''} known by hash, looked up in {source.where}>"
    return f"<a number known by hash, looked up in {source.where}>"
