"""What can go wrong when a database is looked at."""

from __future__ import annotations


class DiscoveryError(Exception):
    """A database could not be looked at; the message says what to do, and never holds a password."""
