"""What monitoring says of the log during an incident."""

from __future__ import annotations

import asyncio
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry
from unit.dossier.handmade import HOUR_MS, at

from streamguard.admin import PrometheusError, ask_prometheus
from streamguard.dossier.monitoring import QUESTIONS, asked, facts_of
from streamguard.ledger import Span
from streamguard.metrics.container import Container


def test_it_asks_for_metrics_that_there_are():
    families = {family.name: family for family in Container(CollectorRegistry()).registry.collect()}
    for question in QUESTIONS:
        [name] = re.findall(r"streamguard_\w+", question.query)
        assert name.removesuffix("_total") in families
        assert name.endswith("_total") == ("increase(" in question.query)


def test_a_question_is_about_the_time_of_the_incident():
    query, time = asked(QUESTIONS[0], Span(at(1, 0), at(3, 0)))
    assert "[172800s]" in query
    assert time == at(3, 0) / 1000
    query, time = asked(QUESTIONS[0], Span(at(1, 0), at(1, 0) + 1))
    assert "[3600s]" in query
    assert time == (at(1, 0) + HOUR_MS) / 1000


def test_an_answer_says_whether_something_may_be_missing():
    lag = QUESTIONS[3]
    facts = facts_of(lag, "q", [({"topic": "b"}, 901.0), ({"topic": "a"}, 1.5), ({"topic": "c"}, float("nan"))])
    assert [(fact.source, fact.amount, fact.is_fault) for fact in facts] == [("a", 1_500, False), ("b", 901_000, True)]
    [fact] = facts_of(QUESTIONS[0], "q", [({"reason": "too_large"}, 2.02)])
    assert (fact.amount, fact.unit, fact.is_fault) == (2, "record", True)


async def served(body, status=200):
    """Ask a server that answers everything with this body."""

    async def answer(request):
        assert request.query["query"] == "up"
        return web.Response(body=body, status=status, content_type="application/json")

    app = web.Application()
    app.router.add_get("/api/v1/query", answer)
    async with TestServer(app) as server:
        return await ask_prometheus(str(server.make_url("/")), [("up", 12.0)])


def test_labels_and_values_are_read():
    body = b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{"topic":"a"},"value":[12,"3.5"]}]}}'
    assert asyncio.run(served(body)) == [[({"topic": "a"}, 3.5)]]


@pytest.mark.parametrize(
    ("body", "said"),
    [(b'{"status":"error","error":"parse error"}', "refuses up: parse error"), (b"<html>", "is no Prometheus")],
)
def test_what_is_no_answer_is_said(body, said):
    with pytest.raises(PrometheusError, match=said):
        asyncio.run(served(body, 400))


def test_nobody_there_is_said():
    with pytest.raises(PrometheusError, match="cannot be asked"):
        asyncio.run(ask_prometheus("http://127.0.0.1:1", [("up", 0.0)]))
