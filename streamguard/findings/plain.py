"""Small words: numbers, times, lists, and the categories of personal data as people say them."""

from __future__ import annotations

from typing import Final

MOST_NAMED: Final = 3
_MINUTE_MS = 60_000
_DAY_MINUTES = 24 * 60
_PLURALS = {
    "bank_account": "bank accounts",
    "communication_content": "contents of communication",
    "credential": "credentials",
    "customer_number": "customer numbers",
    "date_of_birth": "dates of birth",
    "email_address": "e-mail addresses",
    "health": "health data",
    "location": "locations",
    "name": "names",
    "national_id": "national ids",
    "online_identifier": "online identifiers",
    "payment_card": "payment cards",
    "phone_number": "phone numbers",
    "postal_address": "postal addresses",
    "purchase_history": "purchases",
}


def number(value: float) -> str:
    """Write a count with thousands separators: 48,210."""
    return f"{round(value):,}"


def category(name: str) -> str:
    """Write a category as words, in the plural where we know it: ``email_address`` is ``e-mail addresses``."""
    return _PLURALS.get(name, name.replace("_", " "))


def local_time(time_ms: int, utc_offset_minutes: int) -> str:
    """Write the time of day at the employee's place, HH:MM."""
    minutes = (time_ms // _MINUTE_MS + utc_offset_minutes) % _DAY_MINUTES
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def listed(names: tuple[str, ...] | list[str], most: int = MOST_NAMED) -> str:
    """Join names: ``a, b and c``; beyond ``most`` they are counted."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
