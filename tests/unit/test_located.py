"""Mistakes know their place; YAML keeps its positions."""

from __future__ import annotations

import pytest

from streamguard.located import ConfigurationError, Mistake, load_yaml


def test_error_lists_all_mistakes_once_and_sorted():
    error = ConfigurationError(
        [Mistake("b", 1, 1, "x"), Mistake("a", 10, 1, "y"), Mistake("a", 9, 1, "z"), Mistake("b", 1, 1, "x")]
    )
    assert str(error) == "a:9: z\na:10: y\nb:1: x"
    assert len(error.mistakes) == 3


def test_a_place_without_lines_is_told_without():
    assert str(Mistake("environment", 0, 0, "x")) == "environment: x"


def test_positions(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("# comment\na:\n  - b: 1\n    c: [x, y]\n", encoding="utf-8")
    located = load_yaml(path)
    assert located.value == {"a": [{"b": 1, "c": ["x", "y"]}]}
    assert located.position(("a", 0, "c")) == (4, 5)
    assert located.position(("a", 0, "c", 1)) == (4, 12)
    # What is not there stands where it should be.
    assert located.position(("a", 0, "missing", "deep")) == (3, 5)
    assert located.position(("missing",)) == (2, 1)
    assert str(located.mistake(("a",), "wrong")) == f"{path}:2: wrong"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"a: [1, 2\nb: 3\n", 2, "no valid YAML"),
        (b"a: 1\nb: 2\na: 3\n", 3, "no valid YAML"),
        (b"a: \xff\n", 0, "cannot be read: is not UTF-8"),
        (b"a: 2024-02-31\n", 1, "no valid YAML"),
        (b"a: 1\nb: \x07\n", 2, "no valid YAML"),
    ],
)
def test_what_is_no_yaml_is_a_mistake_too(tmp_path, content, line, message):
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_yaml(path)
    (mistake,) = caught.value.mistakes
    assert message in mistake.message
    assert mistake.line == line


def test_empty_and_missing_files(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("")
    assert load_yaml(path).value is None
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml: cannot be read"):
        load_yaml(tmp_path / "nowhere.yaml")
