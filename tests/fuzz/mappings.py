"""Home-grown formats that fill every field, from texts and numbers, from one place and from lists of places."""

from __future__ import annotations

from streamguard.sources.mapping.paths import parse_path
from streamguard.sources.mapping.record import FIELDS, Condition, Field, Mapping

_MARK = parse_path("$.app")


def _fields(**paths: str) -> tuple[tuple[str, Field], ...]:
    """Return a field for every name: at ``$.<name>`` unless a path is given; several paths are separated by |."""
    return tuple(
        (name, Field(tuple(parse_path(path) for path in paths.get(name, f"$.{name}").split("|")))) for name in FIELDS
    )


MAPPINGS = (
    Mapping(name="flat", when=(Condition(_MARK, ("flat",)),), fields=_fields(), dialect="mysql"),
    Mapping(
        name="deep",
        when=(Condition(_MARK, ("deep", 7, True)), Condition(parse_path("$.who"))),
        fields=_fields(
            time="$.at.seconds",
            user="$.who.mail|$.who.login|$.who[0]",
            tables="$.objects[*].name|$.objects[*][*]",
            columns="$.objects[*].columns[*]|$['odd.name'][3]",
            statement="$.parts[0].text|$.parts[*].text",
            rows="$.result.count|$.result[*].count",
        ),
        time_unit="s",
        complete=False,
        zero_is_unknown=True,
        ignore=((Condition(parse_path("$.kind"), ("login", None)),),),
    ),
    Mapping(
        name="nanoseconds",
        when=(Condition(parse_path("$.ts")),),
        fields=_fields(time="$.ts", user="$.u", statement="$.q", tables="$.t", columns="$.c", rows="$.n"),
        time_unit="ns",
        dialect="snowflake",
        complete=False,
    ),
)

SEEDS = (
    b"""$.user
{"app": "flat", "time": "2026-11-22T03:57:28Z", "user": "ann", "tables": ["crm.customers"], "columns": ["email"],
"statement": "select email from customers where id = 739184620517", "verb": "select", "rows": 12, "bytes": "900",
"duration_ms": 1.5, "error": "ok", "database": "crm", "client": "10.0.0.1", "application": "crm-ui", "session": 77,
"key": "k1", "instance": "db1", "proxy_user": "p", "query_tag": "t"}""",
    b"""$.objects[*].columns[*]
{"app": "deep", "at": {"seconds": 1795000000.25}, "who": {"mail": "ann@corp.example"}, "result": {"count": "12"},
"objects": [{"name": "crm.customers", "columns": ["email", "phone"]}, {"name": "crm.orders", "columns": ["id"]}],
"parts": [{"text": "select * from customers where email = 'zq.canary@secret.example'"}], "key": 5}""",
    b"""$['odd.name'][3]
[{"app": 7, "at": {"seconds": "1795000000"}, "who": ["ann"], "objects": [["a", "b"], ["c"]], "odd.name": [0, 1, 2, "x"],
"result": [{"count": 0}], "error": "duplicate key (mail)=(zq.canary@secret.example)"},
{"app": true, "who": {}, "kind": "login"}]""",
    b"""ts
{"ts": 1795000000000000000, "u": 4711, "q": "copy customers to stdout", "t": "customers", "c": [], "n": 0}""",
)
