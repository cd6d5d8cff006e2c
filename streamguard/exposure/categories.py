"""Categories of personal data and how much harm their exposure can do.

Names follow the GDPR: Article 4(1) names identifiers (name, identification number, location data, online
identifier), Article 9(1) and Article 10 the special categories, which are always of high sensitivity here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SENSITIVITY_LEVELS: Final[Mapping[str, int]] = MappingProxyType({"low": 1, "medium": 2, "high": 3})
"""Sensitivity by name, as `Exposure.sensitivity` counts it; 0 means none."""

CATEGORIES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "bank_account": 3,
        "biometric": 3,
        "communication_content": 3,
        "credential": 3,
        "criminal_record": 3,
        "customer_number": 1,
        "date_of_birth": 2,
        "device_identifier": 1,
        "education": 2,
        "email_address": 2,
        "employment": 2,
        "ethnic_origin": 3,
        "financial": 2,
        "gender": 1,
        "genetic": 3,
        "health": 3,
        "identification_number": 1,
        "image": 2,
        "ip_address": 1,
        "location": 2,
        "name": 1,
        "national_id": 3,
        "nationality": 1,
        "online_identifier": 1,
        "payment_card": 3,
        "phone_number": 2,
        "political_opinion": 3,
        "postal_address": 2,
        "purchase_history": 1,
        "religion": 3,
        "sexual_orientation": 3,
        "tax_id": 3,
        "trade_union_membership": 3,
        "vehicle_id": 2,
        "other_personal": 2,
    }
)
"""Every category with its default sensitivity (1 low, 2 medium, 3 high); a column may say otherwise."""

SPECIAL_CATEGORIES: Final = frozenset(
    {
        "biometric",
        "criminal_record",
        "ethnic_origin",
        "genetic",
        "health",
        "political_opinion",
        "religion",
        "sexual_orientation",
        "trade_union_membership",
    }
)
"""Those of Articles 9(1) and 10: a list of people who share one is an exposure, whatever else it holds."""

IDENTIFYING_CATEGORIES: Final = frozenset(
    {
        "bank_account",
        "customer_number",
        "device_identifier",
        "email_address",
        "national_id",
        "online_identifier",
        "payment_card",
        "phone_number",
        "tax_id",
        "vehicle_id",
    }
)
"""Those whose value belongs to one person: a statement that compares a column with one is about that person."""

NONE: Final = "none"
"""Category of a column that is known to hold no personal data."""

UNKNOWN: Final = "unknown"
"""Category of a column that nobody has decided on yet: it counts as "cannot tell", like one that is not listed."""
