"""Who speaks through an account that several people use, and what the file may say of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Account, Activity, Origin
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.located import ConfigurationError

FILE = r"""
case_insensitive_logins: true
groups:
  support: {}
  batch: {account: service}
employees:
  - {id: jdoe, group: support, logins: [jdoe, j.doe]}
  - {id: asmith, group: support, time_zone: Asia/Tokyo}
shared_accounts:
  - login: app_ro
    person_from:
      - application: "^psql-(?P<login>[a-z._]+)$"
      - comment: "user:(?P<login>\\S+)"
      - query_tag: "^(?P<login>[^;]+);"
      - proxy_user: true
      - client: {10.1.2.3: jdoe}
    otherwise: service
    id: portal
    group: batch
    time_zone: Europe/Berlin
  - pattern: "v-(oidc|ldap)-.*"
    source: postgresql
    person_from:
      - login: "^v-[a-z]+-(?P<login>.+)-[0-9]+$"
  - login: etl
    person_from: [{proxy_user: "(?P<login>.*)@corp"}]
    otherwise: service
    group: batch
"""


def load(tmp_path, text, name="identities.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return Directory.load(path)


@pytest.fixture(scope="module")
def exposer(tmp_path_factory):
    return Exposer(load(tmp_path_factory.mktemp("shared"), FILE), Catalogue.empty())


def activity(user="app_ro", **said):
    fields = {"origin": Origin("t", 0, 0, 1, 0), "time_ms": 0, "source": "postgresql.jsonlog", "statement_key": "1"}
    return Activity(user=user, **(fields | said))


@pytest.mark.parametrize(
    ("said", "employee", "account"),
    [
        ({"application": "psql-j.doe"}, "jdoe", Account.HUMAN),
        ({"application": "psql-J.DOE"}, "portal", Account.SERVICE),
        ({"application": "psql"}, "portal", Account.SERVICE),
        ({"comment": "job user:asmith x"}, "asmith", Account.HUMAN),
        ({"comment": "job user:ASMITH x"}, "asmith", Account.HUMAN),
        ({"query_tag": "asmith;daily"}, "asmith", Account.HUMAN),
        ({"proxy_user": "jdoe"}, "jdoe", Account.HUMAN),
        ({"client": "10.1.2.3"}, "jdoe", Account.HUMAN),
        ({"client": "10.1.2.4"}, "portal", Account.SERVICE),
        ({}, "portal", Account.SERVICE),
        # A client cannot make itself an employee whom nobody knows; the server can name one.
        ({"application": "psql-mallory", "comment": "user:asmith"}, "asmith", Account.HUMAN),
        ({"application": "psql-mallory"}, "portal", Account.SERVICE),
        ({"comment": "user:mallory", "query_tag": "trudy;"}, "portal", Account.SERVICE),
        ({"application": "psql-x", "proxy_user": "mallory"}, "login:mallory", Account.UNKNOWN),
        ({"application": "", "comment": "user:asmith"}, "asmith", Account.HUMAN),
        # Who claims to be the account itself, or another shared one, says nothing.
        ({"application": "psql-app_ro", "comment": "user:etl", "proxy_user": "jdoe"}, "jdoe", Account.HUMAN),
    ],
)
def test_hints_are_asked_in_their_order(exposer, said, employee, account):
    found = exposer.expose(activity(**said))
    assert (found.employee, found.account) == (employee, account)


def test_the_service_behind_a_shared_account_is_as_the_file_says(exposer):
    found = exposer.expose(activity())
    assert (found.peer_group, found.shard, found.utc_offset_minutes) == ("batch", "batch/0", 60)
    assert exposer.expose(activity(user="ETL")).employee == "service:etl"


def test_the_person_keeps_group_and_time_zone(exposer):
    found = exposer.expose(activity(comment="user:asmith"))
    assert (found.peer_group, found.utc_offset_minutes) == ("support", 540)


def test_accounts_by_pattern_and_nobody_found(exposer):
    assert exposer.expose(activity(user="v-oidc-jdoe-1700000000")).employee == "jdoe"
    lost = exposer.expose(activity(user="V-oidc-x"))
    assert (lost.employee, lost.account, lost.peer_group) == ("login:v-oidc-x", Account.UNKNOWN, "unknown")
    assert exposer.expose(activity(user="v-oidc-jdoe-17", source="snowflake")).employee != "jdoe"


def test_comment_and_query_tag_end_here(exposer):
    said = activity(comment="user:asmith x@y.example", query_tag="asmith;4711", application="psql-x", proxy_user="p")
    passed = exposer.expose(said).activity
    assert (passed.comment, passed.query_tag) == (None, None)
    assert (passed.application, passed.proxy_user) == ("psql-x", "p")
    plain = activity(application="psql-x")
    assert exposer.expose(plain).activity is plain


texts = st.none() | st.text(max_size=250)


@given(
    st.builds(
        activity,
        st.text(),
        application=texts,
        comment=texts,
        query_tag=texts,
        proxy_user=texts,
        client=texts,
        source=st.text(),
    )
)
def test_whatever_clients_say_somebody_is_behind_it(exposer, made):
    found = exposer.expose(made)
    assert found.employee
    assert found.shard.startswith(found.peer_group)
    assert found == exposer.expose(made)


def mistakes(tmp_path, text):
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    return {(mistake.line, mistake.message) for mistake in caught.value.mistakes}


def test_every_mistake_is_told_with_its_line(tmp_path):
    text = r"""employees:
  - {id: portal, group: service, logins: [app]}
shared_accounts:
  - login: APP
    person_from:
      - application: "(?P<login>[a-z]+"
      - application: "psql-(.*)"
      - comment: "(?=x)(?P<login>x)"
      - client: {10.0.0.1: 17}
      - client: jdoe
      - proxy_user: false
      - query_tag: true
      - colour: "(?P<login>x)"
      - {application: "(?P<login>x)", comment: "(?P<login>x)"}
    otherwise: sevice
  - person_from: []
    otherwise: service
    id: portal
  - pattern: "x{1001}"
    login: y
  - {pattern: "svc_.*", person_from: [{proxy_user: true}], otherwise: service, id: svc, group: unknown}
  - {login: z, person_from: [{proxy_user: true}], time_zone: UTC}
case_insensitive_logins: yes please
"""
    found = mistakes(tmp_path, text)
    expected = [
        (6, "missing )"),
        (7, "needs a group that is the login"),
        (8, "no pattern that can be matched in linear time"),
        (9, "a login is a text"),
        (10, "client must be a mapping"),
        (11, "proxy_user must be true or a pattern"),
        (12, "query_tag must be a pattern"),
        (13, "there is no setting colour"),
        (14, "one field each"),
        (15, "did you mean service?"),
        (16, "login is missing"),
        (16, "person_from must be a list with at least one entry"),
        (19, "person_from must be a list"),
        (19, "exclude each other"),
        (21, "accounts by pattern are several"),
        (21, "the group unknown is reserved"),
        (22, "time_zone is of use with"),
        (23, "must be true or false"),
    ]
    for line, message in expected:
        assert any(at == line and message in said for at, said in found), (line, message, sorted(found))


def test_logins_and_ids_belong_to_one_only(tmp_path):
    text = """\
case_insensitive_logins: true
employees:
  - {id: portal, group: g, logins: ['CORP\\app', x]}
  - {id: other, group: g, logins: [X]}
shared_accounts:
  - {login: App@corp, person_from: [{proxy_user: true}], otherwise: service, id: portal}
"""
    assert mistakes(tmp_path, text) == {
        (4, "the login X belongs to portal already (line 3)"),
        (6, "the login App@corp belongs to portal already (line 3)"),
        (6, "the id portal is there twice"),
    }


def test_a_file_may_hold_shared_accounts_only(tmp_path):
    directory = load(tmp_path, "shared_accounts:\n  - {login: a, person_from: [{proxy_user: true}]}\n")
    assert directory.people == ()
    assert directory.identify("a") is directory.shared[0]
