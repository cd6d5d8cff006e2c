"""Inputs that once broke a promise: kept by ``make fuzz``, tried for ever; and the samples with planted values."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from fuzz.canaries import EMAIL, NUMBER
from fuzz.check import CHECKS, CONFIG
from fuzz.seeds import planted_records

from streamguard.activity import Activity, RawRecord
from streamguard.sources import Decoder

CORPUS = Path(__file__).parents[2] / "fuzz" / "corpus"
INPUTS = sorted(path for path in CORPUS.rglob("*") if path.is_file())
MOST_OF_THE_SAMPLES = 900
"""Their records with a literal that a value can be planted in are some more."""


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_breaks_no_promise_any_more(path):
    CHECKS[path.parent.name](path.read_bytes())


def test_no_literal_of_the_samples_is_given_out():
    decoder = Decoder(CONFIG)
    records = planted_records()
    assert len(records) > MOST_OF_THE_SAMPLES
    left = [
        (name, field)
        for name, record in records
        for outcome in decoder.decode(RawRecord("fuzz", 0, 0, 0, None, record))
        for field, value in msgspec.to_builtins(_told(outcome)).items()
        if EMAIL in str(value).lower() or NUMBER in str(value)
    ]
    assert left == []


def _told(outcome):
    """Return an outcome without the comment, which may hold anything and ends in the exposure room."""
    return msgspec.structs.replace(outcome, comment=None) if isinstance(outcome, Activity) else outcome
