"""One lexicon for all tests of this room: reading it takes half a second."""

from __future__ import annotations

import pytest

from streamguard.discovery import Drafter, Lexicon
from streamguard.discovery.recognise import Recogniser


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return Lexicon.load()


@pytest.fixture(scope="session")
def recogniser(lexicon: Lexicon) -> Recogniser:
    return Recogniser(lexicon)


@pytest.fixture(scope="session")
def drafter(lexicon: Lexicon) -> Drafter:
    return Drafter(lexicon)
