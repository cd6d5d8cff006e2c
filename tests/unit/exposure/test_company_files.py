"""The example company's files are good, and they are those of the simulated company."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import pytest

from streamguard.exposure import Catalogue, Directory
from streamguard.settings import Settings
from streamguard.simulate import World, small_company

NAMES = ("identities.yaml", "catalogue.yaml", "streamguard.yaml")


@pytest.fixture
def company():
    with as_file(files("streamguard.simulate") / "company_files") as directory:
        yield directory


def test_everybody_who_is_simulated_is_in_the_directory(company):
    people = World(small_company()).people
    directory = Directory.load(company / "identities.yaml")
    known = {employee.id: employee for employee in directory.employees}
    assert len(known) == len(people)
    for person, _ in people:
        employee = known[person.employee]
        assert directory.identify(person.employee) == employee
        assert (employee.group, employee.time_zone) == (person.role, person.zone)
        assert (employee.account.value == "service") is (person.role == "service")


def test_every_table_of_the_shop_is_in_the_catalogue(company):
    catalogue = Catalogue.load(company / "catalogue.yaml")
    schema = (Path(__file__).parents[2] / "servers" / "crm.sql").read_text()
    tables = {line.split()[2] for line in schema.splitlines() if line.startswith("create table")}
    assert {table.name.removeprefix("public.") for table in catalogue.tables("crm")} == tables


def test_settings_name_the_other_two(company):
    settings = Settings.load(company / "streamguard.yaml")
    assert settings.identities == company / "identities.yaml"
    assert settings.catalogue == company / "catalogue.yaml"


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_the_same_files(company, name):
    example = Path(__file__).parents[3] / "examples" / name
    assert example.read_bytes() == (company / name).read_bytes()
