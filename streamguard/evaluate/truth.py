"""The truth about a recorded world: who took what, and when. File format ``truth.json``, version 1."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.located import ConfigurationError, Mistake

if TYPE_CHECKING:
    from pathlib import Path

TRUTH_VERSION: Final = 1
DAY_MS: Final = 86_400_000


class Attack(msgspec.Struct, frozen=True, kw_only=True):
    """One theft.

    Parameters
    ----------
    scenario
        Its kind, in snake_case.
    employees
        Ids of those whose accounts took part.
    start_ms, end_ms
        Event time of its first and last statement, milliseconds.
    activity_ids
        ``metadata.uid`` of its statements.
    rows
        Records taken in all; what the log does not count is the difference to what it counts.
    people
        Different data subjects among them, if known.
    tables, categories
        What was taken.
    strength
        Of scenarios that come in several: the factor by which a frog grows each day, the multiple of an own day.
    """

    scenario: str
    employees: tuple[str, ...]
    start_ms: int
    end_ms: int
    activity_ids: tuple[str, ...]
    rows: int
    people: int | None = None
    tables: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    strength: float | None = None


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a world.

    Parameters
    ----------
    version
        Of the format.
    start
        First day, ISO 8601.
    days
        How many days there are.
    evaluate_from_day
        Number of the first day that counts, from 0: before it, detectors learn.
    attacks
        Every attack; whatever is not in one is benign.
    seed
        Of a simulated world.
    """

    version: int
    start: str
    days: int
    evaluate_from_day: int = 21
    attacks: tuple[Attack, ...] = ()
    seed: int | None = None

    @property
    def start_ms(self) -> int:
        """Midnight UTC of the first day, milliseconds since 1970."""
        return round(datetime.combine(date.fromisoformat(self.start), time.min, UTC).timestamp() * 1000)


_decode = msgspec.json.Decoder(Truth).decode


def read_truth(path: Path) -> Truth:
    """Read and check a ``truth.json``.

    Raises
    ------
    ConfigurationError
        If it is none, or with everything that does not fit together.
    """
    try:
        truth = _decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError([Mistake(str(path), 0, 0, str(error))]) from error
    if mistakes := [Mistake(str(path), 0, 0, message) for message in _mistakes(truth)]:
        raise ConfigurationError(mistakes)
    return truth


def _mistakes(truth: Truth) -> list[str]:
    found = []
    if truth.version != TRUTH_VERSION:
        found.append(f"version must be {TRUTH_VERSION}")
    try:
        date.fromisoformat(truth.start)
    except ValueError:
        return [*found, "start must be a date such as 2025-09-01"]
    if not 0 <= truth.evaluate_from_day < truth.days:
        found.append("evaluate_from_day must be from 0 to days - 1")
    end_ms = truth.start_ms + (truth.days + 1) * DAY_MS
    for place, attack in enumerate(truth.attacks):
        where = f"attacks[{place}] ({attack.scenario})"
        if not attack.activity_ids:
            found.append(f"{where} has no activity_ids")
        if not attack.employees:
            found.append(f"{where} has no employees")
        if not truth.start_ms - DAY_MS <= attack.start_ms <= attack.end_ms <= end_ms:
            found.append(f"{where}: start_ms and end_ms must be in order and within the world's days")
        if attack.rows < 0:
            found.append(f"{where}: rows must not be negative")
    return found
