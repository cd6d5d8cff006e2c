"""What to do about a server or program that this machine does not have."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it where ``STREAMGUARD_CI=1`` says that everything must be there."""
    if os.environ.get("STREAMGUARD_CI") == "1":
        pytest.fail(f"{reason}, and STREAMGUARD_CI=1 allows no skipping")
    pytest.skip(reason)
