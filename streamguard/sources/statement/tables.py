"""Real tables of a statement: from its syntax tree, or by patterns where no grammar understood it."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from streamguard.sources.statement.expressions import table_name
from streamguard.sources.statement.words import words

_TOKEN: Final = re.compile(r"[^\W\d][\w$]*+|\"[^\"]*+\"?|`[^`]*+`?|[.,()?@]")
_OPENERS: Final = words("from join copy update into table truncate using clone")
_BEFORE_JOINS: Final = words("from join")
"""Such openers before a parenthesis, in which tables may be joined."""
_OPENING: Final = "("
_CLOSING: Final = ")"
_PARENTHESES: Final = frozenset("()")
_BETWEEN: Final = words("only table lateral if not exists")
"""Words that may stand between such an opener and the name."""
_KEYWORDS: Final = words(
    "as where join on set to left right inner full cross natural group order limit union values select returning"
    " using with from for in is and or by having fetch offset nowait skip unnest outfile dumpfile default"
    " intersect except window tablesample straight_join stdin stdout program begin commit"
)
_OTHER_NAMES: Final = ("fetch ", "move ", "close ", "execute ", "deallocate ")
"""Commands whose names are cursors and prepared statements."""
_MAX_TABLES: Final = 256
"""Names taken from a text that no grammar understood."""


def tables_of(tree: exp.Expr) -> set[str]:
    """Return the real tables of a syntax tree, leaving out references to common table expressions."""
    has_expressions = tree.find(exp.With) is not None
    return {
        table_name(node)
        for node in tree.find_all(exp.Table)
        if isinstance(node.this, exp.Identifier)
        and not isinstance(node.parent, exp.Lock)
        and not (has_expressions and not node.db and _is_expression(node))
    }


def shorten(tree: exp.Expr) -> None:
    """Leave of names in four parts, ``server.database.schema.table``, the last two, which the tree has elsewhere."""
    for node in tree.find_all(exp.Table):
        parts = node.this.flatten() if isinstance(node.this, exp.Dot) else ()
        names = [part for part in parts if isinstance(part, exp.Identifier)]
        if len(names) > 1 and isinstance(node.this.expression, exp.Identifier):
            node.set("this", names[-1])
            node.set("db", names[-2])


def _is_expression(table: exp.Table) -> bool:
    """Whether a common table expression of this name is in force where the table is named.

    Inside its own definition a name means the real table, unless the WITH is recursive.
    """
    name = table.name
    child: exp.Expr = table
    while (parent := child.parent) is not None:
        if isinstance(parent, exp.With):
            if name in _before(parent, None if parent.args.get("recursive") else child):
                return True
        else:
            with_ = parent.args.get("with_")
            if with_ is not None and with_ is not child and name in _before(with_, None):
                return True
        child = parent
    return False


def _before(with_: exp.With, stop: exp.Expr | None) -> set[str]:
    names = set()
    for cte in with_.expressions:
        if cte is stop:
            break
        names.add(cte.alias)
    return names


def tables_by_pattern(text: str) -> set[str]:
    """Return the names that follow FROM, JOIN, COPY, UPDATE, INTO and the like in a normalised text.

    Works on cut and broken statements, in linear time. May name too much, but no plainly written table is lost.
    """
    if text.startswith(_OTHER_NAMES):
        return set()
    tokens = _TOKEN.findall(text)
    tokens += ["", ""]
    found: set[str] = set()
    expecting = False
    position = depth = 0
    opener = ""
    opened: list[int] = []
    while position < len(tokens) - 2 and len(found) < _MAX_TABLES:
        token = tokens[position]
        position += 1
        if token in _OPENERS:
            expecting = True
            opener = token
        elif expecting and token == _OPENING and opener in _BEFORE_JOINS:
            depth += 1
            opened.append(depth)
        elif token in _PARENTHESES:
            expecting = False
            if token == _CLOSING and opened and opened[-1] == depth:
                # Behind tables joined in parentheses the list goes on.
                opened.pop()
                position = _skip_alias(tokens, position)
                expecting = tokens[position] == ","
                position += expecting
            depth += -1 if token == _CLOSING else 1
        elif expecting and token not in _BETWEEN:
            if token in _KEYWORDS or not (token[0].isalpha() or token[0] in '_"`'):
                expecting = False
                continue
            position, name = _dotted(tokens, position - 1)
            if tokens[position] != "(" or tokens[position - 1] == "into":
                found.add(name)
            position = _skip_hint(tokens, _skip_alias(tokens, _skip_hint(tokens, position)))
            # Another comma, another table; anything else ends the list.
            expecting = tokens[position] == ","
            position += expecting
    return found - _expressions(tokens)


def tables_anywhere(text: str) -> set[str]:
    """Return the names of tables in a normalised text of several statements, however long it is, up to a number."""
    found: set[str] = set()
    for piece in text.split(";"):
        found |= tables_by_pattern(piece.strip())
        if len(found) >= _MAX_TABLES:
            break
    return found


def _dotted(tokens: list[str], position: int) -> tuple[int, str]:
    """Read ``a.b.c`` from a position; return the position after it and ``b.c``."""
    # BigQuery quotes whole paths.
    parts = tokens[position].strip('"`').split("." if tokens[position][0] == "`" else "\0")
    position += 1
    while tokens[position] == "." and tokens[position + 1]:
        position += 1
        # Nothing between two dots is the default schema.
        if tokens[position] != ".":
            parts.append(tokens[position].strip('"`'))
            position += 1
    return position, ".".join(parts[-2:])


def _skip_hint(tokens: list[str], position: int) -> int:
    """Skip ``with (nolock)``, whose parentheses hold no others."""
    if tokens[position] != "with" or tokens[position + 1] != "(":
        return position
    end = position + 2
    while tokens[end] not in {"(", ")", ""}:
        end += 1
    return end + (tokens[end] == ")")


def _skip_alias(tokens: list[str], position: int) -> int:
    position += tokens[position] == "as"
    token = tokens[position]
    return position + (token[:1].isalpha() and token not in _KEYWORDS and token not in _OPENERS)


def _expressions(tokens: list[str]) -> set[str]:
    """Return the names of common table expressions: ``name as (``."""
    return {tokens[at - 1] for at in range(1, len(tokens) - 1) if tokens[at] == "as" and tokens[at + 1] == "("}
