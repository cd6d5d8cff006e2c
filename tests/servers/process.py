"""One server program as a child process: its log in a file, its end by its own process id."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


class ServerError(RuntimeError):
    """A server did not start, or ended on its own; the message holds the end of its log."""


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Tell whether somebody listens on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class ServerProcess:
    """A server program that is started, frozen, thawed, stopped and killed.

    Parameters
    ----------
    name
        What error messages call it.
    command
        Program and arguments.
    log
        File that standard output and standard error are appended to.
    environment
        The whole environment of the process; None: this process's own.
    user
        The user that it runs as, which only root may choose; None: this process's own.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.environment = dict(os.environ if environment is None else environment)
        self.user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process exists and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        if self._process is None:
            raise ServerError(f"{self.name} is not running")
        return self._process.pid

    def start(self, ready: Callable[[], bool], timeout_seconds: float = 60.0) -> None:
        """Start the program and wait until ``ready`` says so."""
        if self.running:
            raise ServerError(f"{self.name} is already running")
        with self.log.open("ab") as sink:
            # A session of its own: an interrupted test run stops the server in `stop`, not by the terminal.
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self.environment,
                user=self.user,
                group=self.user and pwd.getpwnam(self.user).pw_gid,
                extra_groups=None if self.user is None else [],
                start_new_session=True,
            )
        deadline = time.monotonic() + timeout_seconds
        while not ready():
            code = self._process.poll()
            if code is not None:
                raise ServerError(f"{self.name} ended with code {code}:\n{self.tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerError(f"{self.name} was not ready after {timeout_seconds:g} s:\n{self.tail()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM, timeout_seconds: float = 30.0) -> None:
        """Ask the process to end and wait for it; kill it when it does not. Ended already: nothing happens."""
        if not self.running or self._process is None:
            return
        self.thaw()
        self._process.send_signal(how)
        try:
            self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once, without a chance to clean up (SIGKILL)."""
        if self._process is not None and self.running:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Stop the process where it stands (SIGSTOP): its connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on (SIGCONT)."""
        os.kill(self.pid, signal.SIGCONT)

    def tail(self, lines: int = 30) -> str:
        """Return the last lines of the log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
