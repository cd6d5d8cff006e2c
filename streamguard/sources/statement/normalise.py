"""Statement texts without literals: one regular expression, in linear time for any input.

Text inside quotes is never mistaken for a comment, nor a comment for text. PostgreSQL nests block comments,
which a regular expression cannot count, so a text with a block comment takes a slower loop over the same pattern.

Known gaps: with ``standard_conforming_strings=off`` a backslash before a quote inverts what is inside and outside
(PostgreSQL has it on since 9.1); a value given as an alias (``select 1 as "alice"``) is a name to every parser.
"""

from __future__ import annotations

import re
from typing import Final

_IDENTIFIER: Final = r"[\w$\x80-\U0010ffff]"
"""PostgreSQL lets every byte from 128 on, and the dollar, continue an identifier."""

_BLOCK_COMMENT: Final = re.compile(r"/\*|\*/")

_FIRST: Final = r"""['"$\-/?0-9.]"""
"""Every token starts with one of these, so the engine skips to them by a character set.
The prefix of a string (the E of E'...') is looked at from its quote and removed afterwards."""

_ESCAPED: Final = r"'(?:[^'\\]|\\(?:.|\Z)|'')*+(?:'|\Z)"
_PLAIN: Final = r"'(?:[^']|'')*+(?:'|\Z)"
_NEXT_LINE: Final = r"[^\S\n]*+\n\s*+"
"""Strings with a line end between them are one string."""
_TAG: Final = r"(?:[^\W\d][\w\x80-\U0010ffff]*)?"
_NUMBER: Final = r"(?:(?<=0)(?:[xX][\da-fA-F_]+|[oO][0-7_]+|[bB][01_]+))?[\d_.]*(?:[eE][+-]?\d+)?"
"""What follows the first digit. A word may follow at once: ``select 1from t`` is good SQL."""

_POSTGRES: Final = re.compile(
    _FIRST
    + rf"""(?:
      (?<=')(?:
          (?<=[eE]')(?<!{_IDENTIFIER}[eE]') (?:[^'\\]|\\(?:.|\Z)|'')*+(?:'|\Z) (?:{_NEXT_LINE}{_ESCAPED})*
        | (?:[^']|'')*+(?:'|\Z) (?:{_NEXT_LINE}{_PLAIN})*
      )
    | (?<=")(?P<name>(?:[^"]|"")*+)(?:"|\Z)
    | (?P<comment>(?<=-)-[^\n\r]*)
    | (?P<block>(?<=/)\*)
    | (?P<contains>(?<=\?)(?:[|&](?![|&])|(?=\s*['$(])))
    | (?:
          (?<=\$)(?<!{_IDENTIFIER}\$)(?:\d+|(?P<tag>{_TAG})\$(?:.*?\$(?P=tag)\$|.*\Z))
        | (?<=\d)(?<!{_IDENTIFIER}\d){_NUMBER}
        | (?<=\.)(?<!{_IDENTIFIER}\.)(?<!["\])]\.)\d{_NUMBER}
      )
      # These end without a quote, so that a literal right behind them would look like the rest of a name.
      (?:[eE]{_ESCAPED}|\d{_NUMBER}|\$\d+|\$(?P<again>{_TAG})\$(?:.*?\$(?P=again)\$|.*\Z))*+
    )""",
    re.VERBOSE | re.DOTALL,
)

_BACKSLASH: Final = re.compile(
    _FIRST.replace("]", "#`]")
    + rf"""(?:
      (?<=')(?:[^'\\]|\\(?:.|\Z)|'')*+(?:'|\Z)
    | (?<=")(?:[^"\\]|\\(?:.|\Z)|"")*+(?:"|\Z)
    | (?<=`)(?P<name>[^`]*+)(?:`|\Z)
    | (?P<comment>(?<=-)-(?=\s|\Z)[^\n\r]*|(?<=\#)[^\n\r]*|(?<=/)\*!\d*)    # MySQL runs what is in /*! */
    | (?P<block>(?<=/)\*)
    | (?<=\d)(?<!{_IDENTIFIER}\d){_NUMBER}
    | (?<=\.)(?<!{_IDENTIFIER}\.)(?<![`\])]\.)\d{_NUMBER}
    )""",
    re.VERBOSE | re.DOTALL,
)

_BACKSLASH_DIALECTS: Final = frozenset({"mysql", "mariadb", "bigquery", "databricks", "spark", "hive", "clickhouse"})
"""Dialects in which the double quote is a string and the backslash escapes."""

_HARMLESS_NAME: Final = re.compile(r"[^\W\d][\w $.()/%#-]{0,62}")
"""Quoted names that stay. Others (with an @, starting with a digit, too long) could be values by mistake."""

_PREFIX: Final = re.compile(r"(?<![\w$])(?:[ebnx]|u&)(?=\?)")
_PREFIXED: Final = ("e?", "b?", "n?", "x?", "&?")
_EMAIL: Final = re.compile(r"\"?(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.-]+\"?")
_ITEM: Final = r"(?:[-+] ?)?(?:\?(?:::[\w.]+(?:\[\])*)?|null|default|true|false)"
_LIST: Final = re.compile(
    # Only after IN, VALUES or a bare parenthesis: the arguments of a function keep their number.
    rf"(\((?:(?<=\bin\()|(?<=\bvalues\()|(?<=[ (,]\()|(?<=^\())|\[) ?{_ITEM}(?: ?, ?{_ITEM})+ ?(?=[)\]])"
)
_ROWS: Final = re.compile(r"(\((?:[^()]|\([^()]*\))*+\))(?: ?, ?\1)+")
_PASSWORD: Final = re.compile(
    r"(\bidentified (?:with \S+ )?(?:by|as) (?:values )?|(?<=\bpassword )|\bpassword ?= ?)"
    r"(?!null\b|expire\b)(?:\"[^\"]*\"|[^\s;,]+)"
)
_ACCOUNT: Final = re.compile(r"(?:create|alter|grant|set|change)\b.*?\b(?:user|role|group|login|password|identified)\b")


def normalise(sql: str, dialect: str) -> str:
    """Return the statement in lower case without literals, comments, passwords and superfluous space.

    Parameters
    ----------
    sql
        Statement text; it may be cut anywhere, even inside a literal.
    dialect
        sqlglot's name of the dialect; it decides what quotes a string and whether the backslash escapes.
    """
    pattern = _BACKSLASH if dialect in _BACKSLASH_DIALECTS else _POSTGRES
    bare = _replace_with_blocks(pattern, sql) if "/*" in sql else pattern.sub(_replace, sql)
    text = " ".join(bare.lower().split())
    if "?" in text:
        if any(mark in text for mark in _PREFIXED):
            text = _PREFIX.sub("", text)
        if "?," in text or "? ," in text:
            text = _LIST.sub(r"\1?", text)
        if "), (" in text or "),(" in text or ") ,(" in text:
            text = _ROWS.sub(r"\1", text)
    if "@" in text:
        text = _EMAIL.sub("?", text)
    if _ACCOUNT.match(text):
        text = _PASSWORD.sub(r"\1?", text)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _replace(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind in {None, "tag", "again"}:
        return "?"
    if kind == "name":
        name = match["name"]
        quote = match[0][0]
        return f"{quote}{name}{quote}" if _HARMLESS_NAME.fullmatch(name) else f"{quote}?{quote}"
    if kind == "contains":
        # PostgreSQL's jsonb operators ?, ?| and ?& are doubled (as JDBC does), to stay apart from literals.
        return f"?{match[0]}"
    return " "


def _replace_with_blocks(pattern: re.Pattern[str], sql: str) -> str:
    parts = []
    position = 0
    while match := pattern.search(sql, position):
        parts.append(sql[position : match.start()])
        parts.append(_replace(match))
        position = match.end() if match.lastgroup != "block" else _end_of_block(sql, match.end())
    parts.append(sql[position:])
    return "".join(parts).replace("*/", " ")


def _end_of_block(sql: str, position: int) -> int:
    depth = 1
    for match in _BLOCK_COMMENT.finditer(sql, position):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(sql)
