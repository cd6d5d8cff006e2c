"""Sealed statement texts in the store: they come back, and go before the exposures that they are of."""

from __future__ import annotations

import pytest
from ledger_samples import START_MS, block_of, content, history, kept
from msgspec.structs import replace

from streamguard.ledger import LedgerWriter
from streamguard.ledger.rows import DAY_MS


def sealed(exposure, text):
    return replace(exposure, activity=replace(exposure.activity, sealed=text))


OLD, NEW = history(60)[0], history(60)[-1]


@pytest.fixture
def later():
    """Two exposures of different days."""
    shift = 3 * DAY_MS
    moved = replace(NEW, activity=replace(NEW.activity, time_ms=NEW.activity.time_ms + shift))
    return [sealed(OLD, b"\x01old"), sealed(moved, b"\x01new\xff")]


def test_old_texts_go_and_the_exposures_stay(tmp_path, later):
    floor_ms = START_MS // DAY_MS * DAY_MS + DAY_MS
    with LedgerWriter(tmp_path, threads=1, memory_mb=256) as store:
        store.take(0, 1, block_of(later))
        store.commit()
        assert content(tmp_path) == [kept(one) for one in later]
        store.retire_sealed(floor_ms + 5)
        store.commit()
        bare = [kept(sealed(later[0], None)), kept(later[1])]
        assert content(tmp_path) == bare
        # What comes late, or is built anew from the topic, comes without.
        late = sealed(
            replace(later[0], activity=replace(later[0].activity, origin=later[0].origin._replace(offset=10**6))),
            b"\x01",
        )
        store.take(0, 2, block_of([late]))
        store.commit()
        assert [one.activity.sealed for one in content(tmp_path)] == [None, None, b"\x01new\xff"]
    files = b"".join(path.read_bytes() for path in tmp_path.glob("*.parquet"))
    assert b"\x01old" not in files
    assert b"\x01new\xff" in files
