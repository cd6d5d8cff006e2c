"""Fixtures for every test: Kafka brokers, names that nobody else uses, and which broker it was in the end."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from brokers.apache import ApacheKafka, missing_programs
from brokers.choose import choose
from brokers.mock_cluster import MockCluster
from hypothesis import settings
from incident.incident import play
from incident.recorded import read as read_recorded
from servers.mariadb import MariaDBServer
from servers.mariadb import missing as missing_mariadb
from servers.postgres import PostgresServer
from servers.postgres import missing as missing_postgres
from servers.prometheus import PrometheusServer
from servers.prometheus import missing as missing_prometheus
from servers.required import unavailable
from stages.stage import Stage

from streamguard.embedded import EmbeddedBroker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from brokers.choose import Broker
    from incident.incident import Incident

_USED = pytest.StashKey[list[str]]()
_DATABASES = {"postgres", "mariadb", "incident"}
_WITH_SERVERS = {"integration", "faults", "deploy", "contracts"}
"""Folders whose tests start servers, or processes of their own."""


# In CI the same examples every time: a red run must be about the change. Everywhere else hypothesis looks further.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("STREAMGUARD_CI") == "1" else "here")


class Names:
    """Names of topics and groups that carry one test's random prefix."""

    def __init__(self) -> None:
        self.prefix = f"t{uuid.uuid4().hex[:10]}"

    def __call__(self, name: str) -> str:
        """Return ``name`` under this test's prefix."""
        return f"{self.prefix}.{name}"


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_USED] = []


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep tests of the same servers in one process: they are started once. They mostly wait, so several may run."""
    fixtures = set(getattr(item, "fixturenames", ()))
    if not _WITH_SERVERS & set(item.path.parts) and not fixtures & _DATABASES:
        return
    if "faults" in item.path.parts:
        group = "faults"
    elif "stage" not in fixtures and (fixtures | {mark.name for mark in item.iter_markers()}) & _DATABASES:
        group = "databases"
    else:
        group = "kafka"
    item.add_marker(pytest.mark.xdist_group(group))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that reports, where tests run in several."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["used"] = session.config.stash[_USED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process told when it ended."""
    used = node.config.stash[_USED]
    used += [line for line in getattr(node, "workeroutput", {}).get("used", []) if line not in used]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the very end which brokers the tests ran on: a green run proves only as much as its broker."""
    if config.stash[_USED]:
        terminalreporter.section("brokers of this run")
        for line in config.stash[_USED]:
            terminalreporter.write_line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault-seconds", type=float, default=0, help="disturb for about this long, per fault test")
    parser.addoption("--fault-seed", type=int, default=1, help="seed of the moments at which faults happen")


@pytest.fixture
def stage(kafka: Broker, names: Names, tmp_path: Path) -> Iterator[Stage]:
    """Give a run of the product, with topics and settings of its own, on the run's Kafka."""
    with Stage(kafka, names.prefix, tmp_path) as staged:
        yield staged


@pytest.fixture
def own_stage(own_kafka: ApacheKafka, names: Names, tmp_path: Path) -> Iterator[Stage]:
    """Give a run of the product on a Kafka that may be hurt."""
    directory = tmp_path / "stage"
    directory.mkdir()
    with Stage(own_kafka, names.prefix, directory) as staged:
        yield staged


@pytest.fixture
def names() -> Names:
    """Make names of topics and groups that no other test uses: ``names("audit")``."""
    return Names()


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Give the most real Kafka there is (`brokers.choose`), shared by the whole run."""
    notes: list[str] = []
    broker = choose(tmp_path_factory.mktemp("kafka"), notes)
    used = pytestconfig.stash[_USED]
    used.append(f"kafka: {broker.describe()}")
    used.extend(f"  ({note})" for note in notes)
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def embedded(pytestconfig: pytest.Config) -> Iterator[EmbeddedBroker]:
    """Give the product's embedded broker, shared by the whole run."""
    with EmbeddedBroker() as broker:
        pytestconfig.stash[_USED].append(f"embedded: {broker.describe()}")
        yield broker


@pytest.fixture
def own_kafka(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[ApacheKafka]:
    """Give a started Apache Kafka that belongs to one test: it may stop, kill, freeze and restart it."""
    if missing := missing_programs():
        unavailable(f"needs a real Apache Kafka of its own, but {' and '.join(missing)} is not installed")
    broker = ApacheKafka(tmp_path / "kafka")
    line = f"own_kafka: {broker.describe()}"
    if line not in pytestconfig.stash[_USED]:
        pytestconfig.stash[_USED].append(line)
    try:
        yield broker.start()
    finally:
        broker.stop()


@pytest.fixture(autouse=True)
def _real_kafka_only(request: pytest.FixtureRequest) -> None:
    """Skip tests marked ``real_kafka`` when the run's Kafka is the embedded one."""
    if request.node.get_closest_marker("real_kafka") is None or "own_kafka" in request.fixturenames:
        return
    broker: Broker = request.getfixturevalue("kafka")
    if not broker.real:
        unavailable(f"needs a real Apache Kafka, and this run's is {broker.describe()}")


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """Give a PostgreSQL with pgaudit that is not started yet: ``postgres.start(roles, at=...)``."""
    if lacking := missing_postgres():
        unavailable(f"needs a PostgreSQL with pgaudit: {lacking}")
    server = PostgresServer()
    if not server.clock.movable:
        unavailable("needs libfaketime, so that the server's log can carry weeks")
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def incident() -> Iterator[Incident]:
    """Give the scripted incident, played on a PostgreSQL that still runs, shared by the whole run: only read there."""
    if lacking := missing_postgres():
        unavailable(f"needs a PostgreSQL with pgaudit: {lacking}")
    server = PostgresServer(customers=10)
    if not server.clock.movable:
        unavailable("needs libfaketime, so that the server's log can carry a week")
    try:
        yield play(server)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def recorded_incident() -> Incident:
    """Give the scripted incident as one run left it: its exposures, no server."""
    return read_recorded()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDBServer]:
    """Give a started MariaDB with the CRM, shared by the whole run: a test creates users of its own."""
    if lacking := missing_mariadb():
        unavailable(f"needs a MariaDB with server_audit: {lacking}")
    server = MariaDBServer()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Callable[..., PrometheusServer]]:
    """Give a function that starts a Prometheus: ``prometheus(["127.0.0.1:8000"], rules=[...])``."""
    if lacking := missing_prometheus():
        unavailable(lacking)
    servers: list[PrometheusServer] = []

    def start(targets: list[str], **options: Any) -> PrometheusServer:
        server = PrometheusServer(tmp_path / f"prometheus{len(servers)}", targets, **options)
        servers.append(server)
        return server.start()

    try:
        yield start
    finally:
        for server in servers:
            server.stop()


@pytest.fixture(params=["embedded", "kafka"])
def anywhere(request: pytest.FixtureRequest, names: Names, tmp_path: Path) -> Iterator[Stage]:
    """A stage on the embedded broker, then on the most real one: what holds on both is a contract."""
    if request.param == "embedded":
        with MockCluster() as cluster, Stage(cluster, names.prefix, tmp_path) as stage:
            yield stage
    else:
        with Stage(request.getfixturevalue("kafka"), names.prefix, tmp_path) as stage:
            yield stage
