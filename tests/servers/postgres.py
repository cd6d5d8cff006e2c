"""A real PostgreSQL with pgaudit, whose own log is what StreamGuard reads: loopback, scratch directory, small.

The settings are those that the documentation recommends to users. A server never runs as root: where the
tests do, it runs as the user ``postgres`` (else ``nobody``) in a scratch directory of that user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Self

from servers.clock import Clock
from servers.process import ServerError, ServerProcess, free_port

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

SCHEMA = Path(__file__).with_name("crm.sql")
DATABASE = "crm"
OWNER = "postgres"

# What the documentation recommends to users.
_AUDIT_SETTINGS = {
    "shared_preload_libraries": "pgaudit",
    "pgaudit.log": "read,write,ddl,role,misc",
    "pgaudit.log_relation": "on",
    "pgaudit.log_rows": "on",
    "pgaudit.log_parameter": "on",
    "pgaudit.log_catalog": "off",
    "compute_query_id": "on",
    "log_destination": "jsonlog",
    "logging_collector": "on",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_min_duration_statement": "0",
    "log_timezone": "UTC",
    "timezone": "UTC",
}

# A load of 20,000 rows would be 20,000 lines of foreign-key checks in the log that the tests read.
_UNAUDITED = "-c pgaudit.log=none -c log_min_duration_statement=-1"

# One file, flushed line by line; nothing of a test server needs to survive a power cut.
_TEST_SETTINGS = {
    "log_directory": "log",
    "log_filename": "server.log",
    "log_rotation_age": "0",
    "log_rotation_size": "0",
    "log_file_mode": "0644",
    "fsync": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
}


def programs() -> Path | None:
    """Return the directory with PostgreSQL's newest server programs, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    if shutil.which("pg_config"):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout
        if (Path(told.strip()) / "postgres").exists():
            return Path(told.strip())
    return None


def missing() -> str | None:
    """Return what this machine lacks to run PostgreSQL with pgaudit, or None."""
    found = programs()
    if found is None:
        return "no PostgreSQL server"
    libraries = subprocess.run(
        [found / "pg_config", "--pkglibdir"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return None if (Path(libraries) / "pgaudit.so").exists() else "PostgreSQL without pgaudit"


class PostgresServer:
    """A PostgreSQL server with the shop's CRM in it.

    Parameters
    ----------
    customers
        Rows in ``customers``; the other tables grow with it.
    settings
        Server settings on top of those that the documentation recommends.
    """

    def __init__(self, customers: int = 5_000, settings: Mapping[str, str] | None = None) -> None:
        found = programs()
        if found is None:
            raise ServerError("no PostgreSQL server is installed: apt-get install postgresql")
        self._programs = found
        self._customers = customers
        self._settings = dict(settings or {})
        self._user = _server_user()
        # Not pytest's directory: a server that is not root must be able to walk there.
        self._scratch = Path(tempfile.mkdtemp(prefix="streamguard-postgres-"))
        self._own(self._scratch)
        self._scratch.chmod(0o755)
        self._data = self._scratch / "data"
        self.port = free_port()
        self.clock = Clock(self._scratch / "clock")
        self._server: ServerProcess | None = None

    def start(self, roles: Iterable[str] = (), at: datetime | None = None) -> Self:
        """Initialise, start, and create the CRM with these login roles.

        Every role may read and write every table of the CRM, as far too many may in real companies.

        Parameters
        ----------
        roles
            Names of the login roles.
        at
            What the server's clock says from the first line of its log on; None: the time it is.
        """
        if at is not None:
            self.at(at)
        self._initialise()
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        self._server = ServerProcess(
            "PostgreSQL", command, self._scratch / "start.log", os.environ | self.clock.environment(), self._user
        )
        self._server.start(self._ready)
        self._set_up(OWNER, "-c", f"create database {DATABASE}")
        # Without the extension's event triggers, lines of DDL do not name the object.
        self._set_up(DATABASE, "-c", "create extension pgaudit")
        self._set_up(DATABASE, "-v", f"customers={self._customers}", "-f", str(SCHEMA))
        self.create_roles(roles)
        return self

    def stop(self) -> None:
        """Stop the server and remove everything of it."""
        if self._server is not None:
            # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
            self._server.stop(signal.SIGINT)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def create_roles(self, roles: Iterable[str]) -> None:
        """Create login roles that may read and write every table of the CRM."""
        statements = [f'create role "{role}" login in role pg_read_all_data, pg_write_all_data;' for role in roles]
        if statements:
            self._set_up(DATABASE, "-c", " ".join(statements))

    def at(self, moment: datetime) -> None:
        """Set the server's clock; it flows on from there, also for sessions that are open."""
        self.clock.set(moment)

    def sql(self, role: str, statement: str, application: str = "psql") -> str:
        """Run one statement in a session of its own and return psql's unaligned output.

        Raises
        ------
        ServerError
            When the statement fails.
        """
        return self._psql(role, DATABASE, ["-A", "-t", "-c", statement], application)

    def script(self, role: str, statements: str, application: str = "psql") -> str:
        """Run several statements, each a transaction of its own, in one session; stops at the first error."""
        return self._psql(role, DATABASE, ["-A", "-t"], application, statements)

    def owner(self, statements: str) -> None:
        """Run statements as the owner of the CRM, without leaving audit lines."""
        self._set_up(DATABASE, "-c", statements)

    def dump(self, role: str, table: str, application: str = "pg_dump") -> str:
        """Return what pg_dump writes of one table."""
        command = [str(self._programs / "pg_dump"), "-h", "127.0.0.1", "-p", str(self.port), "-U", role]
        command += ["-d", f"dbname={DATABASE} application_name='{application}'", "-t", table, "--data-only"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def log_lines(self, file: str = "server.json") -> list[bytes]:
        """Return the lines of the server's own log, up to everything that has been run by now.

        The file follows from ``log_destination``: ``server.json``, ``server.csv`` or (plain lines) ``server.log``.

        The server hands its lines to a collector of its own, so a mark is written last, and waited for.
        """
        mark = f"the log was read {uuid.uuid4().hex}"
        self._set_up(OWNER, "-c", f"do $$ begin raise log '{mark}'; end $$")
        deadline = time.monotonic() + 30
        while mark.encode() not in (content := (self._data / "log" / file).read_bytes()):
            if time.monotonic() > deadline:
                raise ServerError("the server's log does not reach its last line")
            time.sleep(0.05)
        return content[: content.rfind(b"\n", 0, content.find(mark.encode())) + 1].splitlines()

    def describe(self) -> str:
        """Return the server's name and versions."""
        pgaudit = self.sql(OWNER, "select default_version from pg_available_extensions where name = 'pgaudit'")
        version = self.sql(OWNER, "show server_version")
        return f"PostgreSQL {version.split()[0]}, pgaudit {pgaudit.strip()}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _initialise(self) -> None:
        command = [str(self._programs / "initdb"), "-D", str(self._data), "-U", OWNER, "--auth=trust"]
        command += ["--no-sync", "-E", "UTF8"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, user=self._user, cwd=self._scratch)
        if done.returncode != 0:
            raise ServerError(f"initdb failed:\n{done.stdout}{done.stderr}")
        settings = _AUDIT_SETTINGS | _TEST_SETTINGS | self._settings
        settings |= {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        with (self._data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in settings.items())

    def _ready(self) -> bool:
        command = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0

    def _set_up(self, database: str, *arguments: str) -> None:
        """Run psql as the owner without leaving audit lines."""
        self._psql(OWNER, database, list(arguments), "setup", options=_UNAUDITED)

    def _psql(
        self,
        role: str,
        database: str,
        arguments: list[str],
        application: str = "psql",
        script: str | None = None,
        options: str = "",
    ) -> str:
        command = [str(self._programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-U", role, "-d", database, *arguments]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            input=script or "",
            env=os.environ | {"PGAPPNAME": application, "PGOPTIONS": options},
        )
        if done.returncode != 0:
            raise ServerError(f"psql failed: {done.stderr.strip()}")
        return done.stdout

    def _own(self, path: Path) -> None:
        if self._user is not None:
            shutil.chown(path, self._user)


def _server_user() -> str | None:
    """Return the user that the server runs as: None for our own, which must not be root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
