"""Opens a database for reading: one connection, read-only, with time limits.

Passwords stay here: no error holds one.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, quote_plus

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from streamguard.discovery.errors import DiscoveryError
from streamguard.discovery.products import PRODUCTS, STATEMENT_SECONDS, Product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL, Connection

_FORM: Final = "postgresql://user@host/database or mysql://user@host/database"


class Server(NamedTuple):
    """An open database.

    Attributes
    ----------
    connection
        The one connection.
    product
        What kind of database it is.
    """

    connection: Connection
    product: Product


@contextmanager
def connect(dsn: str, seconds: int = STATEMENT_SECONDS) -> Iterator[Server]:
    """Open a database for reading, and close it again.

    Parameters
    ----------
    dsn
        ``postgresql://user:password@host:port/database``, or ``mysql://`` and ``mariadb://``.
    seconds
        That one statement may take.

    Raises
    ------
    DiscoveryError
        If the name is wrong, the driver is missing, or the database cannot be reached or read; also for errors of
        the database inside the ``with`` block.
    """
    url, product = parse(dsn)
    try:
        with _open(url, product) as connection:
            _hold_back(connection, product, seconds)
            yield Server(connection, product)
    except SQLAlchemyError as error:
        # The cause would bring along what was sent.
        raise DiscoveryError(f"{shown(url)}: {_said(error, url)}") from None


def shown(url: URL) -> str:
    """Return a data source name for people, without its password and options."""
    place = f"{url.host or 'localhost'}:{url.port}" if url.port else url.host or "localhost"
    return f"{url.get_backend_name()}://{place}/{url.database or ''}"


def parse(dsn: str) -> tuple[URL, Product]:
    """Return where a data source name leads, and to what kind of database.

    Raises
    ------
    DiscoveryError
        If it is none, or the driver is missing.
    """
    try:
        url = make_url(dsn.strip())
    except (ArgumentError, ValueError):
        # Its message may quote the name.
        raise DiscoveryError(f"this is no data source name; one looks like {_FORM}") from None
    kind = url.drivername.partition("+")[0]
    if kind not in PRODUCTS:
        known = ", ".join(sorted(PRODUCTS))
        raise DiscoveryError(f"cannot look at a database of the kind {kind}; there are: {known}")
    product = PRODUCTS[kind]
    if find_spec(product.package) is None:
        raise DiscoveryError(f"the driver {product.package} is missing: pip install 'streamguard[scan]'")
    return url.set(drivername=product.driver), product


def _open(url: URL, product: Product) -> Connection:
    engine = create_engine(url, poolclass=NullPool, connect_args=dict(product.connect))
    try:
        return engine.connect()
    except TypeError:
        raise DiscoveryError(f"{shown(url)}: {product.package} does not know an option behind the ?") from None


def _hold_back(connection: Connection, product: Product, seconds: int) -> None:
    bounds = {"seconds": seconds, "milliseconds": seconds * 1000}
    for statement in product.limits:
        connection.exec_driver_sql(statement.format(**bounds))
    for statement in product.optional_limits:
        try:
            connection.exec_driver_sql(statement.format(**bounds))
        except DBAPIError:
            connection.rollback()
    # What the session was told holds from the next transaction on.
    connection.commit()


def _said(error: SQLAlchemyError, url: URL) -> str:
    said = str(error.orig if isinstance(error, DBAPIError) and error.orig is not None else error)
    text = " ".join(said.split())
    password = url.password
    for secret in {password, quote(password), quote_plus(password)} if password else ():
        text = text.replace(secret, "***")
    return text
