"""Which command a statement is and whether it moves data out uncounted, without any parser.

SQL parsers are blind exactly at the export verbs (cursors, UNLOAD, INTO OUTFILE, ...), so patterns decide first;
they see normalised text: lower case, single spaces, no literals, no comments.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from streamguard.sources.statement.batches import is_alone
from streamguard.sources.statement.words import words


class Command(NamedTuple):
    """The command of one statement and how it exports, if it does."""

    verb: str
    export: str | None


_NAME: Final = r"(?:[\w$]+|\"[^\"]*\"|`[^`]*`)(?: ?\. ?(?:[\w$]+|\"[^\"]*\"|`[^`]*`))*"
_AS_QUERY: Final = r"\b(?:as ?\(* ?(?:select|with|table|values|execute)|clone|copy)\b"

_EXPORTS: Final[tuple[tuple[re.Pattern[str], Command], ...]] = tuple(
    (re.compile(pattern), Command(verb, export))
    for pattern, verb, export in (
        (rf"copy (?:binary )?(?:\(|{_NAME}(?: ?\([^()]*\) ?| )to\b)", "COPY", "copy_to"),
        (r"copy into (?:@|\?)", "COPY", "unload"),
        (r"insert (?:overwrite (?:local )?directory|into (?:table )?function)\b", "INSERT", "unload"),
        (r"insert into (?:openrowset|opendatasource|openquery) ?\(", "INSERT", "unload"),
        (rf"declare {_NAME} (?:[a-z]+ ){{0,8}}cursor\b", "DECLARE CURSOR", "cursor"),
        (r"fetch\b", "FETCH", "cursor"),
        (r"handler\b.*\bread\b", "HANDLER", "cursor"),
        (r"open [\w$]+ for (?:select|with|\?)", "DECLARE CURSOR", "cursor"),
        (r"unload\b", "UNLOAD", "unload"),
        (r"export data\b", "EXPORT DATA", "unload"),
        (r"export (?:table|to)\b", "EXPORT", "unload"),
        (r"get (?:@|\?)", "GET", "unload"),
        (r"(?:backup|vacuum into)\b", "BACKUP", "unload"),
        (r"(?:create (?:or replace )?|alter )share\b|grant\b.* to share\b", "SHARE", "share"),
        (r"create (?:or replace )?(?:transient )?(?:database|schema)\b.*? clone\b", "CLONE", "create_table_as"),
        (r"create (?:or replace )?(?:[a-z]+ ){0,3}snapshot table\b", "CREATE TABLE AS", "create_table_as"),
        (rf"create (?:or replace )?(?:[a-z]+ ){{0,3}}table\b.*?{_AS_QUERY}", "CREATE TABLE AS", "create_table_as"),
        # MySQL does without the AS.
        (r"create (?:or replace )?(?:[a-z]+ ){0,3}table\b.*?[ (]select\b", "CREATE TABLE AS", "create_table_as"),
        (rf"alter table {_NAME} append from\b", "ALTER", "create_table_as"),
        (r"create materialized view\b", "CREATE MATERIALIZED VIEW", "create_table_as"),
    )
)

_VERBS: Final[dict[str, str]] = {
    word: word.upper()
    for word in words(
        "alter analyze begin call checkpoint close cluster comment commit copy create deallocate declare delete"
        " discard do drop end execute explain flush grant handler insert kill listen load lock merge move notify"
        " optimize prepare put reassign refresh reindex release rename replace reset revoke rollback savepoint"
        " security select set show start truncate undrop unlisten unlock update use vacuum values"
    )
} | {
    "table": "SELECT",
    "from": "SELECT",
    "abort": "ROLLBACK",
    "end": "COMMIT",
    "desc": "SHOW",
    "describe": "SHOW",
    "exec": "EXECUTE",
    "bulk": "LOAD",
}

_TRANSACTION: Final = re.compile(
    r"begin(?: (?:work|tran|transaction|immediate|deferred|exclusive|isolation|read|not|try|catch)\b.*)?"
)
_FIRST_WORD: Final = re.compile(r"[ (]*([a-z]+)")
_AFTER_WITH: Final = re.compile(r"[()]|\b(?:select|insert|update|delete|merge|values|table)\b")
_TABLE_OUT: Final = re.compile(r"\binto (?:out|dump)file\b")
_INTO: Final = re.compile(r"[()]|\b(?:into|from)\b")
_GATHER: Final = re.compile(
    r"\b(?:string_agg|array_agg|(?:json|jsonb)_(?:agg|object_agg)(?:_strict)?|(?:json|xml)_?(?:array|object)?agg"
    r"|group_concat|wm_concat|listagg|array_(?:concat|union|unique)_agg|object_agg|(?:multi)?map_(?:union_)?agg"
    r"|collect(?:_list|_set)?|group(?:uniq)?array) ?\("
    r"|\b(?:array|multiset|cursor) ?\( ?(?:select|with)\b"
)
_OUTBOUND: Final = re.compile(
    r"\b(?:dblink\w*|lo_(?:export|import|get)|pg_(?:read|file_write)\w*|external_query"
    r"|(?:query|table|schema|database|cursor)_to_xml\w*|open(?:rowset|query|datasource)|system\.query) ?\("
    r"|\b(?:utl_(?:file|http|smtp|tcp|mail)|dbms_(?:datapump|xmlgen|sql|cloud))\b|\b(?:xp_cmdshell|sp_oamethod)\b"
)
_ONE_TEXT: Final = re.compile(r"\bfor (?:json|xml) (?:auto|path|raw|explicit)\b")
_INTO_VARIABLE: Final = " into @"
_QUERIES: Final = words("SELECT INSERT UPDATE DELETE MERGE REPLACE VALUES")
_BLOCKS: Final = words("CALL DECLARE DO EXECUTE SET UNKNOWN")
"""Commands that may run code of any kind."""
SESSION_CONTROL: Final = words(
    "BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE SET RESET SHOW DISCARD DEALLOCATE UNKNOWN CLOSE USE"
)
_WITHOUT_ROWS: Final = SESSION_CONTROL | words("ALTER CREATE DROP GRANT KILL REVOKE TRUNCATE")


def classify(text: str) -> Command:
    """Say which command one normalised statement is.

    Parameters
    ----------
    text
        One statement, normalised, without a trailing semicolon.
    """
    for pattern, command in _EXPORTS:
        if pattern.match(text):
            return command
    word = _FIRST_WORD.match(text)
    first = word[1] if word else ""
    verb = _main_verb(text) if first == "with" else _VERBS.get(first, "UNKNOWN")
    if verb == "BEGIN" and not (_TRANSACTION.fullmatch(text) and is_alone(text)):
        verb = "DO"
    if verb == "SELECT" and _INTO_VARIABLE in text:
        return Command(verb, "into_variable")
    if verb == "SELECT" and _selects_into(text):
        return Command("SELECT INTO", "create_table_as")
    if verb in _BLOCKS:
        return Command(verb, "server_function" if _OUTBOUND.search(text) else None)
    return Command(verb, _hidden_export(text) if verb in _QUERIES else None)


def strongest(commands: list[Command]) -> Command:
    """Choose the command that stands for a text of several statements.

    The first that exports, else the first that can touch rows one by one, else the first that is no session control
    (BEGIN, SET, ...), else the first.
    """
    for command in commands:
        if command.export:
            return command
    for idle in (_WITHOUT_ROWS, SESSION_CONTROL):
        for command in commands:
            if command.verb not in idle:
                return command
    return commands[0] if commands else Command("UNKNOWN", None)


def _main_verb(text: str) -> str:
    """Return the command after a WITH list: the first one outside of all parentheses."""
    depth = 0
    for match in _AFTER_WITH.finditer(text):
        mark = match[0]
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
        elif depth == 0:
            return _VERBS[mark]
    return "SELECT"


def _selects_into(text: str) -> bool:
    """Whether INTO stands before FROM outside of parentheses (and is no INTO OUTFILE)."""
    if " into " not in text or _TABLE_OUT.search(text):
        return False
    depth = 0
    for match in _INTO.finditer(text):
        mark = match[0]
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
        elif depth == 0:
            return mark == "into"
    return False


def _hidden_export(text: str) -> str | None:
    if _TABLE_OUT.search(text):
        return "outfile"
    if _OUTBOUND.search(text):
        return "server_function"
    if _ONE_TEXT.search(text) or _GATHER.search(text):
        return "aggregate_into_one_row"
    return None
