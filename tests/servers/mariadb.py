"""A real MariaDB with server_audit and the slow log, which StreamGuard reads: loopback, scratch directory, small.

The settings are those that the documentation recommends to users. A server never runs as root: where the
tests do, it runs as the user ``mysql`` (else ``nobody``) in a scratch directory of that user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pymysql
from pymysql.constants import CLIENT
from servers.process import ServerError, ServerProcess, answers, free_port

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = Path(__file__).with_name("crm_mariadb.sql")
DATABASE = "crm"
OWNER = "root"

# What the documentation recommends to users.
_AUDIT_SETTINGS = {
    "plugin-load-add": "server_audit",
    "server-audit-logging": "ON",
    "server-audit-events": "CONNECT,QUERY,TABLE",
    # A longer text is cut off without a mark.
    "server-audit-query-log-limit": "65536",
    "slow-query-log": "ON",
    "long-query-time": "0",
    "log-slow-admin-statements": "ON",
    # Else the statements inside stored procedures are left out, and CALL does not say what it reads.
    "log-slow-disabled-statements": "",
    "log-slow-verbosity": "query_plan,innodb",
}

# The owner sets the tests up and looks at the server; what it does is nobody's work.
_TEST_SETTINGS = {
    "server-audit-excl-users": OWNER,
    "default-time-zone": "+00:00",
    "innodb-buffer-pool-size": "32M",
    "innodb-log-file-size": "8M",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-flush-method": "nosync",
    "performance-schema": "OFF",
    "max-connections": "60",
}
_UNLOGGED = "set session slow_query_log = 0"


def missing() -> str | None:
    """Return what this machine lacks to run MariaDB with server_audit, or None."""
    if _program("mariadbd") is None or _program("mariadb-install-db") is None:
        return "no MariaDB server"
    plugins = (Path(base) / "mysql/plugin/server_audit.so" for base in ("/usr/lib", "/usr/lib64", "/usr/local/lib"))
    return None if any(path.exists() for path in plugins) else "MariaDB without server_audit"


class MariaDBServer:
    """A MariaDB server with the shop's CRM in it.

    Parameters
    ----------
    customers
        Rows in ``customers``; the other tables grow with it.

    Attributes
    ----------
    host, port
        Where it listens.
    audit_log, slow_log
        The files that the server writes.
    exports
        The only directory that ``SELECT ... INTO OUTFILE`` may write to.
    """

    host = "127.0.0.1"

    def __init__(self, customers: int = 5_000) -> None:
        if lacking := missing():
            raise ServerError(f"{lacking} is installed: apt-get install mariadb-server")
        self._customers = customers
        self._user = _server_user()
        # Not pytest's directory: a server that is not root must be able to walk there.
        self._scratch = Path(tempfile.mkdtemp(prefix="streamguard-mariadb-"))
        self._own(self._scratch)
        self._scratch.chmod(0o755)
        self.audit_log = self._scratch / "server_audit.log"
        self.slow_log = self._scratch / "slow.log"
        self.exports = self._scratch / "exports"
        self.exports.mkdir()
        self._own(self.exports)
        self.port = free_port()
        self._server: ServerProcess | None = None

    @property
    def dsn(self) -> str:
        """SQLAlchemy's address of the CRM as its owner."""
        return f"mysql+pymysql://{OWNER}@{self.host}:{self.port}/{DATABASE}"

    def start(self, users: Iterable[str] = ()) -> Self:
        """Initialise, start, and create the CRM with these users.

        Every user may do everything with the CRM, as far too many may in real companies.
        """
        self._initialise()
        command = [str(_program("mariadbd")), *self._options()]
        # server_audit writes the local time of the server's process.
        environment = os.environ | {"TZ": "UTC"}
        self._server = ServerProcess("MariaDB", command, self._scratch / "start.log", environment, self._user)
        self._server.start(self._ready)
        self.execute(f"create database {DATABASE}", database=None)
        self.execute(
            f"set @customers = {self._customers}; set max_recursive_iterations = 1000000; {SCHEMA.read_text()}"
        )
        self.create_users(users)
        return self

    def stop(self) -> None:
        """Stop the server and remove everything of it."""
        if self._server is not None:
            self._server.stop(signal.SIGTERM)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def create_users(self, users: Iterable[str]) -> None:
        """Create users without a password that may do everything with the CRM and write files."""
        for user in users:
            self.execute(
                f"create user if not exists `{user}`@`%`; grant all on {DATABASE}.* to `{user}`@`%`; "
                f"grant file on *.* to `{user}`@`%`"
            )

    def connect(self, user: str = OWNER, database: str | None = DATABASE, **options: Any) -> pymysql.Connection[Any]:
        """Open a connection; what it runs is logged, unless it is the owner's (who stands in the slow log only)."""
        return pymysql.connect(
            host=self.host, port=self.port, user=user, database=database, charset="utf8mb4", autocommit=True, **options
        )

    def sql(self, user: str, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement in a session of its own and return its rows.

        Raises
        ------
        pymysql.Error
            When the statement fails.
        """
        with closing(self.connect(user)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def execute(self, statements: str, database: str | None = DATABASE) -> None:
        """Run several statements as the owner; all that a log knows of them is ``SET NAMES``."""
        multiple = CLIENT.MULTI_STATEMENTS
        opened = self.connect(OWNER, database, client_flag=multiple, init_command=_UNLOGGED)
        with closing(opened) as connection, connection.cursor() as cursor:
            cursor.execute(statements)
            while cursor.nextset():
                cursor.fetchall()

    def client(self, program: str, *arguments: str, user: str) -> list[str]:
        """Return the command of a client program (``mariadb``, ``mysqldump``) that connects here as a user."""
        found = _program(program)
        if found is None:
            raise ServerError(f"no {program}: apt-get install mariadb-client")
        return [found, "--no-defaults", "-h", self.host, "-P", str(self.port), "-u", user, *arguments]

    def settle(self) -> None:
        """Wait until every session of the users has ended, and with it all that they write into the logs."""
        others = f"select count(*) from information_schema.processlist where user not in ('{OWNER}', 'system user')"
        deadline = time.monotonic() + 30
        with closing(self.connect(OWNER, init_command=_UNLOGGED)) as connection, connection.cursor() as cursor:
            while True:
                cursor.execute(others)
                if cursor.fetchone() == (0,):
                    return
                if time.monotonic() > deadline:
                    raise ServerError("sessions of users are still open")
                time.sleep(0.02)

    def describe(self) -> str:
        """Return the server's name and version."""
        return f"MariaDB {self.sql(OWNER, 'select version()')[0][0]}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _initialise(self) -> None:
        command = [str(_program("mariadb-install-db")), "--no-defaults", f"--datadir={self._scratch / 'data'}"]
        command += ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
        command += ["--innodb-log-file-size=8M"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, user=self._user, cwd=self._scratch)
        if done.returncode != 0:
            raise ServerError(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")

    def _options(self) -> list[str]:
        settings = _AUDIT_SETTINGS | _TEST_SETTINGS
        settings |= {
            "datadir": str(self._scratch / "data"),
            "bind-address": self.host,
            "port": str(self.port),
            "socket": str(self._scratch / "socket"),
            "pid-file": str(self._scratch / "pid"),
            "server-audit-file-path": str(self.audit_log),
            "slow-query-log-file": str(self.slow_log),
            "secure-file-priv": str(self.exports),
        }
        return ["--no-defaults", *(f"--{key}={value}" for key, value in settings.items())]

    def _ready(self) -> bool:
        if not answers(self.port):
            return False
        try:
            self.execute("select 1", database=None)
        except pymysql.OperationalError:
            return False
        return True

    def _own(self, path: Path) -> None:
        if self._user is not None:
            shutil.chown(path, self._user)


def _program(name: str) -> str | None:
    # Debian keeps servers in a directory that is in root's path only.
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _server_user() -> str | None:
    """Return the user that the server runs as: None for our own, which must not be root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "mysql" if "mysql" in known else "nobody"
