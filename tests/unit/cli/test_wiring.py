"""From files to the pure core: what the settings name reaches the rooms, and every mistake of every file is told."""

from __future__ import annotations

import orjson
import pytest

from streamguard.activity import Activity, RawRecord
from streamguard.cli.wiring import detect_config, load_all
from streamguard.located import ConfigurationError

MAPPINGS = """\
mappings:
  portal:
    when: {app: portal}
    fields: {time: $.ts, user: $.who, statement: $.sql}
    time_unit: ms
"""
CATALOGUE = """\
databases:
  crm:
    tables:
      public.customers:
        subject_key: id
        region_column: country
        columns: {id: customer_number, email: email_address, country: none}
"""
RECORD = {"app": "portal", "ts": 1_780_000_000_000, "who": "alice"}


@pytest.fixture
def write(tmp_path):
    def write(settings):
        (tmp_path / "formats.yaml").write_text(MAPPINGS)
        (tmp_path / "data.yaml").write_text(CATALOGUE)
        path = tmp_path / "streamguard.yaml"
        path.write_text(settings)
        return path

    return write


def read(tools, statement, form=None):
    value = orjson.dumps(RECORD | {"sql": statement})
    [outcome] = tools.decoder.decode(RawRecord("portal", 0, 0, 0, None, value), form)
    assert isinstance(outcome, Activity)
    return outcome


def test_mappings_and_the_names_of_the_catalogue_reach_the_decoder(write, monkeypatch):
    monkeypatch.setenv("STREAMGUARD_SOURCES__SUBJECT_KEY", "a key that nobody guesses")
    settings, tools = load_all(
        write(
            "catalogue: data.yaml\nsources: {mappings: formats.yaml}\n"
            "topics:\n  audit: [{name: portal, format: mapping.portal}]\n"
        )
    )
    [topic] = settings.topics.audit
    found = read(tools, "select email from customers where id = 42 and country = 'DE'", topic.format)
    assert found.source == "mapping.portal"
    [(column, hashes)] = found.subjects
    assert column.endswith("id")
    assert len(hashes) == 1
    assert "42" not in found.statement
    [(region, values)] = found.scope
    assert (region.rpartition(".")[2], values) == ("country", ("DE",))


def test_without_a_key_no_hash_of_a_customer_leaves(write):
    _, tools = load_all(write("catalogue: data.yaml\nsources: {mappings: formats.yaml}\n"))
    assert read(tools, "select email from customers where id = 42").subjects == ()


def test_planted_keys_need_the_key_of_the_settings(write, tmp_path, monkeypatch):
    path = write("catalogue: data.yaml\nsources: {mappings: formats.yaml}\n")
    (tmp_path / "data.yaml").write_text(CATALOGUE + "        honey: {column: id, keys: [900001]}\n")
    with pytest.raises(ConfigurationError) as caught:
        load_all(path)
    [mistake] = caught.value.mistakes
    assert (mistake.file.rpartition("/")[2], mistake.line) == ("data.yaml", 8)
    monkeypatch.setenv("STREAMGUARD_SOURCES__SUBJECT_KEY", "a key that nobody guesses")
    _, tools = load_all(path)
    found = [tools.exposer.expose(read(tools, f"select email from customers where id = {key}")) for key in (42, 900001)]
    assert [exposure.honey for exposure in found] == [False, True]


def test_a_topic_with_a_format_that_no_mapping_defines_is_refused(write):
    settings = "sources: {mappings: formats.yaml}\ntopics:\n  audit: [{name: a, format: mapping.shop}]\n"
    with pytest.raises(ConfigurationError) as caught:
        load_all(write(settings))
    [mistake] = caught.value.mistakes
    assert "mapping.shop" in mistake.message


def test_mistakes_of_the_mappings_are_told_with_those_of_the_settings(write, tmp_path):
    path = write("sources: {mappings: formats.yaml}\ndetect: {budget_per_1000: -1}\n")
    (tmp_path / "formats.yaml").write_text("mappings:\n  portal: {fields: {user: 7}}\n")
    with pytest.raises(ConfigurationError) as caught:
        load_all(path)
    assert {mistake.file.rpartition("/")[2] for mistake in caught.value.mistakes} == {
        "streamguard.yaml",
        "formats.yaml",
    }


def test_the_built_in_lateness_of_slow_sources_stays_unless_it_is_said_otherwise(write):
    settings, _ = load_all(write("detect: {lateness_hours_by_source: {snowflake: 12, mapping.portal: 2}}\n"))
    config = detect_config(settings)
    told = [config.lateness_ms(name) / 3_600_000 for name in ("snowflake", "databricks.history", "mapping.portal", "x")]
    assert told == [12, 3, 2, 1]
