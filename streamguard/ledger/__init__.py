"""The scope ledger: every exposure of personal data, also those that alerted nobody, kept for looking back."""

from __future__ import annotations

from streamguard.ledger.ledger import Ledger, Span

__all__ = ["Ledger", "Span"]
