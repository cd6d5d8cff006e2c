"""Where what steers detection goes: the shards of employees and groups at a moment, and who moves with which change."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.activity import Account, Activity, Origin
from streamguard.exposure import (
    Catalogue,
    Directory,
    DirectoryHistory,
    Employee,
    Exposer,
    ExposureConfig,
    Login,
    Move,
    Moves,
    Person,
)
from streamguard.exposure.moves import LATEST_ARRIVAL_MS
from streamguard.exposure.shared import SharedAccount

CONFIG = ExposureConfig(shard_size=3, unknown_shards=2)
BASE = Directory(
    [(Employee(name, "support"), [Login(name)]) for name in ("ann", "bob", "cid")],
    [
        SharedAccount((Login("etl"),), (), Account.SERVICE),
        SharedAccount((Login("app"),), (), Account.SERVICE, id="portal", group="apps"),
        SharedAccount((Login("dba"),), ()),
    ],
)


def exposer_of(*changes, config=CONFIG):
    """Return an exposer after (moment, id, group or None) in order."""
    history = DirectoryHistory(BASE)
    for offset, (moment, name, group) in enumerate(changes):
        person = None if group is None else Person(Employee(name, group), (Login(name),))
        history.apply(offset, moment, name, person)
    return Exposer(history, Catalogue.empty(), config)


def moves_of(*changes):
    exposer = exposer_of(*changes)
    moves = Moves(exposer.addresses)
    return [moves.at(offset) for offset in range(len(changes))]


def test_who_changes_the_group_moves():
    assert moves_of((1, "ann", "sales"), (2, "ann", "dba"), (3, "ann", "dba"), (4, "eve", "dba"), (5, "ann", None)) == [
        [Move("ann", "support/0", "sales/0")],
        [Move("ann", "sales/0", "dba/0", (0, 0))],
        [],
        [],
        [Move("ann", "dba/0", "support/0", (1, 0))],
    ]


def test_a_group_that_is_spread_anew_moves_those_whom_it_concerns():
    (none, some) = moves_of((1, "dan", "x"), (2, "dan", "support"))
    assert none == []
    exposer = exposer_of((1, "dan", "x"), (2, "dan", "support"))
    now = {name: exposer.addresses.of_employee(name, 2) for name in ("ann", "bob", "cid", "dan")}
    assert set(now.values()) == {"support/0", "support/1"}
    expected = [Move(name, "support/0", now[name]) for name in ("ann", "bob", "cid") if now[name] != "support/0"]
    assert some == [*expected, Move("dan", "x/0", now["dan"])]


def test_what_was_long_ago_is_not_waited_for():
    (_, late), (_, later) = (
        moves_of((1, "ann", "sales"), (1 + LATEST_ARRIVAL_MS - early, "ann", "dba")) for early in (1, 0)
    )
    assert (late[0].after, later[0].after) == ((0, 0), None)


def test_shards_of_groups_and_of_accounts():
    addresses = exposer_of((5, "dan", "support")).addresses
    assert addresses.of_group("support", 4) == ("support/0",)
    assert addresses.of_group("support", 5) == ("support/0", "support/1")
    assert addresses.of_group("unknown", 0) == ("unknown/0", "unknown/1")
    assert (addresses.of_group("nobody", 5), addresses.of_group("apps", 5)) == ((), ("apps/0",))
    assert (addresses.of_employee("dan", 4), addresses.of_employee("nobody", 5)) == (None, None)
    assert (addresses.of_employee("portal", 5), addresses.of_employee("service:etl", 5)) == ("apps/0", "service/0")
    assert addresses.of_employee("service:app", 5) is None


NAMES = st.sampled_from(["ann", "bob", "cid", "dan", "eve"])
CHANGES = st.lists(st.tuples(NAMES, st.sampled_from(["support", "sales", None])), max_size=12)


@settings(deadline=None)
@given(CHANGES)
def test_addresses_are_those_of_the_activities_at_any_moment(told):
    changes = [(moment, *change) for moment, change in enumerate(told, 1)]
    exposer = exposer_of(*changes)
    for moment in range(len(changes) + 1):
        for login in ("ann", "dan", "etl", "app", "dba", "mallory"):
            activity = Activity(
                origin=Origin("t", 0, 0, 0, 0),
                time_ms=0,
                source="s",
                user=login,
                statement_key="",
                produced_ms=moment,
            )
            seen = exposer.expose(activity)
            assert exposer.addresses.of_employee(seen.employee, moment) == seen.shard
            assert seen.shard in exposer.addresses.of_group(seen.peer_group, moment)


@settings(deadline=None)
@given(CHANGES)
def test_moves_lead_from_where_everybody_was_to_where_everybody_is(told):
    changes = [(moment, *change) for moment, change in enumerate(told, 1)]
    addresses = exposer_of(*changes).addresses
    moves, last = Moves(addresses), {}
    for offset, (moment, _, _) in enumerate(changes):
        expected = {}
        for name in ("ann", "bob", "cid", "dan", "eve"):
            before, now = addresses.of_employee(name, moment - 1), addresses.of_employee(name, moment)
            if before != now and before is not None and now is not None:
                expected[name] = (before, now, last.get(name))
        found = moves.at(offset)
        assert {move.employee: tuple(move[1:]) for move in found} == expected
        assert [move.employee for move in found] == sorted(expected)
        last |= {move.employee: (offset, index) for index, move in enumerate(found)}
