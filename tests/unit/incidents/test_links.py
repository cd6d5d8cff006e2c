"""When two findings belong together, and when they must not."""

from __future__ import annotations

import random

import pytest
from unit.incidents.incident_findings import DAY_MS, HOUR_MS, people, told

from streamguard.incidents import Casebook
from streamguard.incidents.links import share_people

ALICE = told("a", "alice", subjects=range(10), shapes=("5e1f",), tools=("dumper",), news=("table:crm.vip",))


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (told("x", "alice", 7 * DAY_MS), "employee"),
        (told("x", "alice", 7 * DAY_MS + 1), None),
        (told("x", "alice", 10 * DAY_MS, first_ms=6 * DAY_MS), "employee"),
        (told("x", "alice", 13 * DAY_MS, shapes=("5e1f",)), "shape"),
        (told("x", "bob", 14 * DAY_MS, subjects=range(5, 15)), "subjects"),
        (told("x", "bob", 14 * DAY_MS + 1, subjects=range(5, 15)), None),
        (told("x", "bob", DAY_MS, subjects=(1, 2)), None),
        (told("x", "bob", DAY_MS, subjects=(1, 2, 3, *range(100, 110))), None),
        (told("x", "bob", DAY_MS, tools=("dumper",)), "tool"),
        (told("x", "bob", DAY_MS, tools=("dumper",), shapes=("5e1f",)), "shape"),
        (told("x", "bob", HOUR_MS // 2), None),
        (told("x", "bob", HOUR_MS // 2, news=("table:crm.vip",)), "window"),
        (told("x", "bob", HOUR_MS, news=("table:crm.vip",)), None),
        (told("x", "bob", HOUR_MS // 2, news=("client:10.0.0.0/24",)), None),
    ],
)
def test_what_two_findings_have_in_common_decides(other, kind):
    for pair in ((ALICE, other), (other, ALICE)):
        book = Casebook()
        for one in pair:
            book.take_finding(one)
        found = book.incidents()
        assert [member.joined for incident in found for member in incident.members[1:]] == ([kind] if kind else [])


def test_samples_show_a_part_of_a_large_export():
    """Whoever took a third of what another took shares people; two who took different ones do not."""
    random_ = random.Random(1)
    everybody = [random_.getrandbits(64) for _ in range(3_000)]

    def sample(numbers):
        return people(*sorted(numbers)[:32])

    assert share_people(sample(everybody[:1_000]), sample(everybody[700:1_000]))
    assert not share_people(sample(everybody[:1_000]), sample(everybody[1_000:2_000]))
    assert not share_people(sample(everybody[:1_000]), sample([*everybody[:20], *everybody[1_000:1_500]]))
    assert not share_people((), sample(everybody))
