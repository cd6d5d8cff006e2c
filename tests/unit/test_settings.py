"""Settings: what wins, where mistakes are, what stays secret."""

from __future__ import annotations

import json
import os

import pytest

from streamguard.located import ConfigurationError
from streamguard.settings import Settings, reference


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("STREAMGUARD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "conf" / "streamguard.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def mistakes(*args):
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(*args)
    return caught.value.mistakes


def test_flag_beats_environment_beats_file_beats_default(write, monkeypatch):
    path = write("detect: {budget_per_1000: 2, warmup_days: 3, case_hours: 24}\n")
    monkeypatch.setenv("STREAMGUARD_DETECT__BUDGET_PER_1000", "3")
    monkeypatch.setenv("STREAMGUARD_DETECT__WARMUP_DAYS", "4")
    found = Settings.load(path, {"detect": {"budget_per_1000": 4}}).detect
    assert found.budget_per_1000 == 4
    assert found.warmup_days == 4
    assert found.case_hours == 24
    assert found.half_life_days == 14


def test_defaults_need_no_file():
    found = Settings.load()
    assert found.kafka.bootstrap_servers == "127.0.0.1:9092"
    assert found.web.host == "127.0.0.1"
    assert [topic.name for topic in found.topics.audit] == ["streamguard.audit"]


def test_file_in_the_working_directory_is_found(tmp_path):
    (tmp_path / "streamguard.yaml").write_text("group: elsewhere\n")
    assert Settings.load().group == "elsewhere"


def test_paths_are_relative_to_the_file_that_names_them(write):
    path = write("identities: people/a.csv\ncatalogue: /etc/c.yaml\nkafka: {ssl_ca_file: ca.pem}\n")
    found = Settings.load(path)
    assert found.identities == path.parent / "people/a.csv"
    assert str(found.catalogue) == "/etc/c.yaml"
    assert found.kafka.ssl_ca_file == path.parent / "ca.pem"


def test_lists_from_file_and_environment(write, monkeypatch):
    path = write("topics: {audit: [one, {name: two, format: postgresql.csvlog}]}\n")
    assert [(topic.name, topic.format) for topic in Settings.load(path).topics.audit] == [
        ("one", None),
        ("two", "postgresql.csvlog"),
    ]
    monkeypatch.setenv("STREAMGUARD_TOPICS__AUDIT", "three, four")
    monkeypatch.setenv("STREAMGUARD_EXPOSURE__SEARCH_PATH", "app,public")
    found = Settings.load(path)
    assert [topic.name for topic in found.topics.audit] == ["three", "four"]
    assert found.exposure.search_path == ("app", "public")


def test_every_mistake_is_reported_at_once_with_its_place(write, monkeypatch):
    path = write(
        "kafka:\n  bootstrap_server: a:1\n"
        "detect:\n  budget_per_1000: -1\n  case_hours: long\n"
        "engine:\n  compression: rar\n"
        "toppics: {}\n"
    )
    monkeypatch.setenv("STREAMGUARD_WEB__PORT", "70000")
    found = {(mistake.file, mistake.line): mistake.message for mistake in mistakes(path, {"log": {"level": "loud"}})}
    assert set(found) == {
        (str(path), 2), (str(path), 4), (str(path), 5), (str(path), 7), (str(path), 8),
        ("environment", 0), ("command line", 0),
    }  # fmt: skip
    assert "did you mean bootstrap_servers?" in found[str(path), 2]
    assert "did you mean topics?" in found[str(path), 8]
    assert "STREAMGUARD_WEB__PORT" in found["environment", 0]
    assert "log.level" in found["command line", 0]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- a\n", 1, "mapping"),
        ("kafka: {security_protocol: SASL_SSL}\n", 1, "needs sasl_mechanism"),
        ("kafka:\n  ssl_cert_file: a.pem\n", 1, "belong together"),
        ("topics:\n  activity: a\n  findings: a\n", 1, "topic names must differ, used twice: a"),
        ("topics:\n  audit: []\n", 1, "at least one audit topic"),
        ("engine: {heartbeat_seconds: 20}\n", 1, "at most a third"),
        ("group: a b\n", 1, "group"),
        ("kafka: text\n", 1, "a mapping of settings is needed here"),
        ("web:\ntopics:\n  audit:\n    - {format: ocsf}\n", 4, "topics.audit.0.name: Field required"),
    ],
)
def test_what_does_not_fit_together(write, text, line, message):
    (mistake,) = mistakes(write(text))
    assert mistake.line == line
    assert message in mistake.message


def test_secrets_stay_secret(write, monkeypatch, tmp_path):
    path = write("kafka: {security_protocol: SASL_SSL, sasl_mechanism: PLAIN, sasl_username: sg}\n")
    monkeypatch.setenv("STREAMGUARD_KAFKA__SASL_PASSWORD", "hush-7")
    found = Settings.load(path)
    assert found.kafka.sasl_password.get_secret_value() == "hush-7"
    assert "hush-7" not in json.dumps(found.describe())
    assert "hush-7" not in repr(found)
    path.write_text("kafka: {sasl_password: [hush-7], ssl_cert_file: a}\n")
    assert "hush-7" not in str(mistakes(path))
    assert found.describe()["kafka"]["sasl_username"] == "sg"


def test_an_unreadable_file_is_a_mistake(tmp_path):
    (mistake,) = mistakes(tmp_path / "nowhere.yaml")
    assert "cannot be read" in mistake.message
    assert mistake.file.endswith("nowhere.yaml")


def test_an_empty_file_is_all_defaults(write):
    assert Settings.load(write("# nothing yet\n")) == Settings.load()


def test_a_variable_that_is_no_setting_is_a_mistake_but_kubernetes_may_set_its_own(monkeypatch):
    monkeypatch.setenv("STREAMGUARD_PORT", "tcp://10.0.0.1:6066")
    monkeypatch.setenv("STREAMGUARD_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("STREAMGUARD_KAFKA__BOOTSTRAP_SERVER", "x:1")
    monkeypatch.setenv("STREAMGUARD_KAFCA__BOOTSTRAP_SERVERS", "x:1")
    texts = [str(mistake) for mistake in mistakes()]
    assert len(texts) == 1 + 1
    assert (
        "STREAMGUARD_KAFCA__BOOTSTRAP_SERVERS: there is no such setting, did you mean STREAMGUARD_KAFKA__" in texts[0]
    )
    assert "did you mean bootstrap_servers?" in texts[1]


def test_the_stronger_source_gets_the_blame(write, monkeypatch):
    path = write("web: {port: 1}\n")
    monkeypatch.setenv("STREAMGUARD_WEB__PORT", "many")
    (mistake,) = mistakes(path)
    assert mistake.file == "environment"


def test_reference_names_variable_default_and_meaning_of_every_setting():
    found = {doc.name: doc for doc in reference()}
    assert found["kafka.bootstrap_servers"].variable == "STREAMGUARD_KAFKA__BOOTSTRAP_SERVERS"
    assert found["kafka.bootstrap_servers"].default == "127.0.0.1:9092"
    assert found["identities"].variable == "STREAMGUARD_IDENTITIES"
    assert found["topics.audit"].default == "streamguard.audit"
    assert all(doc.description for doc in found.values())
    assert len(found) > 40


def test_every_variable_of_the_reference_is_read(monkeypatch):
    for doc in reference():
        if doc.default not in {"", "none"}:
            monkeypatch.setenv(doc.variable, doc.default)
    assert Settings.load() == Settings()


def test_sources_in_the_environment(monkeypatch):
    monkeypatch.setenv("STREAMGUARD_SOURCES__TIME_ZONES", "CST=-360, IST=330")
    monkeypatch.setenv("STREAMGUARD_SOURCES__LOG_LINE_PREFIXES", "%m [%p] %q%u,%d \n%t [%p] ")
    monkeypatch.setenv("STREAMGUARD_SOURCES__SUBJECT_KEY", "0123456789abcdef")
    found = Settings.load()
    assert found.sources.time_zones == {"CST": -360, "IST": 330}
    assert found.sources.log_line_prefixes == ("%m [%p] %q%u,%d ", "%t [%p] ")
    assert "0123456789abcdef" not in str(found.describe())


def test_a_subject_key_that_can_be_guessed_is_refused(write):
    [mistake] = mistakes(write("sources:\n  subject_key: secret\n"))
    assert "openssl rand" in mistake.message
    assert mistake.line == 2
    assert "secret" not in mistake.message.replace("subject_key", "")


def test_a_public_key_for_sealing_is_one_and_has_a_secret_beside_it(write):
    [mistake] = mistakes(write("sources:\n  subject_key: 0123456789abcdef\n  seal_public_key: nonsense\n"))
    assert (mistake.line, "seal keygen" in mistake.message) == (3, True)
    [mistake] = mistakes(write(f"sources:\n  seal_public_key: {'A' * 42}E=\n"))
    assert "needs subject_key" in mistake.message


@pytest.mark.parametrize("said", ["null", "false", "none"])
def test_the_ledger_can_be_switched_off(write, said):
    assert Settings.load().topics.ledger == "streamguard.ledger"
    assert Settings.load(write(f"topics: {{ledger: {said}}}\n")).topics.ledger is None


def test_the_ledger_is_beside_the_file_and_its_key_is_no_word_that_can_be_guessed(write):
    path = write("ledger: {directory: kept, pseudonym_key: secret}\n")
    [mistake] = mistakes(path)
    assert "pseudonym_key must have 16 to 64 bytes" in mistake.message
    path.write_text("ledger: {directory: kept}\n")
    assert Settings.load(path).ledger.directory == path.parent / "kept"
