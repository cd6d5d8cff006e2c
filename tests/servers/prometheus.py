"""Debian's Prometheus and promtool, for tests: loopback, scratch directory, its own port."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any, Self

from servers.process import ServerError, ServerProcess, free_port

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def missing() -> str | None:
    """Return which of the two programs this machine lacks, or None."""
    lacking = [program for program in ("prometheus", "promtool") if shutil.which(program) is None]
    return f"{' and '.join(lacking)} not installed" if lacking else None


def promtool(*arguments: str) -> str:
    """Run promtool and return what it says.

    Raises
    ------
    ServerError
        When it exits with another code than 0.
    """
    done = subprocess.run(
        ["promtool", *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise ServerError(f"promtool {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return done.stdout


class PrometheusServer:
    """A Prometheus that scrapes the given targets.

    Parameters
    ----------
    directory
        Scratch directory for its settings, data and log.
    targets
        What it scrapes, as ``host:port``; the path is ``/metrics``.
    rules
        Rule files that it evaluates.
    every_seconds
        How often it scrapes and evaluates.
    """

    def __init__(
        self, directory: Path, targets: Sequence[str], rules: Iterable[Path] = (), every_seconds: int = 1
    ) -> None:
        self.directory = directory
        self.port = free_port()
        self._configuration = {
            "global": {"scrape_interval": f"{every_seconds}s", "evaluation_interval": f"{every_seconds}s"},
            "rule_files": [str(path) for path in rules],
            "scrape_configs": [{"job_name": "streamguard", "static_configs": [{"targets": list(targets)}]}],
        }
        self._server: ServerProcess | None = None

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Write the settings, start the server and wait until it is ready."""
        self.directory.mkdir(parents=True, exist_ok=True)
        # JSON is YAML.
        settings = self.directory / "prometheus.yml"
        settings.write_text(json.dumps(self._configuration))
        promtool("check", "config", str(settings))
        command = ["prometheus", f"--config.file={settings}", f"--web.listen-address=127.0.0.1:{self.port}"]
        command += [f"--storage.tsdb.path={self.directory / 'data'}", "--log.level=warn"]
        self._server = ServerProcess("Prometheus", command, self.directory / "prometheus.log")
        self._server.start(self._ready)
        return self

    def stop(self) -> None:
        """Stop the server; its data stay."""
        if self._server is not None:
            self._server.stop()

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Evaluate an expression now and return the ``result`` of Prometheus's answer: one entry a series.

        Raises
        ------
        ServerError
            When Prometheus does not accept the expression.
        """
        return list(self._get("query", query=expression)["result"])

    def wait_for(self, expression: str, timeout_seconds: float = 30.0) -> list[dict[str, Any]]:
        """Evaluate an expression again and again until it gives any series."""
        deadline = time.monotonic() + timeout_seconds
        while not (result := self.query(expression)):
            if time.monotonic() > deadline:
                raise ServerError(f"{expression} gave nothing within {timeout_seconds:g} s")
            time.sleep(0.1)
        return result

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that are pending or firing."""
        return list(self._get("alerts")["alerts"])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _get(self, what: str, **parameters: str) -> dict[str, Any]:
        address = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return dict(json.load(answer)["data"])
        except urllib.error.HTTPError as error:
            raise ServerError(f"Prometheus answered {error.code}: {error.read().decode()}") from error
