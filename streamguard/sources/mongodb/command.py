"""What a command of MongoDB does, told as SQL without a single value, so that the statement analysis can read it.

``find`` with a filter and a projection becomes ``SELECT "name" FROM "crm"."customers" WHERE "email" = ?``: collections,
fields that leave and fields that only decide come out as for every other database, and values never go in. Field names
are cut at the first dot: the catalogue knows ``address``, not ``address.city``. A pipeline that computes its result is
given by the names of its stages alone, so that what leaves counts as not known.

Known gap: a filter's ``$where`` and ``$expr`` are not looked into.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from streamguard.sources.fields import JsonObject, optional_text
from streamguard.sources.naming import MAX_QUALIFIER_CHARACTERS

DIALECT: Final = "postgres"
"""Of the text made here: only the double quotes around names matter."""

_VERBS: Final = {
    "find": "SELECT", "aggregate": "SELECT", "count": "SELECT", "distinct": "SELECT", "mapreduce": "SELECT",
    "group": "SELECT", "geosearch": "SELECT", "parallelcollectionscan": "SELECT", "getmore": "FETCH",
    "insert": "INSERT", "update": "UPDATE", "delete": "DELETE", "findandmodify": "UPDATE", "bulkwrite": "UPDATE",
    "explain": "EXPLAIN", "create": "CREATE", "createindexes": "CREATE", "drop": "DROP", "dropdatabase": "DROP",
    "dropindexes": "DROP", "collmod": "ALTER", "renamecollection": "ALTER", "converttocapped": "ALTER",
    "clonecollectionascapped": "CREATE TABLE AS", "clonecollection": "CREATE TABLE AS", "copydb": "CREATE TABLE AS",
}  # fmt: skip
_SILENT: Final = frozenset(_VERBS) - {
    "find", "aggregate", "count", "distinct", "mapreduce", "group", "geosearch", "parallelcollectionscan", "getmore",
    "findandmodify", "clonecollectionascapped", "clonecollection", "copydb",
}  # fmt: skip
_COPIES: Final = frozenset({"clonecollectionascapped", "clonecollection", "copydb"})
_PLAIN_STAGES: Final = frozenset({"$match", "$sort", "$limit", "$skip", "$project"})
_OUT_STAGES: Final = frozenset({"$out", "$merge"})
_JOIN_STAGES: Final = frozenset({"$lookup", "$graphLookup", "$unionWith"})
_GATHERED: Final = frozenset({"distinct", "group", "mapreduce"})
_GATHERERS: Final = frozenset({
    "$facet", "$push", "$addToSet", "$mergeObjects", "$accumulator", "$graphLookup", "$firstN", "$lastN", "$topN",
    "$bottomN", "$maxN", "$minN",
})  # fmt: skip
"""Stages and operators that put what is in many documents into one."""
_MAX_FIELDS: Final = 100
_MAX_DEPTH: Final = 4
_MAX_NAME: Final = 64


class Command(msgspec.Struct, frozen=True, gc=False):
    """A command in the terms of SQL.

    Parameters
    ----------
    verb
        As in `streamguard.activity.Activity`.
    tables
        ``database.collection``, lower case.
    text
        SQL without values, or names of stages; None where there is nothing to say.
    export
        How the result leaves uncounted: ``cursor`` for a continued or an unlimited, unfiltered read (what mongodump
        and a driver's ``find()`` over a whole collection look like), ``create_table_as`` for a copy,
        ``aggregate_into_one_row`` where one document holds any number of people (``distinct``, ``$push``, ``$facet``).
    is_silent
        Whether it returns no values of documents.
    """

    verb: str
    tables: tuple[str, ...]
    text: str | None
    export: str | None
    is_silent: bool = False


def command_of(name: str, namespace: str, arguments: JsonObject) -> Command | None:
    """Return what a command does; None for one that reads no collection and changes none (``hello``, ``ping``).

    Parameters
    ----------
    name
        Such as ``find``, in any case.
    namespace
        ``database.collection``, or the database.
    arguments
        The command document, as logged.
    """
    kind = name.lower()
    verb = _VERBS.get(kind)
    if verb is None:
        return None
    if kind == "find":
        return _find(namespace, arguments)
    if kind == "aggregate":
        return _aggregate(namespace, arguments)
    collection = optional_text(arguments, "collection") if kind == "getmore" else None
    table = f"{namespace.partition('.')[0]}.{collection}" if collection else namespace
    return Command(
        verb, (table.lower(),), _shape(kind, namespace, arguments), _export(kind, arguments), kind in _SILENT
    )


def _shape(kind: str, namespace: str, arguments: JsonObject) -> str | None:
    """Return the text of a command other than find and aggregate."""
    if kind == "getmore" or kind in _COPIES:
        return None
    if kind == "distinct":
        return _select(_quoted([optional_text(arguments, "key") or ""]) or "*", namespace, arguments.get("query"))
    if kind == "count":
        return _select("count(*)", namespace, arguments.get("query"))
    return f"{kind} {_table(namespace)}"


def _export(kind: str, arguments: JsonObject) -> str | None:
    if kind == "getmore":
        return "cursor"
    out = arguments.get("out")
    is_stored = type(out) is str or (type(out) is dict and "inline" not in out)
    if kind in _COPIES or (kind == "mapreduce" and is_stored):
        return "create_table_as"
    return "aggregate_into_one_row" if kind in _GATHERED else None


def _find(namespace: str, arguments: JsonObject) -> Command:
    condition = arguments.get("filter", arguments.get("query"))
    limit = _limit(arguments.get("limit"))
    text = _select(_projection(arguments.get("projection")), namespace, condition, limit)
    return Command("SELECT", (namespace.lower(),), text, _whole(condition, limit))


def _aggregate(namespace: str, arguments: JsonObject) -> Command:
    pipeline = arguments.get("pipeline")
    stages = _stages(pipeline)
    names = [next(iter(stage)) for stage in stages]
    database = namespace.partition(".")[0][:MAX_QUALIFIER_CHARACTERS]
    others = (f"{database}.{name}".lower() for name in _collections(stages))
    tables = tuple(dict.fromkeys((namespace.lower(), *others)))
    is_plain = type(pipeline) is list and len(stages) == len(pipeline) and set(names) <= _PLAIN_STAGES
    if not is_plain or names.count("$project") > 1:
        export = (
            "create_table_as" if _OUT_STAGES & set(names) else "aggregate_into_one_row" if _gathers(stages) else None
        )
        shape = " ".join(name[1:].lower() for name in names if name[1:].isalnum())
        return Command("SELECT", tables, f"aggregate {_table(namespace)} {shape}".rstrip(), export)
    by_name = {name: stage[name] for name, stage in zip(names, stages, strict=True)}
    conditions = [stage["$match"] for stage in stages if stage.get("$match")]
    limit = _limit(by_name.get("$limit"))
    text = _select(_projection(by_name.get("$project")), namespace, {"$and": conditions}, limit)
    return Command("SELECT", tables, text, _whole(conditions, limit))


def _stages(pipeline: object) -> list[JsonObject]:
    """Return the stages of a pipeline, each an object of one member named after the stage."""
    if type(pipeline) is not list:
        return []
    return [stage for stage in pipeline if type(stage) is dict and len(stage) == 1]


def _gathers(stages: list[JsonObject]) -> bool:
    """Whether a stage, or a pipeline inside one, puts what is in many documents into one."""
    waiting: list[object] = list(stages)
    while waiting:
        value = waiting.pop()
        if type(value) is list:
            waiting += value
        elif type(value) is dict:
            if not _GATHERERS.isdisjoint(value) or _joins_everything(value.get("$lookup")):
                return True
            waiting += value.values()
    return False


def _joins_everything(lookup: object) -> bool:
    """Whether a ``$lookup`` takes in more than the documents that have an equal field."""
    return type(lookup) is dict and "localField" not in lookup


def _collections(stages: list[JsonObject], depth: int = 0) -> list[str]:
    """Return the further collections that stages read, those of pipelines inside them included."""
    if depth > _MAX_DEPTH:
        return []
    found: list[str] = []
    for stage in stages:
        [(name, value)] = stage.items()
        if name == "$unionWith" and type(value) is str:
            found.append(value)
        elif type(value) is dict:
            other = optional_text(value, "coll" if name == "$unionWith" else "from")
            found += [other] if other and name in _JOIN_STAGES else []
            inner = value.values() if name == "$facet" else [value.get("pipeline")]
            for pipeline in inner:
                found += _collections(_stages(pipeline), depth + 1)
    return found


def _whole(condition: object, limit: object) -> str | None:
    """Return the kind of export that a read without condition and limit is."""
    return None if condition or limit else "cursor"


def _limit(value: object) -> int | None:
    if type(value) is dict:
        value = value.get("$numberLong", value.get("$numberInt"))
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    return abs(value) if type(value) is int and value else None


def _projection(projection: object) -> str:
    """Return the select list: names if the projection includes fields as they are, else everything."""
    if type(projection) is not dict or not projection or len(projection) > _MAX_FIELDS:
        return "*"
    kept = [name for name, value in projection.items() if _is_true(value)]
    left_out = [name for name, value in projection.items() if _is_false(value)]
    if not kept or len(kept) + len(left_out) < len(projection):
        return "*"
    if not all(_is_harmless(name.partition(".")[0]) for name in kept):
        return "*"  # a field that cannot be named leaves as well
    return _quoted(kept if "_id" in projection else ["_id", *kept]) or "*"


def _is_true(value: object) -> bool:
    return value is True or (isinstance(value, int | float) and value != 0)


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, int | float) and value == 0)


def _select(columns: str, namespace: str, condition: object, limit: int | None = None) -> str:
    fields = dict.fromkeys(_fields(condition))
    where = " AND ".join(f"{name} = ?" for name in (_quoted([field]) for field in fields) if name)
    # Never run; the names in it are quoted and harmless.
    text = f"SELECT {columns} FROM {_table(namespace)}{' WHERE ' if where else ''}{where}"  # noqa: S608
    return text if limit is None else f"{text} LIMIT {limit}"


def _fields(condition: object, depth: int = 0) -> list[str]:
    """Return the fields that a condition looks at; of values nothing."""
    if depth > _MAX_DEPTH:
        return []
    if type(condition) is list:
        return [name for part in condition[:_MAX_FIELDS] for name in _fields(part, depth + 1)]
    if type(condition) is not dict:
        return []
    found: list[str] = []
    for name, value in list(condition.items())[:_MAX_FIELDS]:
        if not name.startswith("$"):
            found.append(name)
        elif name in {"$and", "$or", "$nor", "$query"}:
            found.extend(_fields(value, depth + 1))
    return found


def _quoted(fields: list[str]) -> str:
    names = dict.fromkeys(field.partition(".")[0] for field in fields)
    return ", ".join(f'"{name}"' for name in names if _is_harmless(name))


def _table(namespace: str) -> str:
    database, _, collection = namespace.partition(".")
    return ".".join(f'"{part}"' for part in (database, collection) if _is_harmless(part)) or '"?"'


def _is_harmless(name: Any) -> bool:
    """Whether a name can stand in the text as it is: whoever chose it must not write SQL with it."""
    return type(name) is str and 0 < len(name) <= _MAX_NAME and '"' not in name and name.isprintable()
