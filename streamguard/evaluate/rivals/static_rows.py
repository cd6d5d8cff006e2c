"""A fixed number of rows per statement, as database firewalls and DLP rules have it.

Source: the rules that activity monitoring products ship or advise, where somebody types a number of rows into a field:
10,000, 50,000 or 100,000.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.activity import Exposure


class StaticRows:
    """Rows that a statement returned; the same limit for everybody."""

    name = "static_rows"
    thresholds: Final[Mapping[str, float]] = MappingProxyType({"10k": 1e4, "50k": 5e4, "100k": 1e5})

    def observe(self, exposure: Exposure) -> float:
        """Return the statement's rows, 0 where the log does not count them."""
        return float(exposure.activity.rows or 0)

    def employee_bytes(self) -> list[int]:
        """Return nothing: the rule remembers nobody."""
        return []
