"""How each SQL dialect writes literals, quoted names and comments: one regular expression a dialect.

Linear time for any input: every repetition is possessive or ends at a fixed text. Text inside quotes is never mistaken
for a comment, nor a comment for text. Sources: the lexical chapters of the vendors' manuals, and sqlglot's tokenizers.

Known gaps: with ``standard_conforming_strings=off`` (PostgreSQL before 9.1), ``NO_BACKSLASH_ESCAPES`` or
``ANSI_QUOTES`` (MySQL) and ``QUOTED_IDENTIFIER OFF`` (SQL Server) quotes mean something else; a value given as an
alias (``select 1 as "alice"``) is a name to every parser.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

IDENTIFIER: Final = r"[\w$\x80-\U0010ffff]"
"""PostgreSQL lets every byte from 128 on, and the dollar, continue an identifier."""
NUMBER: Final = r"(?:(?<=0)(?:[xX][\da-fA-F_]+|[oO][0-7_]+|[bB][01_]+))?[\d_.]*(?:[eE][+-]?\d+)?"
"""What follows the first digit. A word may follow at once: ``select 1from t`` is good SQL."""

_REST_PLAIN: Final = r"(?:[^']|'')*+(?:'|\Z)"
_REST_ESCAPED: Final = r"(?:[^'\\]|\\(?:.|\Z)|'')*+(?:'|\Z)"
_NEXT_LINE: Final = r"[^\S\n]*+\n\s*+"
"""Strings with a line end between them are one string in PostgreSQL."""
_TAG: Final = r"(?:[^\W\d][\w\x80-\U0010ffff]*)?"

# Each alternative begins behind the character that the engine skipped to (see `_compile`).
_ESCAPED: Final = rf"(?<='){_REST_ESCAPED}"
_PLAIN: Final = rf"(?<='){_REST_PLAIN}"
_POSTGRES_STRING: Final = (
    rf"(?<=')(?:(?<=[eE]')(?<!{IDENTIFIER}[eE]'){_REST_ESCAPED}(?:{_NEXT_LINE}'{_REST_ESCAPED})*"
    rf"|{_REST_PLAIN}(?:{_NEXT_LINE}'{_REST_PLAIN})*)"
)
_DOUBLE_STRING: Final = r"""(?<=")(?:[^"\\]|\\(?:.|\Z)|"")*+(?:"|\Z)"""
_UNDOUBLED_STRINGS: Final = (r"(?<=')(?:[^'\\]|\\(?:.|\Z))*+(?:'|\Z)", r"""(?<=")(?:[^"\\]|\\(?:.|\Z))*+(?:"|\Z)""")
"""BigQuery knows no doubled quotes, which matters before strings in three quotes."""
_TRIPLE_STRINGS: Final = (
    r"(?<=')''(?:[^'\\]|\\(?:.|\Z)|'(?!''))*+(?:'''|\Z)",
    r"""(?<=")""(?:[^"\\]|\\(?:.|\Z)|"(?!""))*+(?:\"""|\Z)""",
)
_RAW_STRINGS: Final = (r"(?<=[rR]')(?<![^\W\d][rR]')[^']*+(?:'|\Z)", r"""(?<=[rR]")(?<![^\W\d][rR]")[^"]*+(?:"|\Z)""")
_Q_STRING: Final = (
    r"(?<=[qQ]')(?:(?<![^\W\d][qQ]')|(?<=[nN][qQ]')(?<![^\W\d][nN][qQ]'))"
    r"(?:\[.*?(?:\]'|\Z)|\{.*?(?:\}'|\Z)|\(.*?(?:\)'|\Z)|<.*?(?:>'|\Z)|(?P<delimiter>[^\s\[{(<]).*?(?:(?P=delimiter)'|\Z))"
)
_DOLLAR_STRING: Final = rf"(?<=\$)(?<!{IDENTIFIER}\$)(?:\d+|(?P<tag>{_TAG})\$(?:.*?\$(?P=tag)\$|.*\Z))"
_PLAIN_DOLLAR_STRING: Final = rf"(?<=\$)(?<!{IDENTIFIER}\$)\$.*?(?:\$\$|\Z)"
_MONEY: Final = rf"(?<=\$)(?<!{IDENTIFIER}\$)\d{NUMBER}"
_DOUBLE_NAME: Final = r"""(?<=")(?P<name>(?:[^"]|"")*+)(?:"|\Z)"""
_BACKTICK_NAME: Final = r"(?<=`)(?P<backtick>[^`]*+)(?:`|\Z)"
_BRACKET_NAME: Final = r"(?<=\[)(?P<bracket>(?:[^\]]|\]\])*+)(?:\]|\Z)"
_LINE_COMMENT: Final = r"(?<=-)-[^\n\r]*"
_MYSQL_LINE_COMMENT: Final = r"(?<=-)-(?=\s|\Z)[^\n\r]*"
_HASH_COMMENT: Final = r"(?<=\#)[^\n\r]*"
_SLASH_COMMENT: Final = r"(?<=/)(?<![:/]/)/[^\n\r]*"
"""Not the slashes of ``get @stage file:///tmp``."""
_BLOCK_COMMENT: Final = r"(?<=/)\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)"
_EXECUTED_COMMENT: Final = r"(?<=/)\*M?!\d*"
"""MySQL and MariaDB run what is in ``/*! ... */``."""
_NESTING_COMMENT: Final = r"(?P<block>(?<=/)\*)"
"""A regular expression cannot count levels; the scanner does."""
_CONTAINS: Final = r"(?P<contains>(?<=\?)(?<!\?\?)(?:[|&](?![|&])|(?=\s*['$(])))"
_BIND: Final = r"(?<=:)(?<!::)(?:\d+|\"SYS_B_\d+\")"
_PROJECT: Final = r"(?!(?<=\w-\d)[\w-]{0,30}+\.[A-Za-z_]\w{0,1023}\.)"
"""Digits of an unquoted BigQuery project, ``my-project-123.dataset.table``, are no number. A project has at most 30
characters; without a bound, ``1-1-1-1...`` would take quadratic time."""
_FRACTION: Final = rf"(?<=\.)(?<!{IDENTIFIER}\.)(?<![\"`\])]\.)\d{NUMBER}"
_BEHIND: Final = rf"(?:[eE]'{_REST_ESCAPED}|\d{NUMBER}|\$\d+|\$(?P<again>{_TAG})\$(?:.*?\$(?P=again)\$|.*\Z))*+"
_BEHIND_PLAIN: Final = rf"(?:\d{NUMBER}|\$\$.*?(?:\$\$|\Z))*+"
"""Dollar strings and numbers end without a quote, so that a literal right behind them would look like the rest of a
name."""


class Lexicon(NamedTuple):
    """The lexical facts of one dialect.

    Parameters
    ----------
    pattern
        Finds literals (no group), quoted names (``name``, ``backtick``, ``bracket``), comments (``comment``,
        ``block``) and PostgreSQL's operators of question marks (``contains``).
    escapes
        Whether a backslash escapes in every string.
    triples
        Whether three quotes around a string are one; elsewhere two of them are a quote inside.
    rare
        A text with one of these has literals, names or comments that `shape_of` does not know.
    name_quote
        What quotes names, apart from ``rare``.
    numbers
        Finds numbers where there is nothing ``rare`` and no string.
    literals
        Finds literals and quoted names of a text without anything ``rare``.
    """

    pattern: re.Pattern[str]
    escapes: bool
    triples: bool
    rare: tuple[str, ...]
    name_quote: str
    numbers: re.Pattern[str]
    literals: re.Pattern[str]


def lexicon_of(dialect: str) -> Lexicon:
    """Return the lexicon of sqlglot's name of a dialect; an unknown one is read like PostgreSQL."""
    return _LEXICONS.get(dialect, _POSTGRES)


def _lexicon(
    *literals: str,
    comments: tuple[str, ...] = (_LINE_COMMENT, _BLOCK_COMMENT),
    rare: tuple[str, ...] = (),
    name_quote: str = '"',
    behind: str = "",
    not_number: str = "",
) -> Lexicon:
    nested = _NESTING_COMMENT in comments
    plain_comments = "|".join(comment for comment in comments if comment != _NESTING_COMMENT)
    parts = [
        *literals,
        _DOUBLE_NAME if name_quote == '"' else _BACKTICK_NAME,
        f"(?P<comment>{plain_comments})",
        *([_NESTING_COMMENT] if nested else []),
        rf"(?:(?<=\d)(?<!{IDENTIFIER}\d){not_number}{NUMBER}|{_FRACTION}){behind}",
    ]
    # Every token starts with one of these, so the engine skips to them by a character set. The prefix of a string
    # (the E of E'...') is looked at from its quote and removed afterwards.
    first = r"""['"`$\[\-/#?:0-9.]"""
    continued = rf"(?:{_NEXT_LINE}'(?:[^']|'')*+')*" if _POSTGRES_STRING in literals else ""
    number = rf"[0-9](?<![\w$.\x80-\U0010ffff][0-9]){not_number}{NUMBER}"
    name = f"{name_quote}[^{name_quote}]*{name_quote}"
    return Lexicon(
        pattern=re.compile(first + "(?:" + "|".join(parts) + ")", re.DOTALL),
        escapes=_ESCAPED in literals or _UNDOUBLED_STRINGS[0] in literals,
        triples=_TRIPLE_STRINGS[0] in literals,
        rare=("?", "\\", "--", "/*", "%s", *rare),
        name_quote=name_quote,
        numbers=re.compile(number),
        literals=re.compile(f"'(?:[^']|'')*+'{continued}|{name}|{number}"),
    )


_DOLLAR_STRINGS: Final = f"{_DOLLAR_STRING}{_BEHIND}"
_POSTGRES: Final = _lexicon(
    _POSTGRES_STRING,
    _CONTAINS,
    _DOLLAR_STRINGS,
    comments=(_LINE_COMMENT, _NESTING_COMMENT),
    rare=("$",),
    behind=_BEHIND.replace("again", "anew"),
)
_REDSHIFT: Final = _lexicon(
    _ESCAPED,
    _DOLLAR_STRINGS,
    comments=(_LINE_COMMENT, _NESTING_COMMENT),
    rare=("$",),
    behind=_BEHIND.replace("again", "anew"),
)
_MYSQL: Final = _lexicon(
    _ESCAPED,
    _DOUBLE_STRING,
    comments=(_MYSQL_LINE_COMMENT, _HASH_COMMENT, _EXECUTED_COMMENT, _BLOCK_COMMENT),
    rare=('"', "#"),
    name_quote="`",
)
_TSQL: Final = _lexicon(_PLAIN, _BRACKET_NAME, _MONEY, comments=(_LINE_COMMENT, _NESTING_COMMENT), rare=("[", "$"))
_ORACLE: Final = _lexicon(_Q_STRING, _PLAIN, _BIND, rare=("q'", "Q'", ":"))
_SNOWFLAKE: Final = _lexicon(
    _ESCAPED,
    f"{_PLAIN_DOLLAR_STRING}{_BEHIND_PLAIN}",
    _BIND,
    comments=(_LINE_COMMENT, _SLASH_COMMENT, _BLOCK_COMMENT),
    rare=("$", "//", ":"),
    behind=_BEHIND_PLAIN,
)
_BIGQUERY: Final = _lexicon(
    *_TRIPLE_STRINGS,
    *_UNDOUBLED_STRINGS,
    comments=(_LINE_COMMENT, _HASH_COMMENT, _BLOCK_COMMENT),
    rare=('"', "#", "'''"),
    name_quote="`",
    not_number=_PROJECT,
)
_TRINO: Final = _lexicon(_PLAIN)
_SPARK: Final = _lexicon(
    *_RAW_STRINGS,
    _ESCAPED,
    _DOUBLE_STRING,
    f"{_PLAIN_DOLLAR_STRING}{_BEHIND_PLAIN}",
    comments=(_LINE_COMMENT, _NESTING_COMMENT),
    rare=('"', "$"),
    name_quote="`",
    behind=_BEHIND_PLAIN,
)
_CLICKHOUSE: Final = _lexicon(
    _ESCAPED,
    _DOUBLE_STRING,
    _DOLLAR_STRINGS,
    comments=(_LINE_COMMENT, _HASH_COMMENT, _NESTING_COMMENT),
    rare=('"', "#", "$"),
    name_quote="`",
    behind=_BEHIND.replace("again", "anew"),
)

_LEXICONS: Final = {
    "redshift": _REDSHIFT,
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "tsql": _TSQL,
    "oracle": _ORACLE,
    "snowflake": _SNOWFLAKE,
    "bigquery": _BIGQUERY,
    "trino": _TRINO,
    "presto": _TRINO,
    "athena": _TRINO,
    "databricks": _SPARK,
    "spark": _SPARK,
    "hive": _SPARK,
    "clickhouse": _CLICKHOUSE,
}
