"""Changes of SQL texts by tokens: above all repetition, which is what makes a parser slow."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from sqlglot.dialects.dialect import Dialect

from fuzz.canaries import EMAIL, NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable

    Mutate = Callable[[bytes, int], bytes]

_PLAIN_SHARE = 0.25
"""Of the changes that libFuzzer makes itself, byte by byte."""
_MOST_CHANGES = 4
_MOST_TOKENS = 12
"""Of a span that is repeated."""
_TIMES = (2, 3, 9, 13, 30, 60)
_MANY = 1_000
_SHARE_OF_MANY = 0.02
"""Long inputs are slow and beget others."""
_TOKEN = re.compile(r"\s+|\w+|'[^']*'|\"[^\"]*\"|[^\w\s]")
_PIECES = (
    "(", ")", "[", "]", ",", ".", ";", ":", "::", "*", "->", "||", "=", "?", "$1", "%s", ":1", "--", "/*", "*/", "/*!",
    "'", '"', "`", "$$", "''", "E'\\'", "q'[", "U&'", "N'", "0x1F", "1e5", "{", "}", "@", "#", "\\", "\n", "\t", "\0",
    f"'{EMAIL}'", EMAIL, NUMBER, f"'{NUMBER}'", "(select 1)", "from t", "t.id", "as x", "is null", "limit 5",
    "select email from customers", "where id in (1, 2)", "dblink('select 1')", "with x as (select 1)",
    "copy t to stdout", "declare c cursor for", "unload ('select 1')", "execute immediate 'select 1'", "= any('{1,2}')",
    "offset 5", "limit 2, 5", "where id between 1 and 5", "id > 5 and id <= 9", "order by id desc",
    "row_number() over (order by a) as rn", "rownum <= 9",
)  # fmt: skip


class SqlMutator:
    """A custom mutator of libFuzzer for inputs of one byte, which chooses the dialect, and a SQL text.

    Parameters
    ----------
    mutate
        libFuzzer's own mutation.
    dialects
        How many there are.
    """

    def __init__(self, mutate: Mutate, dialects: int) -> None:
        self._mutate = mutate
        self._dialects = dialects
        keywords = Dialect.get_or_raise(None).tokenizer_class.KEYWORDS
        self._words = (*_PIECES, *sorted({word.lower() for word in keywords if word.isascii()}))

    def __call__(self, data: bytes, max_size: int, seed: int) -> bytes:
        """Return a changed input of at most ``max_size`` bytes."""
        chance = random.Random(seed)
        if len(data) < 2 or chance.random() < _PLAIN_SHARE:
            return self._mutate(data, max_size)
        first = chance.randrange(self._dialects) if chance.random() < 0.2 else data[0]
        tokens = _TOKEN.findall(data[1:].decode("utf-8", "replace")) or [" "]
        for _ in range(chance.randint(1, _MOST_CHANGES)):
            self._change(tokens, chance, max_size)
        return (bytes([first]) + "".join(tokens).encode("utf-8", "replace"))[:max_size]

    def _change(self, tokens: list[str], chance: random.Random, max_size: int) -> None:
        start = chance.randrange(len(tokens) + 1)
        end = min(len(tokens), start + chance.randint(1, _MOST_TOKENS))
        span = tokens[start:end] or [" "]
        kind = chance.randrange(6)
        if kind == 0:
            tokens[start:end] = self._repeated(span, chance, max_size)
        elif kind == 1:
            # Nested: what opens is repeated before, what closes behind.
            times = chance.choice(_TIMES)
            tokens[start:end] = [*([chance.choice(self._words), "("] * times), *span, *([")"] * times)]
        elif kind == 2:
            tokens[start:start] = [" ", chance.choice(self._words), " "]
        elif kind == 3:
            tokens[start:end] = [chance.choice(self._words)]
        elif kind == 4:
            place = chance.randrange(len(tokens) + 1)
            tokens[place:place] = [" ", *span, " "]
        elif len(tokens) > len(span):
            del tokens[start:end]

    @staticmethod
    def _repeated(span: list[str], chance: random.Random, max_size: int) -> list[str]:
        size = sum(map(len, span)) + 1
        times = _MANY if chance.random() < _SHARE_OF_MANY else chance.choice(_TIMES)
        return [*span, " "] * min(times, max(1, max_size // size))
