"""What must hold for any bytes at all: the fuzzer's oracle, and that of the regression tests over what it found."""

from __future__ import annotations

import time
from functools import cache

import msgspec

from streamguard.activity import Activity, RawRecord, Rejected
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.sources import Decoder, DecoderConfig, format_names
from streamguard.sources.assemble import Assembler
from streamguard.sources.statement import Analyser, Interests

MOST_SECONDS = 5.0
"""For one input of at most `MOST_BYTES`; a regular one takes microseconds. Far above any machine's hiccup."""
MOST_BYTES = 64 * 1024
DIALECTS = (
    "postgres",
    "mysql",
    "tsql",
    "oracle",
    "snowflake",
    "bigquery",
    "redshift",
    "trino",
    "databricks",
    "nonsense",
)
CONFIG = DecoderConfig(
    identifying_columns=frozenset({"id", "email", "customer_id"}),
    neutral_columns=frozenset({"country", "region"}),
    subject_key=b"a key that only the tests know",
    max_records_per_message=200,
    max_unpacked_bytes=4 * 1024 * 1024,
    statement_cache_size=100,
)
_INTERESTS = Interests.of(CONFIG.identifying_columns, CONFIG.neutral_columns, CONFIG.subject_key)
FORMATS = (None, *format_names())


class BrokenPromiseError(Exception):
    """An input broke a promise of the sources room."""


@cache
def _tools() -> tuple[Decoder, Exposer]:
    return Decoder(CONFIG), Exposer(Directory.empty(), Catalogue.empty())


def check_record(data: bytes) -> None:
    """Decode a record twice (the first byte chooses the format), merge and expose what comes out.

    Raises
    ------
    BrokenPromiseError
        When a defect showed, the outcomes differ, or it took too long.
    """
    form = FORMATS[data[0] % len(FORMATS)] if data else None
    raw = RawRecord("fuzz", 0, 0, 7, 1_780_000_000_000, data[1:])
    decoder, exposer = _tools()
    start = time.process_time()
    outcomes = decoder.decode(raw, form)
    _check_time(start)
    if not outcomes or len(outcomes) > CONFIG.max_records_per_message + 1:
        raise BrokenPromiseError(f"{len(outcomes)} outcomes")
    if [outcome.origin.index for outcome in outcomes] != list(range(len(outcomes))):
        raise BrokenPromiseError("the places inside the record are not counted up")
    if defects := [o.detail for o in outcomes if isinstance(o, Rejected) and o.reason == "internal_error"]:
        raise BrokenPromiseError(defects[0])
    if decoder.decode(raw, form) != outcomes:
        raise BrokenPromiseError("the same record gave other outcomes")
    assembler = Assembler()
    for outcome in outcomes:
        if isinstance(outcome, Activity):
            assembler.feed(outcome)
    assembler.advance(raw.offset)
    assembler.announce_cut()
    assembler.cut()
    for activity in assembler.take():
        msgspec.json.encode(exposer.expose(activity))


def check_statement(data: bytes) -> None:
    """Analyse a text (the first byte chooses the dialect) with fresh caches.

    Raises
    ------
    BrokenPromiseError
        When it took too long; anything else that is raised is a defect too.
    """
    dialect = DIALECTS[data[0] % len(DIALECTS)] if data else DIALECTS[0]
    text = data[1:].decode("utf-8", "replace")
    start = time.process_time()
    # Fresh caches: what the fuzzer tried before must not hide what a text costs.
    msgspec.json.encode(Analyser(100, CONFIG.max_statement_bytes, _INTERESTS).analyse(text, dialect))
    _check_time(start)


def _check_time(start: float) -> None:
    seconds = time.process_time() - start
    if seconds > MOST_SECONDS:
        raise BrokenPromiseError(f"it took {seconds:.1f} s")


CHECKS = {"record": check_record, "statement": check_statement}
