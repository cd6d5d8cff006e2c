"""Who was behind a login, when: changes, their order, and what compaction must not change."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.exposure import Directory, DirectoryHistory, Employee, Login, Person

BASE = Directory([(Employee("alice", "support"), [Login("app"), Login("alice")])])


def person(name, *logins, group="support", zone="UTC"):
    made = tuple(Login(login, is_pattern="*" in login) for login in logins)
    return Person(Employee(name, group, zone), made)


def told(*changes, base=BASE):
    """Return the history of (moment, id, person) in order."""
    history = DirectoryHistory(base)
    for offset, change in enumerate(changes):
        history.apply(offset, *change)
    return history


def owner(history, moment_ms, login="app"):
    found = history.at(moment_ms).identify(login)
    return found.id if found is not None else None


def test_a_change_holds_from_its_moment_on():
    history = told((1_000, "bob", person("bob", "app")))
    assert [owner(history, moment) for moment in (0, 999, 1_000, 1_001)] == ["alice", "alice", "bob", "bob"]


def test_later_changes_do_not_change_what_was_true():
    history = told((1_000, "bob", person("bob", "app")))
    early, late = history.at(500), history.at(1_500)
    history.apply(1, 2_000, "carol", person("carol", "app"))
    history.apply(2, 3_000, "carol", None)
    assert (early.identify("app").id, late.identify("app").id) == ("alice", "bob")
    assert [owner(history, moment) for moment in (500, 1_500, 2_500, 3_500)] == ["alice", "bob", "carol", "bob"]


def test_an_override_replaces_the_whole_employee_and_taking_it_back_restores_the_base():
    history = told((1_000, "alice", person("alice", "al", group="finance", zone="Asia/Tokyo")), (2_000, "alice", None))
    assert (owner(history, 1_500, "al"), owner(history, 1_500, "alice")) == ("alice", None)
    changed = history.at(1_500).identify("al")
    assert (changed.group, changed.time_zone) == ("finance", "Asia/Tokyo")
    assert (owner(history, 2_000, "al"), owner(history, 2_000, "alice")) == (None, "alice")
    assert history.at(2_000).identify("alice").group == "support"


def test_an_employee_without_logins_is_gone_even_if_the_base_knows_better():
    history = told((1_000, "alice", person("alice")))
    assert owner(history, 1_000, "alice") is None
    assert history.at(1_000).shards_of("support", 1) == 1


def test_groups_grow_and_shrink_with_their_people():
    history = told(
        (1_000, "bob", person("bob", "b")), (2_000, "bob", person("bob", "b", group="dba")), (3_000, "bob", None)
    )
    sizes = [(history.at(at).shards_of("support", 1), history.at(at).shards_of("dba", 1)) for at in (0, 1_000, 2_000)]
    assert sizes == [(1, 1), (2, 1), (1, 1)]
    assert history.group_size(history.version_at(3_000), "dba") == 0


def test_a_change_never_takes_effect_before_an_earlier_one():
    history = told((2_000, "bob", person("bob", "app")), (1_000, "carol", person("carol", "app")))
    assert [owner(history, moment) for moment in (1_500, 2_000)] == ["alice", "carol"]


def test_what_was_taken_in_is_not_taken_in_again():
    history = told((1_000, "bob", person("bob", "app")), (2_000, "bob", None))
    assert not history.apply(0, 1_000, "bob", person("bob", "app"))
    assert owner(history, 3_000) == "alice"
    assert history.next_offset == 2


def test_saying_the_same_again_is_no_new_version():
    history = told((1_000, "bob", person("bob", "b")), (2_000, "bob", person("bob", "b")))
    assert history.version_at(5_000) == 1


def test_a_pattern_that_is_said_again_and_again_is_one_claim():
    # Logins that are patterns can always meet those of others.
    made = Person(Employee("bob", "support"), (Login("v-.*", is_pattern=True),))
    other = Person(Employee("carol", "support"), (Login("v-c.*", is_pattern=True),))
    history = told((1, "bob", made), *((at, "bob", made) for at in range(2, 50)))
    assert history.version_at(100) == 1
    # Somebody else's claim in between is overtaken, once.
    for offset, (name, said) in enumerate([("carol", other), ("carol", other), ("bob", made), ("bob", made)], 50):
        history.apply(offset, offset, name, said)
    assert [owner(history, at, "v-c") for at in (49, 50, 51, 52, 53)] == ["bob", "carol", "carol", "bob", "bob"]
    assert history.version_at(100) == 3


def test_the_bases_order_outlives_a_change_that_was_taken_back():
    base = Directory(
        [(Employee(name, "g"), [Login(pattern, is_pattern=True)]) for name, pattern in (("a", "v.*"), ("b", ".*"))]
    )
    history = told((1, "a", person("a", "x")), (2, "a", None), (3, "b", person("b")), (4, "b", None), base=base)
    assert [owner(history, at, "v1") for at in range(5)] == ["a", "b", "a", "a", "a"]


NAMES = ("alice", "bob", "carol")
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.none() | st.lists(st.sampled_from(("app", "b", "c", "a.*", ".*")), unique=True, max_size=2).map(tuple),
    ),
    max_size=12,
)
MOVES = CHANGES.map(
    lambda some: [
        (at, name, None if logins is None else person(name, *logins)) for at, (name, logins) in enumerate(some)
    ]
)


def answers(history, moments):
    return [owner(history, moment, login) for moment in moments for login in ("app", "b", "c", "alice")]


@settings(max_examples=300)
@given(MOVES, st.integers(0, 12), st.booleans())
def test_compaction_changes_nothing_from_there_on(changes, cleaned, drop_tombstones):
    """Kafka keeps the last record of each key in the part that it cleans, and in the end no record that takes back."""
    last = {name: at for at, name, _ in changes[:cleaned]}
    kept = DirectoryHistory(BASE)
    for at, name, said in changes:
        if at < cleaned and (last[name] != at or (drop_tombstones and said is None)):
            continue
        kept.apply(at, at, name, said)
    moments = range(max(0, cleaned - 1), len(changes) + 1)
    assert answers(kept, moments) == answers(told(*changes), moments)


@given(MOVES, st.integers(0, 12))
def test_the_past_is_the_same_however_much_is_known_of_the_future(changes, known):
    early = told(*changes[:known])
    before = answers(early, range(known))
    for at, name, said in changes[known:]:
        early.apply(at, at, name, said)
    assert answers(early, range(known)) == before == answers(told(*changes), range(known))
