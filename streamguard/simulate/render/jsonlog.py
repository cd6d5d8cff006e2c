"""PostgreSQL's jsonlog with pgaudit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from streamguard.simulate.render.journal import Journals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.simulate.moment import Moment


class JsonlogLines:
    """Writes moments as lines of jsonlog."""

    def __init__(self, _seed: int) -> None:
        self._journals = Journals()

    def lines(self, moment: Moment) -> Iterator[bytes]:
        """Write one moment."""
        return map(orjson.dumps, self._journals.records(moment))
