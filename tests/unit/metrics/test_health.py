"""Health and the web server: alive is not ready, and the status codes say so."""

from __future__ import annotations

import socket

import aiohttp
import pytest

from streamguard.metrics import Health, ListenError, Metrics, RoleHealth
from streamguard.metrics.http import Server

READY = {"assigned_partitions": 4, "recovered": True, "lag_records": 9_999}


@pytest.mark.parametrize(
    ("changes", "ready", "alive"),
    [
        ({}, True, True),
        ({"lag_records": 0}, True, True),
        ({"assigned_partitions": 0}, False, True),
        ({"recovered": False}, False, True),
        ({"failure": "x"}, False, False),
        ({"failure": ""}, False, False),
        ({"failure": "x", "recovered": False, "assigned_partitions": 0}, False, False),
    ],
)
def test_one_role(changes, ready, alive):
    role = RoleHealth(**READY | changes)
    health = Health({"ingest": RoleHealth(**READY), "detect": role})
    assert (role.is_ready, health.is_ready, health.is_alive) == (ready, ready, alive)
    assert health.as_dict()["roles"]["detect"]["ready"] is ready


def test_a_worker_without_roles_is_alive_and_not_ready():
    assert (Health().is_alive, Health().is_ready) == (True, False)


@pytest.fixture
async def served():
    health = Health({"detect": RoleHealth(**READY)})
    server = Server(Metrics(), health, "127.0.0.1", 0)
    await server.start()
    yield health, server
    await server.stop()


async def get(server, path):
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}{path}") as answer,
    ):
        return answer.status, answer.content_type, await answer.read()


@pytest.mark.parametrize(
    ("changes", "health_status", "ready_status"),
    [({}, 200, 200), ({"recovered": False}, 200, 503), ({"failure": "x"}, 503, 503)],
)
async def test_status_codes_tell_alive_from_ready(served, changes, health_status, ready_status):
    health, server = served
    health.roles["detect"] = RoleHealth(**READY | changes)
    status, kind, body = await get(server, "/health")
    assert (status, kind) == (health_status, "application/json")
    assert b'"roles"' in body
    assert (await get(server, "/ready"))[0] == ready_status


async def test_metrics_are_served_as_prometheus_reads_them(served):
    status, kind, body = await get(served[1], "/metrics")
    assert (status, kind) == (200, "text/plain")
    assert b"streamguard_build_info{" in body


@pytest.mark.parametrize("path", ["/", "/table", "/router", "/graph"])
async def test_nothing_else_is_served(served, path):
    """Faust's own pages show tables: state is nobody's business."""
    assert (await get(served[1], path))[0] == 404


async def test_it_stops_listening(served):
    _, server = served
    await server.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


async def test_a_taken_address_is_an_error(served):
    second = Server(Metrics(), Health(), "127.0.0.1", served[1].port)
    with pytest.raises(ListenError, match="choose another"):
        await second.start()
    await second.stop()
