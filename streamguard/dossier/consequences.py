"""Likely consequences by category of personal data: standard wording for Article 33(3)(c).

The harms are those that the GDPR itself names, in recital 75 (discrimination, identity theft or fraud, financial loss,
damage to the reputation, loss of confidentiality of data protected by professional secrecy, unauthorised reversal of
pseudonymisation, being deprived of control over personal data) and recital 85 (the same of a breach, and "loss of
control over their personal data or limitation of their rights"). Which category leads to which is our wording.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from streamguard.dossier.atoms import Law

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE: Final = Law("recitals 75 and 85 GDPR")

_CONTACT: Final = "unwanted messages, and fraud by messages that pretend to come from the controller (phishing)"
_IDENTITY: Final = "identity theft, together with other data about the person"
_PRIVATE: Final = "discrimination, damage to the reputation, loss of confidentiality of what is nobody's business"
_MONEY: Final = "financial loss: payments and orders at the person's expense"
_CONTROL: Final = "loss of control over the data"

_WORDING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bank_account": _MONEY,
        "biometric": f"{_PRIVATE}; cannot be changed like a password",
        "communication_content": f"{_PRIVATE}; blackmail",
        "credential": "strangers acting in the person's name, here and wherever the same password is used",
        "criminal_record": _PRIVATE,
        "customer_number": "fraud by callers who can name it; links data about the same person",
        "date_of_birth": _IDENTITY,
        "device_identifier": "recognising the person's devices; links data about the same person",
        "education": _CONTROL,
        "email_address": _CONTACT,
        "employment": f"{_CONTROL}; fraud that names the employer",
        "ethnic_origin": _PRIVATE,
        "financial": f"{_PRIVATE}; targeted fraud",
        "gender": _CONTROL,
        "genetic": f"{_PRIVATE}; concerns relatives too",
        "health": _PRIVATE,
        "identification_number": _IDENTITY,
        "image": f"{_CONTROL}; damage to the reputation",
        "ip_address": "recognising the person on the internet; links data about the same person",
        "location": "knowing where the person is or lives: burglary, stalking, physical harm",
        "name": f"{_CONTROL}; makes every other category personal",
        "national_id": _IDENTITY,
        "nationality": _CONTROL,
        "online_identifier": "links data about the same person; attempts to log in",
        "payment_card": _MONEY,
        "phone_number": "unwanted calls and messages, fraud by telephone, taking over of accounts tied to the number",
        "political_opinion": _PRIVATE,
        "postal_address": "unwanted mail, orders in the person's name, knowing where the person lives",
        "purchase_history": f"{_CONTROL}; targeted fraud that names real orders",
        "religion": _PRIVATE,
        "sexual_orientation": _PRIVATE,
        "tax_id": _IDENTITY,
        "trade_union_membership": _PRIVATE,
        "vehicle_id": "finding out the holder; links data about the same person",
    }
)


def consequences(category: str) -> str:
    """Return the standard wording for a category."""
    return _WORDING.get(category, _CONTROL)
