"""The read API: who may ask, what is answered, page by page, as its document says."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.testclient import TestClient
from unit.detect.small_company import exposure
from unit.incidents.incident_findings import DAY_MS, HOUR_MS, START_MS, told

from streamguard.activity import VerdictId
from streamguard.api import Api, Unavailable, create_app
from streamguard.exposure import Catalogue
from streamguard.incidents import Casebook, IncidentStatus, Said, incident_uid
from streamguard.ledger import LedgerError
from streamguard.scope import scope

TOKEN = "t" * 32
A, B, Z = (incident_uid(name) for name in "abz")
SUBJECTS = (("public.customers.id", ("0" * 32, "1" * 32)),)


class Ledger:
    """Exposures in memory."""

    def __init__(self, exposures):
        self.kept = sorted(exposures, key=lambda one: (one.activity.time_ms, one.origin))
        self.failure = None

    def exposures(self, span, employees=None):
        if self.failure is not None:
            raise self.failure
        for one in self.kept:
            if span.from_ms <= one.activity.time_ms < span.to_ms and (employees is None or one.employee in employees):
                yield one

    def complete_until(self):
        return START_MS


class Source:
    """Incidents in memory."""

    def __init__(self, found):
        self.found, self.running = found, None

    async def start(self):
        self.running = True

    async def stop(self):
        self.running = False

    async def casebook(self):
        if self.found is None:
            raise Unavailable("topic t cannot be read")
        return self.found


def cases():
    book = Casebook()
    book.take_finding(told("a", "alice", 3 * HOUR_MS, tools=("dumper",), severity="critical", first_ms=0))
    book.take_finding(told("b", "bob", DAY_MS, tools=("dumper",)))
    book.take_finding(told("z", "zoe", severity="low"))
    words = {"status": IncidentStatus.CLOSED, "verdict": VerdictId.BENIGN, "assignee": "ann"}
    book.take_said(Z, Said(time_ms=START_MS, id="w", author="ann", findings=("z",), **words))
    return book


def exposures():
    """Ten of alice, two of them at one time; one of bob; one of somebody else; one after it all."""
    found = [
        exposure("alice", START_MS + place // 2 * HOUR_MS // 2, 10, offset=place, subjects=SUBJECTS)
        for place in range(10)
    ]
    found.append(exposure("bob", START_MS + DAY_MS, 5, offset=20))
    found.append(exposure("carol", START_MS + 1, 5, offset=21))
    found.append(exposure("alice", START_MS + 9 * DAY_MS, 5, offset=22))
    return found


class World:
    """An API with everything behind it in memory."""

    def __init__(self):
        self.source, self.ledger = Source(cases()), Ledger(exposures())
        catalogue = Catalogue.empty()

        def scope_of(incident, span):
            found = self.ledger.exposures(span, incident.employees)
            return scope(found, catalogue, span, incident.employees)

        self.app = create_app(Api(self.source, self.ledger, scope_of), self.source, TOKEN)

    @contextmanager
    def client(self, **headers):
        with TestClient(self.app, headers=headers or {"Authorization": f"Bearer {TOKEN}"}) as client:
            yield client


@pytest.fixture
def world():
    return World()


@pytest.fixture
def get(world):
    with world.client() as client:

        def asked(path, code=200, **query):
            answer = client.get(path, params=query)
            assert answer.status_code == code, answer.text
            return answer.json()

        yield asked


@pytest.mark.parametrize(
    "header",
    [
        {"x": "y"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
    ],
)
def test_without_the_token_nothing_is_told_but_health(world, header):
    with world.client(**header) as client:
        for path in ("/incidents", f"/incidents/{A}", "/openapi.json", "/nothing", "/healthz/"):
            answer = client.get(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert "inc-" not in answer.text
        assert client.get("/healthz").json() == {"ok": True}


def test_an_api_without_a_token_does_not_begin(world):
    with pytest.raises(ValueError, match="empty"):
        create_app(Api(world.source, world.ledger, None), world.source, "")


def test_the_source_is_followed_while_the_api_runs(world):
    with world.client() as client:
        assert world.source.running
        assert client.get("/incidents").headers["cache-control"] == "no-store"
        assert client.post("/incidents").status_code == 405
    assert not world.source.running


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [Z, A]),
        ({"status": "closed"}, [Z]),
        ({"severity": "high"}, [A]),
        ({"employee": "bob"}, [A]),
        ({"employee": "bob", "status": "closed"}, []),
    ],
)
def test_incidents_are_listed(get, query, found):
    assert [one["uid"] for one in get("/incidents", **query)["incidents"]] == found


def test_an_incident_is_told_with_findings_and_history_and_no_hash_of_anybody(get):
    one = get(f"/incidents/{A}")
    assert (one["employees"], one["severity"], one["status"]) == (["alice", "bob"], "critical", "new")
    assert [(member["finding_uid"], member["joined"]) for member in one["members"]] == [("a", "first"), ("b", "tool")]
    assert [change["what"] for change in one["history"]] == ["opened", "finding"]
    assert one["notify_until_ms"] - one["aware_ms"] == 72 * HOUR_MS
    assert "subjects" not in str(one)
    assert get(f"/incidents/{B}") == one


def test_the_scope_is_that_of_its_employees_in_its_time(get):
    told_ = get(f"/incidents/{A}/scope")["scope"]
    assert told_["employees"] == ["alice", "bob"]
    assert (told_["from_ms"], told_["to_ms"]) == (START_MS, START_MS + DAY_MS + 1)
    later = get(f"/incidents/{A}/scope", to_ms=START_MS + 10 * DAY_MS)["scope"]
    assert later["to_ms"] == START_MS + 10 * DAY_MS


@pytest.mark.parametrize("limit", [1, 2, 3, 11, 1000])
def test_pages_give_every_exposure_once_and_in_order(get, world, limit):
    found, query = [], {}
    while True:
        page = get(f"/incidents/{A}/exposures", limit=limit, **query)
        assert len(page["exposures"]) <= limit
        found += [one["origin"] for one in page["exposures"]]
        if page["next"] is None:
            break
        query = {"cursor": page["next"]}
    assert found == [str(one.origin) for one in world.ledger.kept if one.employee in {"alice", "bob"}][:11]


def test_an_exposure_says_how_many_people_were_named_and_not_who(get):
    one = get(f"/incidents/{A}/exposures", limit=1)["exposures"][0]
    assert (one["people_named"], one["rows"], one["employee"]) == (2, 10, "alice")
    assert one["categories"] == {"email_address": "seen", "phone_number": "not_seen"}
    assert "0" * 16 not in str(one)


@pytest.mark.parametrize(
    ("path", "query", "status", "said"),
    [
        ("/incidents/inc-0", {}, 404, "there is no incident inc-0"),
        ("/incidents/inc-0/scope", {}, 404, "there is no incident inc-0"),
        ("/nothing", {}, 404, "Not Found"),
        ("/incidents", {"status": "done", "x": "1"}, 400, "status: one of new"),
        ("/incidents", {"status": "done", "x": "1"}, 400, "x: not asked for here"),
        (f"/incidents/{A}/scope", {"from_ms": "yesterday"}, 400, "from_ms: a number"),
        (f"/incidents/{A}/exposures", {"limit": "0"}, 400, "limit: a number from 1 to 1000"),
        (f"/incidents/{A}/exposures", {"limit": "٣"}, 400, "limit: a number"),
        (f"/incidents/{A}/exposures", {"cursor": "zzz"}, 400, "cursor: not what"),
        (f"/incidents/{A}/exposures", {"cursor": "é"}, 400, "cursor: not what"),
    ],
)
def test_what_is_asked_wrongly_is_told(get, path, query, status, said):
    assert said in get(path, status, **query)["error"]


def test_what_is_not_there_at_the_moment_is_told(get, world):
    world.ledger.failure = LedgerError("there is no ledger in x")
    assert get(f"/incidents/{A}/scope", 503)["error"] == "there is no ledger in x"
    assert get(f"/incidents/{A}/exposures", 503)["error"] == "there is no ledger in x"
    world.source.found = None
    assert get("/healthz", 503)["error"] == "topic t cannot be read"


def test_the_document_is_valid_and_the_answers_are_as_it_says(get):
    document = get("/openapi.json")
    validate(document)
    for path, item in document["paths"].items():
        schema = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = schema | {"components": document["components"]}
        assert [error.message for error in Draft202012Validator(whole).iter_errors(get(path.format(uid=A)))] == []
