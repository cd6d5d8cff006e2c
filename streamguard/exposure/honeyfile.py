"""How a catalogue file marks planted records: ``honey: true`` of a whole table, or columns with planted keys.

::

    honey: true
    honey: {column: id, keys: [900001, 900002]}                 # in clear, hashed while the file is read
    honey:
      - {column: id, hashes: [5d41402abc4b2a76b9719d911017c592]}  # by `streamguard catalog hash`
      - {column: email, keys: [eve@example.com]}

No message repeats a key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from streamguard.exposure.honey import Honey
from streamguard.sources.statement import subject_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamguard.filecheck import FileCheck
    from streamguard.located import Place

_HASH: Final = re.compile(r"[0-9a-f]{32}")


class HoneyReader:
    """Reads what the tables of one file say of planted records.

    Parameters
    ----------
    check
        Where mistakes go.
    subject_key
        Secret that hashes keys; None: there is none, so that no statement could show a touch, and keys are mistakes.
    form_only
        Whether only the form counts: then a missing secret is no mistake.
    """

    def __init__(self, check: FileCheck, subject_key: bytes | None, *, form_only: bool) -> None:
        self._check = check
        self._subject_key = subject_key
        self._form_only = form_only

    def read(self, place: Place, value: Any, columns: Iterable[str]) -> Honey | None:
        """Return what is planted; None where it is said wrongly.

        Parameters
        ----------
        place
            Of the setting ``honey``.
        value
            What the file says there.
        columns
            Names of the table's columns, in lower case.
        """
        if value is True:
            return Honey(whole_table=True)
        entries = value if isinstance(value, list) and value else [value]
        if not all(isinstance(entry, dict) for entry in entries):
            self._check.mistake(place, "honey is true for a whole table, else column and keys (or a list of these)")
            return None
        if self._subject_key is None and not self._form_only:
            self._check.mistake(
                place,
                "planted keys are hashed with the setting sources.subject_key, as the keys in statements are, and it "
                "is not set: no touch would ever be seen",
            )
        keys: dict[str, frozenset[str]] = {}
        known = list(columns)
        for number, entry in enumerate(entries):
            at = (*place, number) if isinstance(value, list) else place
            column, hashes = self._entry(at, entry, known)
            keys[column] = keys.get(column, frozenset()).union(hashes)
        return Honey(keys=keys)

    def _entry(self, place: Place, entry: Any, known: list[str]) -> tuple[str, set[str]]:
        fields = self._check.mapping(place, entry, ("column", "keys", "hashes"))
        column = (self._check.text(place, fields, "column", required=True) or "").lower()
        if column and known and column not in known:
            self._check.unknown((*place, "column"), "column", column, known)
        if "keys" not in fields and "hashes" not in fields:
            self._check.mistake(place, "keys of planted rows are missing (keys, or hashes of them)")
        return column, {*self._hashed(place, fields), *self._hashes(place, fields)}

    def _hashed(self, place: Place, fields: dict[str, Any]) -> Iterator[str]:
        for index, key in self._items(place, fields, "keys"):
            if isinstance(key, bool) or not isinstance(key, int | str) or not str(key).strip():
                self._check.mistake((*place, "keys", index), "a key is a text (in quotes) or a whole number")
            elif self._subject_key is not None:
                yield subject_hash(self._subject_key, str(key))

    def _hashes(self, place: Place, fields: dict[str, Any]) -> Iterator[str]:
        for index, told in self._items(place, fields, "hashes"):
            if isinstance(told, str) and _HASH.fullmatch(told):
                yield told
            else:
                message = "a hash has 32 hexadecimal digits (in quotes), as `streamguard catalog hash` prints them"
                self._check.mistake((*place, "hashes", index), message)

    def _items(self, place: Place, fields: dict[str, Any], name: str) -> list[tuple[int, Any]]:
        return list(enumerate(self._check.sequence((*place, name), fields[name]))) if name in fields else []
