"""The files that ship with the simulated company describe the people and the data that it simulates."""

from __future__ import annotations

from importlib.resources import as_file, files
from random import Random

import pytest

from streamguard.exposure import Catalogue
from streamguard.simulate import World, small_company
from streamguard.simulate.attacks.strangers import FOREIGN_COLUMNS
from streamguard.simulate.roles import ROLES
from streamguard.simulate.schema import CUSTOMERS, DATABASE, columns_of

FOLDER = files("streamguard.simulate") / "company_files"


@pytest.fixture(scope="module")
def tables():
    with as_file(FOLDER / "catalogue.yaml") as path:
        return {table.name.removeprefix("public."): table for table in Catalogue.load(path).tables(DATABASE)}


@pytest.fixture(scope="module")
def asked():
    """Statements of every task of every role."""
    random = Random(1)
    return [
        statement
        for role in ROLES.values()
        for _, task in role.menu
        for _ in range(40)
        for statement in task(random, 1.0)
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_directory_is_the_small_companys_whatever_the_seed(seed):
    world = World(small_company(seed=seed))
    assert (FOLDER / "identities.yaml").read_text() == world.identities_yaml()
    assert not list(world.identity_changes())


def test_catalogue_is_the_one_that_a_world_gives():
    assert (FOLDER / "catalogue.yaml").read_text() == World(small_company(days=8)).catalogue_yaml()


def test_catalogue_knows_every_table_and_column_that_is_asked(tables, asked):
    assert {table for statement in asked for table in statement.tables} <= tables.keys()
    assert tables["customers"].subjects == CUSTOMERS
    for statement in asked:
        names = {column for table in statement.tables for column in columns_of(table)}
        unknown = [c for c in statement.columns if c not in names and c != "*"]
        assert not unknown, statement.sql


def test_what_roles_do_not_work_with_is_in_the_catalogue_and_none_of_their_tasks(tables):
    random = Random(2)
    for role in ROLES.values():
        used = {t for _, task in role.menu for _ in range(60) for s in task(random, 1.0) for t in s.tables}
        assert used.isdisjoint(role.foreign_tables), role.name
        for table in role.foreign_tables:
            assert tables[table].categories
            assert set(FOREIGN_COLUMNS[table].split(", ")) <= set(columns_of(table))
