"""The real servers of the integration tests: PostgreSQL with a clock that moves, and Prometheus."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from servers.clock import Clock, library
from servers.process import ServerError, ServerProcess, answers, free_port

START = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


def _audits(server):
    """Return (time, user, application, AUDIT message) of every statement in the server's log."""
    records = [json.loads(line) for line in server.log_lines()]
    return [
        (record["timestamp"][:16], record["user"], record["application_name"], record["message"])
        for record in records
        if record["message"].startswith("AUDIT: ")
    ]


@pytest.mark.postgres
class TestPostgres:
    def test_log_holds_days_of_history_with_rows_and_relations_but_not_the_set_up(self, postgres):
        if library() is None:
            pytest.skip("needs libfaketime")
        postgres.start(["alice.smith"], at=START)
        statement = "select email from customers c join orders o on o.customer_id = c.id limit 3"
        for day in range(2):
            postgres.at(START + timedelta(days=day))
            postgres.sql("alice.smith", statement, "crm-ui")
        expected = [
            (f"2026-10-0{day} 09:00", "alice.smith", "crm-ui", f"AUDIT: SESSION,1,1,READ,SELECT,TABLE,{table}")
            for day in (1, 2)
            for table in ("public.customers", "public.orders")
        ]
        found = _audits(postgres)
        assert [(*row[:3], row[3].split(",select")[0]) for row in found] == expected
        assert all(row[3].endswith(f",{statement},<none>,3") for row in found)

    def test_script_runs_in_one_session_and_stops_at_the_first_error(self, postgres):
        postgres.start(["bob"])
        with pytest.raises(ServerError, match="nonexistent"):
            postgres.script("bob", "select 1;\nselect * from nonexistent;\nselect 2;")
        messages = [row[3] for row in _audits(postgres)]
        assert messages == ["AUDIT: SESSION,1,1,READ,SELECT,,,select 1;,<none>,1"]

    def test_names_its_versions(self, postgres):
        described = postgres.start().describe()
        assert described.startswith("PostgreSQL 1")
        assert "pgaudit 1" in described


class TestClock:
    def test_wants_a_time_zone(self, tmp_path):
        clock = Clock(tmp_path / "clock")
        if not clock.movable:
            pytest.skip("needs libfaketime")
        with pytest.raises(ValueError, match="time zone"):
            clock.set(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.prometheus
class TestPrometheus:
    def test_scrapes_itself_and_answers_queries(self, prometheus):
        server = prometheus([])
        again = prometheus([f"127.0.0.1:{server.port}"])
        (series,) = again.wait_for("up == 1")
        assert series["metric"]["job"] == "streamguard"

    def test_says_what_is_wrong_with_an_expression(self, prometheus):
        with pytest.raises(ServerError, match="parse error"):
            prometheus([]).query("sum(")


class TestProcess:
    def test_shows_the_log_of_a_server_that_ends_at_once(self, tmp_path):
        server = ServerProcess("thing", ["sh", "-c", "echo no such luck; exit 3"], tmp_path / "log")
        with pytest.raises(ServerError, match=r"thing ended with code 3:\nno such luck"):
            server.start(lambda: False)

    def test_kills_a_server_that_is_not_ready_in_time(self, tmp_path):
        server = ServerProcess("thing", ["sleep", "60"], tmp_path / "log")
        with pytest.raises(ServerError, match="not ready"):
            server.start(lambda: False, timeout_seconds=0.2)
        assert not server.running

    def test_nobody_listens_on_a_free_port(self):
        assert not answers(free_port())
