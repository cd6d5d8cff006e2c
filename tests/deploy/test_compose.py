"""What `docker compose up` starts: valid, on loopback only, and made of files, topics and options that exist."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import jsonschema
import pytest
from brokers.apache import kafka_version
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
COMPOSE = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
STREAMGUARD = [name for name, service in SERVICES.items() if "build" in service]
FILES = sorted(path for path in [*ROOT.glob("deploy/**/*.yml"), ROOT / "docker-compose.yml"])


def _default(text):
    """Replace ``${NAME:-default}`` by its default, as compose does where .env sets nothing."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", text)


def test_compose_file_follows_the_compose_specification():
    # The schema that check-jsonschema ships; its program wants a click that faust-streaming does not allow.
    package = Path(importlib.util.find_spec("check_jsonschema").origin).parent
    schema = json.loads((package / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_published_ports_are_on_loopback(service):
    for port in SERVICES[service].get("ports", []):
        assert str(port).startswith("127.0.0.1:"), port


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_from_the_tree_exists_and_is_read_only(service):
    for volume in map(_default, SERVICES[service].get("volumes", [])):
        source, _, mode = volume.split(":")[0], *volume.split(":")[1:2], volume.split(":")[-1]
        if source.startswith("."):
            assert (ROOT / source).exists(), source
            assert mode == "ro", volume
        else:
            assert source in COMPOSE["volumes"], source


@pytest.mark.parametrize("service", SERVICES)
def test_images_have_a_version(service):
    image = SERVICES[service]["image"]
    assert re.search(r":(v?\d+\.\d+|local$)", image), image


def test_kafka_is_the_version_that_the_tests_ran_on():
    assert SERVICES["kafka"]["image"] == SERVICES["topics-init"]["image"] == f"apache/kafka:{kafka_version()}"


def test_example_environment_holds_every_variable_with_its_default():
    text = (ROOT / "docker-compose.yml").read_text()
    used = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", text))
    lines = (ROOT / "deploy" / "env.example").read_text().splitlines()
    assert dict(line.split("=", 1) for line in lines if line and not line.startswith("#")) == used


class TestStreamGuardInIt:
    def test_runs_without_rights(self):
        for name in STREAMGUARD:
            assert SERVICES[name]["cap_drop"] == ["ALL"]
            assert SERVICES[name]["read_only"] is True
        assert re.search(r"^USER [1-9]\d*:", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)

    def test_settings_are_accepted(self, monkeypatch):
        from streamguard.settings import Settings

        for name, value in SERVICES["worker"]["environment"].items():
            monkeypatch.setenv(name, value)
        settings = Settings.load()
        assert settings.kafka.bootstrap_servers in SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
        (topic,) = settings.topics.audit
        assert f"--topic={topic.name}" in SERVICES["topics-init"]["command"]
        assert f":{settings.web.port}/health" in " ".join(SERVICES["worker"]["healthcheck"]["test"])
        prometheus = YAML(typ="safe").load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
        (found,) = prometheus["scrape_configs"][0]["dns_sd_configs"]
        assert found["names"] == ["worker"]
        assert found["port"] == settings.web.port

    @pytest.mark.parametrize("service", STREAMGUARD)
    def test_commands_and_options_exist(self, service):
        from typer.main import get_command

        from streamguard.cli import app

        name, *options = SERVICES[service]["command"]
        command = get_command(app).commands[name]
        if parts := getattr(command, "commands", None):
            command = parts[options.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {option for option in options if option.startswith("-")} <= known

    def test_image_gets_every_file_that_the_build_names(self):
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
        names = [name for line in copied for name in line.split()]
        kept = {
            line[1:]
            for line in (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
            if line[:1] == "!"
        }
        assert set(names) == kept
        for name in names:
            assert (ROOT / name).exists(), name


def test_dashboards_are_mounted_where_grafana_looks_for_them():
    provider = YAML(typ="safe").load((ROOT / "deploy/grafana/provisioning/dashboards/streamguard.yml").read_text())
    path = provider["providers"][0]["options"]["path"]
    assert f"./dashboards:{path}:ro" in SERVICES["grafana"]["volumes"]
    assert SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == f"{path}/streamguard.json"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_yaml_files_hold_no_key_twice(path):
    # ruamel refuses duplicate keys; other readers take the last one silently.
    assert YAML(typ="safe").load(path.read_text())
