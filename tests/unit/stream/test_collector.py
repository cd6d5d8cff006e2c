"""The garbage collector while a worker runs, and afterwards."""

from __future__ import annotations

import gc

from streamguard.stream.collector import seldom_collecting


def test_cycles_are_searched_for_seldom_while_it_lasts_and_as_before_afterwards():
    before = gc.get_threshold()
    with seldom_collecting():
        assert gc.get_threshold()[0] > before[0]
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_cycles_are_still_found():
    class Node:
        pass

    with seldom_collecting():
        node = Node()
        node.itself = node
        del node
        assert gc.collect() > 0
