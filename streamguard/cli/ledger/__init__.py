"""``streamguard ledger``: build the store of every exposure, look into it, and make it forget."""

from __future__ import annotations

import typer

from streamguard.cli.ledger.forget import purge
from streamguard.cli.ledger.keep import run
from streamguard.cli.ledger.look import show, stats

ledger = typer.Typer(
    name="ledger", help="Every exposure of personal data, also those that alerted nobody.", no_args_is_help=True
)
ledger.command()(run)
ledger.command()(show)
ledger.command()(stats)
ledger.command()(purge)

__all__ = ["ledger"]
