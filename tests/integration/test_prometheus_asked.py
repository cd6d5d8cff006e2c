"""A real Prometheus understands what a dossier asks of monitoring."""

from __future__ import annotations

import time

import pytest

from streamguard.admin import ask_prometheus
from streamguard.dossier.monitoring import QUESTIONS, asked
from streamguard.ledger import Span

pytestmark = [pytest.mark.prometheus, pytest.mark.timeout(120)]


async def test_every_question_is_answered(prometheus):
    server = prometheus([])
    now = time.time()
    questions = [asked(question, Span(round(1000 * now) - 7_200_000, round(1000 * now))) for question in QUESTIONS]
    answers = await ask_prometheus(server.url, [*questions, ("vector(2.5)", now)])
    assert answers == [[]] * len(QUESTIONS) + [[({}, 2.5)]]
