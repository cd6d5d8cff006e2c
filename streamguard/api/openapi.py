"""The API described (OpenAPI 3.1): the shapes of incidents and reports are made from the records themselves."""

from __future__ import annotations

from typing import Any

import msgspec

from streamguard import __version__
from streamguard.api.asked import STATUSES
from streamguard.api.pages import MOST_EXPOSURES
from streamguard.incidents import SEVERITIES, Change
from streamguard.scope import ScopeReport

_REF = "#/components/schemas/{name}"
_UID = {"name": "uid", "in": "path", "required": True, "schema": {"type": "string"}}
_MOMENT = {"type": "integer", "description": "Milliseconds since 1970-01-01 UTC."}
_TEXT: dict[str, Any] = {"type": "string"}
_TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}


def document() -> dict[str, Any]:
    """Return the document."""
    (_, *_), shapes = msgspec.json.schema_components([Change, ScopeReport], ref_template=_REF)
    error = _object({"error": _TEXT})
    return {
        "openapi": "3.1.0",
        "info": {"title": "StreamGuard incidents", "version": __version__},
        "security": [{"token": []}],
        "paths": {
            "/healthz": {
                "get": _get("Whether incidents can be read.", _object({"ok": {"type": "boolean"}})) | {"security": []}
            },
            "/incidents": {
                "get": _get(
                    "The incidents that go on, those known for the longest first.",
                    _object({"incidents": _list("Incident")}),
                    _query("status", {"enum": list(STATUSES)}),
                    _query("severity", {"enum": list(SEVERITIES)}, "This or worse."),
                    _query("employee", _TEXT),
                )
            },
            "/incidents/{uid}": {
                "get": _get("One incident; of one that was merged, the one that goes on.", _ref("WholeIncident"), _UID)
            },
            "/incidents/{uid}/scope": {
                "get": _get(
                    "What left: categories, people, regions, with bounds and evidence.",
                    _object({"incident": _TEXT, "scope": _ref("ScopeReport")}),
                    _UID,
                    *_SPAN,
                )
            },
            "/incidents/{uid}/exposures": {
                "get": _get(
                    "The statements of its employees that exposed personal data, in the order of time.",
                    _object({"incident": _TEXT, "exposures": _list("Exposure"), "next": _TEXT_OR_NULL}),
                    _UID,
                    *_SPAN,
                    _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_EXPOSURES}),
                    _query("cursor", _TEXT, "`next` of the page before."),
                )
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {**shapes, **_SHAPES, "Error": error},
        },
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": _REF.format(name=name)}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(name)}


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def _query(name: str, schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _get(summary: str, answer: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    wrong = {"description": "`error` says what is wrong.", "content": {"application/json": {"schema": _ref("Error")}}}
    good = {"description": summary, "content": {"application/json": {"schema": answer}}}
    answers = {"200": good, "400": wrong, "401": wrong, "404": wrong, "503": wrong}
    return {"summary": summary, "parameters": list(parameters), "responses": answers}


_SPAN = (
    _query("from_ms", _MOMENT, "The incident's first statement, if not given."),
    _query("to_ms", _MOMENT, "Behind the incident's last statement, if not given."),
)
_BRIEF = {
    "uid": _TEXT,
    "summary": _TEXT,
    "severity": {"enum": list(SEVERITIES)},
    "status": {"enum": list(STATUSES)},
    "verdict": _TEXT,
    "assignee": _TEXT_OR_NULL,
    "employees": _TEXTS,
    "findings": _COUNT,
    "from_ms": _MOMENT,
    "to_ms": _MOMENT,
    "aware_ms": _MOMENT,
    "notify_until_ms": _MOMENT,
}
_MEMBER = {
    **dict.fromkeys(("finding_uid", "employee", "severity", "joined", "title", "message"), _TEXT),
    **dict.fromkeys(("first_ms", "last_ms", "told_ms"), _MOMENT),
    "detectors": _TEXTS,
}
_EXPOSURE = {
    "time_ms": _MOMENT,
    **dict.fromkeys(("origin", "employee", "account", "user", "verb", "rows_quality"), _TEXT),
    **dict.fromkeys(("client", "application", "database", "export", "statement", "fingerprint"), _TEXT_OR_NULL),
    **dict.fromkeys(("tables", "columns", "regions"), _TEXTS),
    "columns_known": {"type": "boolean"},
    "rows": {"type": ["integer", "null"]},
    "categories": {"type": "object", "additionalProperties": _TEXT},
    "people_named": _COUNT,
}
_SHAPES = {
    "Incident": _object(_BRIEF),
    "WholeIncident": _object(
        {
            **_BRIEF,
            "members": {"type": "array", "items": _ref("Member")},
            "history": {"type": "array", "items": _ref("Change")},
        }
    ),
    "Member": _object(_MEMBER),
    "Exposure": _object(_EXPOSURE),
}
