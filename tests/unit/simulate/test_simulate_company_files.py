"""The files that ship with the simulated company describe the people and the data that it simulates."""

from __future__ import annotations

import re
from importlib.resources import as_file, files
from random import Random

import pytest

from streamguard.activity import Account
from streamguard.exposure import Catalogue, Directory
from streamguard.simulate import PEOPLE, SimulateConfig, truth
from streamguard.simulate.journal import DATABASE
from streamguard.simulate.leaks import leaking_sessions
from streamguard.simulate.statements import CUSTOMERS, SHAPES

FOLDER = files("streamguard.simulate") / "company_files"


@pytest.fixture(scope="module")
def directory():
    with as_file(FOLDER / "identities.yaml") as path:
        return Directory.load(path)


@pytest.fixture(scope="module")
def tables():
    with as_file(FOLDER / "catalogue.yaml") as path:
        return {table.name: table for table in Catalogue.load(path).tables(DATABASE)}


def test_directory_names_exactly_the_people(directory):
    assert {employee.id for employee in directory.employees} == {person.employee for person in PEOPLE}
    for person in PEOPLE:
        employee = directory.identify(person.login, database=DATABASE)
        assert (employee.id, employee.group, employee.time_zone) == (person.employee, person.group, person.zone)
        assert employee.account is (Account.SERVICE if person.group == "service" else Account.HUMAN)


def test_catalogue_knows_every_table_that_is_asked(tables):
    random = Random(1)
    asked = {
        audit.object_name
        for shapes in SHAPES.values()
        for _, make in shapes
        for _ in range(20)
        for audit in make(random).audits
        if audit.object_name.startswith("public.")
    }
    assert asked == set(tables)


def test_catalogue_knows_the_customers_and_the_categories_that_leak(tables):
    customers = tables["public.customers"]
    assert customers.subjects == CUSTOMERS
    config = SimulateConfig()
    taken = {}
    for leak, session in leaking_sessions(config):
        for _, statement in session.work:
            columns = re.match(r"select (.+?) from customers", statement.sql)[1].split(", ")
            taken.setdefault(leak, set()).update(customers.columns[column].category for column in columns)
    assert {attack.scenario: set(attack.categories) for attack in truth(config)} == {
        leak: categories - {None} for leak, categories in taken.items()
    }
