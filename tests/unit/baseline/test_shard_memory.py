"""The memory over a store: lazy, and forgetful only of what the store has."""

from __future__ import annotations

from streamguard.baseline.memory import MOST_DECODED, ShardMemory


class Store(dict):
    def __init__(self):
        super().__init__()
        self.read = []

    def load(self, key):
        self.read.append(key)
        return self.get(key)


def changed(memory, names):
    for name in names:
        memory.employee(name).recent = [7]


def test_only_what_is_asked_for_is_read():
    store = Store()
    store.update(dict(filled(store)))
    store.read.clear()
    ShardMemory(store.load).employee("p3")
    assert store.read == [b"e:p3"]


def filled(store, people=5):
    memory = ShardMemory(store.load)
    changed(memory, [f"p{number}" for number in range(people)])
    return memory.drain()


def test_a_drain_gives_what_changed_sorted_and_once():
    memory = ShardMemory({}.get)
    changed(memory, ["b", "a", "b"])
    assert [key for key, _ in memory.drain()] == [b"e:a", b"e:b"]
    assert memory.drain() == []


def test_idle_employees_are_let_go_once_the_store_has_them():
    store = Store()
    memory = ShardMemory(store.load)
    names = [f"p{number:03d}" for number in range(MOST_DECODED + 50)]
    changed(memory, names)
    entries = memory.drain()
    assert memory.decoded == len(names)
    store.update(entries)
    memory.drain()
    assert memory.decoded == MOST_DECODED
    assert memory.employee(names[0]).recent == [7]


def test_what_the_store_lacks_is_kept():
    memory = ShardMemory({}.get)
    names = [f"p{number:03d}" for number in range(MOST_DECODED + 50)]
    changed(memory, names)
    memory.drain()
    memory.drain()
    assert memory.employee(names[0]).recent == [7]


def test_reading_changes_nothing():
    memory = ShardMemory({}.get)
    assert memory.peek("nobody") is None
    assert memory.drain() == []
