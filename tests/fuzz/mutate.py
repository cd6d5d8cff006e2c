"""Changes that keep a JSON record JSON, so that they reach what stands behind its parser."""

from __future__ import annotations

import base64
import gzip
import random
from typing import TYPE_CHECKING, Any

import orjson

from fuzz.canaries import EMAIL, NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable

    Mutate = Callable[[bytes, int], bytes]

_PLAIN_SHARE = 0.3
"""Of the changes that libFuzzer makes itself, byte by byte."""
_MOST_CHANGES = 4
_HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**53, 2**63 - 1, -(2**63), 2**64 - 1, 1e308, -0.0, 0.5, "", " ", "0", "-1", "null",
    "NULL", "1e999", "9" * 40, "\x00", "\ud7ff", "é", "'", '"', "\\", "\n", ",", ".", "..", "a.b.c.d", "*", EMAIL,
    f"'{EMAIL}'", f"select * from t where email = '{EMAIL}'", NUMBER, f"x=({NUMBER})", "2026-11-22T03:57:28Z",
    "2026-11-22 03:57:28.833 UTC", "0001-01-01T00:00:00+23:59", "9999-12-31 23:59:59 UTC", [], {}, [[]], [{}], [None],
    ["", 1, None, {}], {"": None}, "{}", "[]", "[[1]]", '{"a":1}', [0] * 50, "x" * 3000, "(" * 200,
)  # fmt: skip


class JsonMutator:
    """A custom mutator of libFuzzer for inputs of one byte and a JSON text (behind a line, for some targets).

    Parameters
    ----------
    mutate
        libFuzzer's own mutation.
    words
        Names that members may get.
    has_line
        Whether a line stands before the JSON.
    """

    def __init__(self, mutate: Mutate, words: list[str], *, has_line: bool) -> None:
        self._mutate = mutate
        self._words = words
        self._has_line = has_line

    def __call__(self, data: bytes, max_size: int, seed: int) -> bytes:
        """Return a changed input of at most ``max_size`` bytes."""
        chance = random.Random(seed)
        if chance.random() < _PLAIN_SHARE:
            return self._mutate(data, max_size)
        head, body = self._split(data)
        try:
            value = orjson.loads(body)
            for _ in range(chance.randint(1, _MOST_CHANGES)):
                value = self._changed(value, chance)
            changed = head + self._written(value, chance)
        except (ValueError, TypeError, RecursionError):  # no JSON, or none that can be written any more
            return self._mutate(data, max_size)
        return changed if len(changed) <= max_size else self._mutate(data, max_size)

    def _split(self, data: bytes) -> tuple[bytes, bytes]:
        end = data.find(b"\n") + 1 if self._has_line else 0
        return data[: max(1, end)], data[max(1, end) :]

    def _changed(self, value: Any, chance: random.Random) -> Any:
        """Change one place inside a value, chosen by walking down from its root."""
        if isinstance(value, (dict, list)) and value and chance.random() < 0.85:
            keys = list(value) if isinstance(value, dict) else range(len(value))
            key = chance.choice(keys)
            if chance.random() < 0.5:
                value[key] = self._changed(value[key], chance)
            else:
                self._change_member(value, key, chance)
            return value
        if isinstance(value, str):
            return self._changed_text(value, chance)
        return chance.choice(_HOSTILE)

    def _change_member(self, value: Any, key: Any, chance: random.Random) -> None:
        kind = chance.randrange(6)
        if kind == 0:
            del value[key]
        elif kind == 1:
            value[key] = chance.choice(_HOSTILE)
        elif kind == 2:
            value[key] = self._of_other_type(value[key])
        elif isinstance(value, list):
            value.insert(key, value[chance.randrange(len(value))])
        elif kind == 3:
            value[chance.choice(self._words)] = value[key]
        elif kind == 4:
            value[chance.choice(self._words)] = value.pop(key)
        else:
            value[key] = value[chance.choice(list(value))]

    def _changed_text(self, text: str, chance: random.Random) -> Any:
        """Change a text: as JSON inside of it, by its bytes, or by a word put into it."""
        if text[:1] in {"{", "["} and chance.random() < 0.8:
            try:
                return self._written(self._changed(orjson.loads(text), chance), chance).decode()
            except (ValueError, TypeError, RecursionError):
                return text[: chance.randrange(len(text))]
        kind = chance.randrange(4)
        if kind == 0:
            return chance.choice(_HOSTILE)
        if kind == 1:
            place = chance.randint(0, len(text))
            return text[:place] + chance.choice(self._words) + text[place:]
        if kind == 2 and text:
            first, last = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
            return text[:first] + text[last:] if chance.random() < 0.5 else text[:last] + text[first:]
        return self._mutate(text.encode("utf-8", "replace"), len(text) + 64).decode("utf-8", "replace")

    @staticmethod
    def _of_other_type(value: Any) -> Any:
        if isinstance(value, str):
            return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else [value]
        if isinstance(value, (dict, list)):
            return orjson.dumps(value).decode()
        return str(value)

    @staticmethod
    def _written(value: Any, chance: random.Random) -> bytes:
        """Write a value, sometimes inside an envelope."""
        text = orjson.dumps(value)
        kind = chance.randrange(60)
        if kind == 0:
            return b"[" + text + b"," + text + b"]"
        if kind == 1:
            return text + b"\n" + text
        if kind == 2:
            return orjson.dumps({"message": text.decode(), "host": {"name": "db1"}})
        if kind == 3:
            return orjson.dumps({"logEvents": [{"message": text.decode()}] * 2, "logStream": "s"})
        if kind == 4:
            return orjson.dumps({"records": [value]})
        if kind == 5:
            data = base64.b64encode(gzip.compress(text, 1, mtime=0)).decode()
            return orjson.dumps({"awslogs": {"data": data}})
        return text
