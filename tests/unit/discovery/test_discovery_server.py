"""Data source names: what is wrong with them is said without their passwords. No server is needed."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from streamguard.discovery import DiscoveryError
from streamguard.discovery import server as room
from streamguard.discovery.survey import survey

SECRET = "p@ss/w:rd"
QUOTED = "p%40ss%2Fw%3Ard"


@pytest.mark.parametrize(
    ("dsn", "said"),
    [
        ("nonsense", "one looks like postgresql://"),
        (f"://{SECRET}", "one looks like postgresql://"),
        (f"oracle://u:{QUOTED}@h/d", "there are: mariadb, mysql, postgres, postgresql"),
        (f"postgresql://u:{QUOTED}@127.0.0.1:1/d", "postgresql://127.0.0.1:1/d: "),
        (f"mysql://u:{QUOTED}@127.0.0.1:1/d", "mysql://127.0.0.1:1/d: "),
        (f"mysql://u:{QUOTED}@127.0.0.1:1/d?frob=1", "does not know an option"),
        (f"postgresql://u:{QUOTED}@127.0.0.1:1/d?frob=1", "frob"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(dsn, said):
    with pytest.raises(DiscoveryError) as caught:
        survey(dsn)
    assert said in str(caught.value)
    for secret in (SECRET, QUOTED):
        assert secret not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_driver_is_said_with_what_to_do(monkeypatch):
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    with pytest.raises(DiscoveryError, match=r"driver pymysql is missing: pip install 'streamguard\[scan\]'"):
        survey("mysql://u@h/d")


def test_a_password_that_a_driver_repeats_is_taken_out():
    url, _ = room.parse(f"postgresql://u:{QUOTED}@h/d")
    error = OperationalError("", {}, Exception(f"bad {SECRET} or {QUOTED}\n at"))
    assert room._said(error, url) == "bad *** or *** at"
