"""Inputs that once broke a promise: kept by ``make fuzz``, tried for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz.check import CHECKS

CORPUS = Path(__file__).parents[2] / "fuzz" / "corpus"
INPUTS = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_breaks_no_promise_any_more(path):
    CHECKS[path.parent.name](path.read_bytes())
