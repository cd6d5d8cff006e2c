"""Plays the incident and keeps what its log says: ``cd tests && python -m incident.record``."""

from __future__ import annotations

from incident.incident import play
from incident.recorded import FILE, write
from servers.postgres import PostgresServer


def main() -> None:
    """Play, keep, and say how much it is."""
    server = PostgresServer(customers=10)
    try:
        incident = play(server)
        write(incident)
    finally:
        server.stop()
    print(f"{FILE}: {len(incident.everybody):,} exposures, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
