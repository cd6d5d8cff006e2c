"""Labelled columns, and how well they are recognised."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from streamguard.discovery.facts import ColumnFacts, TableFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.discovery.guesses import Guesser

HERE = Path(__file__).parent


@dataclass
class Score:
    """Counts over labelled columns."""

    columns: int = 0
    right: int = 0
    """Personal columns that got a right category."""
    wrong: int = 0
    """Columns that got a wrong category, or one though they hold none."""
    missed: int = 0
    """Personal columns without a category."""
    called_harmless: int = 0
    """Personal or free columns that were called harmless: the mistake that hides data."""
    harmless: int = 0
    """Columns without personal data."""
    settled: int = 0
    """Those of them that were called harmless."""
    mistakes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    def __str__(self) -> str:
        return (
            f"{self.columns} columns: precision {self.precision:.3f}, recall {self.recall:.3f}, "
            f"{self.called_harmless} personal called harmless, "
            f"{self.settled} of {self.harmless} harmless ones settled"
        )


def tables(name: str) -> Iterator[tuple[TableFacts, dict[str, str]]]:
    """Yield the labelled tables of a file with what each column holds."""
    told = YAML(typ="safe", pure=True).load((HERE / name).read_text(encoding="utf-8"))
    for group in told.values():
        for table, columns in group.items():
            facts, expected = [], {}
            for column, text in columns.items():
                label, _, comment = text.partition(" -- ")
                type_, expected[column] = label.split()
                facts.append(ColumnFacts(column, type_, comment or None))
            yield TableFacts(table, tuple(facts)), expected


def measure(guesser: Guesser, name: str) -> Score:
    score = Score()
    for table, expected in tables(name):
        for column, guess in zip(table.columns, guesser.guess(table).columns, strict=True):
            _count(score, f"{table.name}.{column.name} ({column.type})", expected[column.name], guess)
    return score


def _count(score, where, expected, guess):
    score.columns += 1
    labels = set(expected.split("|"))
    personal = guess.category not in {"none", "unknown"}
    if labels & {"none", "free"} and not personal:
        score.harmless += "none" in labels
        score.settled += guess.category == "none" and "none" in labels
        score.called_harmless += guess.category == "none" and "free" in labels
        ok = guess.category == "unknown" or "none" in labels
    elif personal:
        ok = guess.category in labels
        score.right, score.wrong = score.right + ok, score.wrong + (not ok)
        score.missed += not ok and not labels & {"none", "free"}
    else:
        ok = False
        score.missed += 1
        score.called_harmless += guess.category == "none"
    if not ok:
        score.mistakes.append(f"{where}: {expected}, got {guess.category} {guess.confidence:.2f} ({guess.because})")
