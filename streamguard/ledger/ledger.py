"""What everybody who looks back may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from streamguard.activity import Exposure


class Span(NamedTuple):
    """A piece of event time, in milliseconds: ``from_ms`` is in it, ``to_ms`` no longer."""

    from_ms: int
    to_ms: int


class Ledger(Protocol):
    """Exposures of personal data, each once, however often they were delivered."""

    def exposures(self, span: Span, employees: Collection[str] | None = None) -> Iterator[Exposure]:
        """Return exposures in the order of (time, origin).

        What an investigation needs of them is there: whose hands, when, from where and with which program; statement
        without literals, tables, columns, verdicts, regions; rows, bounds, slices; keyed hashes of data subjects.

        Parameters
        ----------
        span
            In which they happened.
        employees
            Whose; None: everybody's.
        """
        ...

    def complete_until(self) -> int | None:
        """Return the event time up to which every partition was taken in; None: nothing was yet."""
        ...
