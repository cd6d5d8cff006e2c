"""Severity: strangeness, sensitivity and amount, apart from how rare a day is."""

from __future__ import annotations

import msgspec
import pytest
from unit.detect.small_company import ROLES, at, exposure, merged, ordinary

from streamguard.detect import Decider, DetectConfig
from streamguard.findings.severity import confidence, records_at_most, severity


@pytest.fixture(scope="module")
def decision():
    decider = Decider(DetectConfig(), {}.get)
    stream = merged(ordinary(ROLES[0], 1), [exposure("support.03", at(17, 3), 48_210)])
    found = [decision for one in stream if (decision := decider.observe(one)) is not None]
    return found[0]


def changed(decision, *, strangeness=None, **day):
    new = msgspec.structs.replace(decision, day=msgspec.structs.replace(decision.day, **day))
    return new if strangeness is None else msgspec.structs.replace(new, strangeness=strangeness)


@pytest.mark.parametrize(
    ("rows", "sensitivity", "strangeness", "name"),
    [
        (20, 1, 2.4, "Low"),
        (400, 1, 3.0, "Medium"),
        (1500, 2, 4.0, "High"),
        (48_210, 2, 9.0, "Critical"),
        (10**12, 3, 99.0, "Critical"),
        (0, 0, 2.3, "Low"),
    ],
)
def test_severity_by_example(decision, rows, sensitivity, strangeness, name):
    day = changed(decision, rows=rows, sensitivity=sensitivity, strangeness=strangeness)
    assert severity(day)[1] == name


def test_people_bound_rows_and_uncounted_statements_may_have_taken_all(decision):
    assert records_at_most(changed(decision, rows=900, subjects_at_most=None)) == 900
    assert records_at_most(changed(decision, rows=900, subjects_at_most=50)) == 50
    assert records_at_most(changed(decision, rows=9, subjects_at_most=50)) == 9
    assert records_at_most(changed(decision, rows=9, subjects_at_most=50, statements_without_rows=1)) == 50


@pytest.mark.parametrize(
    ("own_days", "trust", "expected"),
    [(0.0, 0.1, (5, 1, "Low")), (5.0, 0.5, (50, 2, "Medium")), (40, 0.9, (89, 3, "High"))],
)
def test_confidence_grows_with_what_is_known(decision, own_days, trust, expected):
    assert confidence(msgspec.structs.replace(decision, own_days=own_days, pool_trust=trust)) == expected
