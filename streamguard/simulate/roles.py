"""The roles of the company: what their people do, how much, when, and with which programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.simulate.tasks.analysis import FINANCE, MARKETING
from streamguard.simulate.tasks.engineering import DATA_ENGINEERING, DBA
from streamguard.simulate.tasks.screens import FRAUD, SUPPORT
from streamguard.simulate.tasks.services import SERVICE

if TYPE_CHECKING:
    from streamguard.simulate.tasks.task import Menu


class Role(NamedTuple):
    """One role; its name is the peer group of the directory."""

    name: str
    menu: Menu
    tasks_a_day: float
    """On an ordinary day, before the person's and the day's own factors."""
    programs: tuple[str, ...]
    """The main client program first, then those that are used now and then."""
    usual_rows: int
    """Median over employees and days of the rows of one day."""
    foreign_tables: tuple[str, ...]
    """Tables with personal data that the role does not work with."""
    spread: float = 0.30
    """Standard deviation of the logarithm of a person's own level of rows."""
    night_share: float = 0.004
    """Days on which somebody also works at an unusual hour."""


_ALL: Final = (
    Role(
        "support",
        SUPPORT,
        49,
        ("crm-ui", "crm-mobile"),
        127,
        ("payments", "newsletter", "identity_checks", "login_events"),
    ),
    Role("fraud", FRAUD, 42, ("case-desk", "psql"), 993, ("newsletter", "loyalty_members", "invoices"), spread=0.35),
    Role(
        "marketing",
        MARKETING,
        14,
        ("metabase", "excel"),
        31_000,
        ("payments", "identity_checks", "fraud_cases"),
        spread=0.45,
    ),
    Role(
        "data_engineering",
        DATA_ENGINEERING,
        20,
        ("dbt", "airflow", "psql", "jupyter"),
        36_000,
        ("identity_checks", "fraud_cases", "loyalty_members"),
        spread=0.5,
        night_share=0.03,
    ),
    Role(
        "dba",
        DBA,
        21,
        ("psql", "pgadmin"),
        102,
        ("identity_checks", "fraud_cases", "addresses"),
        spread=0.4,
        night_share=0.04,
    ),
    Role("finance", FINANCE, 28, ("finance-report", "excel"), 419, ("login_events", "newsletter", "identity_checks")),
    Role("service", SERVICE, 90, ("service",), 900_000, ("identity_checks",), spread=0.12),
)

ROLES: Final[dict[str, Role]] = {role.name: role for role in _ALL}
