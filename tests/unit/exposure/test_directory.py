"""Logins: names and patterns, how close a scope is, and case that does not count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.exposure import Directory, Employee, Login
from streamguard.exposure.logins import plain_login
from streamguard.exposure.patterns import MAX_TEXT, Pattern, PatternError


def owned_by(**logins):
    """Return a directory in which each employee, by id, has one or several logins."""
    listed = {name: login if isinstance(login, list) else [login] for name, login in logins.items()}
    return Directory([(Employee(name, "g"), some) for name, some in listed.items()])


def found(directory, *where, **scope):
    owner = directory.identify(*where, **scope)
    return owner.id if owner is not None else None


LAYERS = {
    "everywhere": Login("x"),
    "family": Login("x", source="postgresql"),
    "form": Login("x", source="postgresql.jsonlog"),
    "database": Login("x", database="crm"),
    "instance": Login("x", instance="eu"),
    "both": Login("x", instance="eu", database="crm"),
    "all": Login("x", instance="eu", database="crm", source="postgresql"),
}
CLOSEST_FIRST = ["all", "both", "instance", "database", "form", "family", "everywhere"]


@pytest.mark.parametrize("is_pattern", [False, True])
def test_the_closest_scope_counts(is_pattern):
    remaining = dict(LAYERS)
    for closest in CLOSEST_FIRST:
        logins = {name: Login("x", o.instance, o.database, o.source, is_pattern) for name, o in remaining.items()}
        assert found(owned_by(**logins), "x", "eu", "crm", "postgresql.jsonlog") == closest
        del remaining[closest]


def test_a_scope_says_nothing_of_other_places():
    directory = owned_by(a=Login("x", source="snowflake"), b=Login("y", instance="eu"), c=Login("z", database="crm"))
    assert found(directory, "x", source="postgresql.jsonlog") is None
    assert found(directory, "x", source="snowflakes.other") is None
    assert found(directory, "x", source="snowflake") == "a"
    assert found(directory, "y", "us") is None
    assert found(directory, "z", "eu", "shop") is None


def test_a_name_goes_before_a_pattern_and_the_first_pattern_before_the_next():
    directory = owned_by(p=Login("svc_.*", is_pattern=True), q=Login("svc_b.*", is_pattern=True), n=Login("svc_bill"))
    assert found(directory, "svc_bill") == "n"
    assert found(directory, "svc_bob") == "p"
    assert found(directory, "my_svc_bob") is None


@pytest.mark.parametrize("spelling", ["bob@corp", "BOB@Corp", "CORP\\Bob", "corp\\BOB"])
def test_case_and_the_way_a_domain_is_written_do_not_count_if_so_told(spelling):
    exact = [(Employee("bob", "g"), [Login("Bob@CORP")])]
    assert Directory(exact, ignore_case=True).identify(spelling).id == "bob"
    assert Directory(exact).identify(spelling) is None
    patterns = [(Employee("bob", "g"), [Login(r"(corp\\)?BOB(@corp)?", is_pattern=True)])]
    assert Directory(patterns, ignore_case=True).identify(spelling).id == "bob"


@given(st.text())
def test_a_plain_login_keeps_its_case_folded(text):
    assert plain_login(text) == plain_login(text.casefold())
    assert plain_login("x") != plain_login("x@y")


@pytest.mark.parametrize(
    "text", ["(a", "(?=a)x", r"(a)\1", "(?<!x)y", "a{9999}", "((a{100}){100}){100}", "x" * 501, "\ud800"]
)
def test_patterns_that_could_take_long_are_refused(text):
    with pytest.raises(PatternError):
        Pattern(text)


@pytest.mark.parametrize("text", ["(a+)+$", "(a|a)*$", "(a*)*b", ".*.*.*.*.*=(?P<login>x)"])
def test_patterns_that_make_others_backtrack_are_matched_at_once(text):
    """With a backtracking matcher these take longer than the test's time-out: 2^200 steps."""
    pattern = Pattern(text)
    assert not pattern.is_whole("a" * (MAX_TEXT - 1) + "!")


def test_only_the_beginning_of_a_text_is_looked_at():
    pattern = Pattern("user:(?P<login>[a-z]+)")
    assert pattern.login("." * 190 + "user:bob") == "bob"
    assert pattern.login("." * 193 + "user:bob") == "bo"
    assert pattern.login("." * 200 + "user:bob") is None
    assert not Pattern("a*").is_whole("a" * (MAX_TEXT + 1))


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text):
    found_login = Pattern(r"(?P<login>\S+)").login(text)
    assert found_login is None or found_login
    Pattern(".*").is_whole(text)


def test_a_group_that_took_no_part_is_no_login():
    assert Pattern("a(?P<login>b)?").login("a") is None
    assert Pattern("a(?P<login>b*)").login("a") is None
