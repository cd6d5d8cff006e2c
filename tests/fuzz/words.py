"""The words that the adapters look for, as a dictionary for the fuzzer: it cannot guess ``structPayload``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from fuzz.canaries import EMAIL, NUMBER

if TYPE_CHECKING:
    from pathlib import Path

_MOST_CHARACTERS = 40
_SQL = (
    "select * from ", " where email = ", " in (", " union all ", "with x as (", "copy ", " to stdout", " limit 5",
    "declare c cursor for ", "'", "''", '"', "`", "$$", "$a$", "/*", "*/", "--", ";", "(", ")", "[", "]", ", ",
    "E'\\'", "q'[", "::text", " identified by ", "dblink(", "unload ('", "execute immediate '", "case when ", " end",
    " cross join ", " lateral ", " like ", " = any('{", "values (", " offset 5", " between 1 and 5", "id > 5 and id <= 9",
    "row_number() over (order by a) as rn", " order by id desc",
)  # fmt: skip


def words_of(room: Path) -> list[str]:
    """Return the short texts in the code of a package, sorted, and some pieces of SQL."""
    found: set[str] = {EMAIL, NUMBER, f"'{EMAIL}'", *_SQL}
    for path in room.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isprintable():
                found.add(node.value)
    return sorted(word for word in found if 1 < len(word) <= _MOST_CHARACTERS and word.isascii())


def write_dictionary(room: Path, path: Path) -> None:
    """Write the words in libFuzzer's format."""
    lines = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words_of(room))
    path.write_text("".join(f'"{line}"\n' for line in lines))
