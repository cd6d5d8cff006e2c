"""Audit formats that are recognised and not read, so that their rejection can say what they are.

The signatures follow the vendors' documentation and were not tried on real records. A format that gets an adapter of
its own leaves this file.
"""

from __future__ import annotations

from streamguard.sources.fields import JsonObject, member


def name_of_object(record: JsonObject) -> str | None:
    """Return the name of the known format that a JSON object is of, or None."""
    # Google Cloud writes the audit logs of all its services alike; the service tells them apart.
    payload = member(record, "protoPayload") or member(record, "protopayload")  # some data lakes lower the keys
    return "Google Cloud audit log" if payload else None


def name_of_text(text: str) -> str | None:  # noqa: ARG001 -- every text format that is known is read
    """Return the name of the known format that a text is of, or None."""
    return None
