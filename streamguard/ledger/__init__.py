"""The scope ledger: every exposure of personal data, also those that alerted nobody, kept for looking back.

    exposures -> Held -> blocks on the ledger's topic -> LedgerWriter -> Parquet files -> LedgerStore, totals

The topic is the truth: a store is built from it, and built again from it. `LedgerStore` is the `Ledger` that
investigations ask for exposures; `totals` counts over all of them at once.
"""

from __future__ import annotations

from streamguard.ledger.block import Block, BlockError, Purge, decode, encode_purge
from streamguard.ledger.held import Held
from streamguard.ledger.ledger import Ledger, Span
from streamguard.ledger.manifest import LedgerBusyError, LedgerError, Manifest
from streamguard.ledger.pseudonyms import Pseudonyms
from streamguard.ledger.store import LedgerStore
from streamguard.ledger.totals import By, Total, totals
from streamguard.ledger.writer import Commit, LedgerWriter

__all__ = [
    "Block",
    "BlockError",
    "By",
    "Commit",
    "Held",
    "Ledger",
    "LedgerBusyError",
    "LedgerError",
    "LedgerStore",
    "LedgerWriter",
    "Manifest",
    "Pseudonyms",
    "Purge",
    "Span",
    "Total",
    "decode",
    "encode_purge",
    "totals",
]
