"""What must hold for any bytes at all: the fuzzer's oracle, and that of the regression tests over what it found.

For every record: no exception and no ``internal_error``; outcomes counted up, and no more than allowed; the same again
when decoded again, by a decoder that has seen other things, and with white space before it; merged and exposed without
exception and equal after a round trip through its encoding; bounded time; output bounded by the input; and no planted
value (`fuzz.canaries`) anywhere that it may not be.
"""

from __future__ import annotations

import re
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from fuzz.canaries import leaks_of_exposure, leaks_of_outcome, leaks_of_statement
from fuzz.mappings import MAPPINGS
from streamguard.activity import Activity, Exposure, RawRecord, Rejected
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.sources import Decoder, DecoderConfig, format_names
from streamguard.sources.assemble import Assembler
from streamguard.sources.mapping.paths import parse_path, value_at, values_at
from streamguard.sources.statement import Analyser, Interests

if TYPE_CHECKING:
    from streamguard.activity import Outcome

MOST_SECONDS = 5.0
"""For one input of at most `MOST_BYTES`; a regular one takes microseconds. Far above any machine's hiccup."""
MOST_BYTES = 64 * 1024
MOST_TIMES_LARGER = 40
"""What comes out, encoded, in relation to what went in; a small record has some 400 bytes of names and places."""
MOST_BYTES_MORE = 2_000
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
    mappings=MAPPINGS,
)
_INTERESTS = Interests.of(CONFIG.identifying_columns, CONFIG.neutral_columns, CONFIG.subject_key)
_EXAMPLES = Path(__file__).parents[2] / "examples"
FORMATS = (None, *format_names(MAPPINGS))
_OWN_FORMATS = (None, "mapping", *(mapping.format_name for mapping in MAPPINGS))
_LITERAL = re.compile(r"'[^'\\]*'|\d+")


class BrokenPromiseError(Exception):
    """An input broke a promise of the sources room."""


@cache
def _tools() -> tuple[Decoder, Exposer]:
    directory = Directory.load(_EXAMPLES / "identities.yaml")
    return Decoder(CONFIG), Exposer(directory, Catalogue.load(_EXAMPLES / "catalogue.yaml"))


def check_record(data: bytes) -> None:
    """Decode a record (the first byte chooses the format), merge and expose what comes out.

    Raises
    ------
    BrokenPromiseError
        When a promise is broken.
    """
    _check_decoding(data[1:], FORMATS[data[0] % len(FORMATS)] if data else None)


def check_mapping(data: bytes) -> None:
    """Decode a record of home-grown JSON: the first byte chooses the mapping, the first line is a path into it.

    Raises
    ------
    BrokenPromiseError
        When a promise is broken.
    """
    line, _, value = data[1:].partition(b"\n")
    _check_decoding(value, _OWN_FORMATS[data[0] % len(_OWN_FORMATS)] if data else None)
    try:
        path = parse_path(line.decode("utf-8", "replace"))
        record = msgspec.json.decode(value)
    except (ValueError, RecursionError):
        return
    if isinstance(record, dict):
        value_at(path)(record)
        if len(values_at(path)(record)) > len(value):
            raise BrokenPromiseError("a path found more values than there are")


def check_statement(data: bytes) -> None:
    """Analyse a text (the first byte chooses the dialect) with fresh caches.

    Raises
    ------
    BrokenPromiseError
        When a promise is broken; anything else that is raised is a defect too.
    """
    dialect = DIALECTS[data[0] % len(DIALECTS)] if data else DIALECTS[0]
    text = data[1:].decode("utf-8", "replace")
    start = time.process_time()
    # Fresh caches: what the fuzzer tried before must not hide what a text costs.
    found = Analyser(100, CONFIG.max_statement_bytes, _INTERESTS).analyse(text, dialect)
    _check_time(start)
    _check_size(len(msgspec.json.encode(found)), len(data))
    if leaks := leaks_of_statement(found):
        raise BrokenPromiseError(f"planted values in {', '.join(leaks)}")
    # One that has seen the text with other literals; were they told apart wrongly, it would give the other's answer.
    biased = Analyser(100, CONFIG.max_statement_bytes, _INTERESTS)
    biased.analyse(_LITERAL.sub(lambda match: "'other'" if match[0][0] == "'" else "8", text), dialect)
    if biased.analyse(text, dialect) != found:
        raise BrokenPromiseError("a cache changed the analysis")


def _check_decoding(value: bytes, form: str | None) -> None:
    # Without a time of its own, so that none of the record's is refused as lying in the future.
    raw = RawRecord("fuzz", 0, 0, 7, None, value)
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
    if value[:1] == b"{":
        # The short cut for records that begin with a brace against the long way.
        spaced = decoder.decode(raw._replace(value=b" " + value), form)
        if _without_places(spaced) != _without_places(outcomes):
            raise BrokenPromiseError("a space before the record gave other outcomes")
    if leaks := [leak for outcome in outcomes for leak in leaks_of_outcome(outcome)]:
        raise BrokenPromiseError(f"planted values in {', '.join(leaks)}")
    _check_size(len(msgspec.json.encode(outcomes)), len(value))
    _check_exposures([outcome for outcome in outcomes if isinstance(outcome, Activity)], raw, exposer)


def _without_places(outcomes: list[Outcome]) -> list[Outcome]:
    """Return outcomes without the sentences that say at which character a record is damaged."""
    return [msgspec.structs.replace(o, detail="") if isinstance(o, Rejected) else o for o in outcomes]


def _check_exposures(activities: list[Activity], raw: RawRecord, exposer: Exposer) -> None:
    assembler = Assembler()
    start = time.process_time()
    for activity in activities:
        assembler.feed(activity)
    assembler.advance(raw.offset)
    assembler.announce_cut()
    assembler.cut()
    merged = assembler.take()
    exposures = [exposer.expose(activity) for activity in merged]
    _check_time(start)
    if sum(activity.records for activity in merged) != len(activities):
        raise BrokenPromiseError("merging lost or doubled records")
    for exposure in exposures:
        if msgspec.json.decode(msgspec.json.encode(exposure), type=Exposure) != exposure:
            raise BrokenPromiseError("an exposure is another one after it was encoded and decoded")
        if leaks := leaks_of_exposure(exposure):
            raise BrokenPromiseError(f"planted values in {', '.join(leaks)}")


def _check_time(start: float) -> None:
    seconds = time.process_time() - start
    if seconds > MOST_SECONDS:
        raise BrokenPromiseError(f"it took {seconds:.1f} s")


def _check_size(out_bytes: int, in_bytes: int) -> None:
    # Envelopes are packed, but the fuzzer makes no bombs that are worth more than this.
    if out_bytes > MOST_TIMES_LARGER * (in_bytes + MOST_BYTES_MORE):
        raise BrokenPromiseError(f"{in_bytes} bytes became {out_bytes}")


CHECKS = {"record": check_record, "statement": check_statement, "mapping": check_mapping}
