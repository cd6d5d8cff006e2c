"""The document about dossiers tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from unit.dossier.handmade import case, exact, exposures

from streamguard.dossier import make
from streamguard.dossier.formats import FORMATS
from streamguard.settings import Settings

TEXT = (Path(__file__).parents[3] / "docs" / "dossier.md").read_text(encoding="utf-8")


def test_the_settings_in_it_are_all_that_there_are(tmp_path):
    path = tmp_path / "streamguard.yaml"
    path.write_text(re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[0], encoding="utf-8")
    told = Settings.load(path).controller
    assert all(value is not None for value in told.model_dump().values())
    assert told.time_zone == "Europe/Berlin"


def test_it_names_every_kind_of_evidence_and_every_format():
    kinds = {anchor[0] for anchor in make(case(exact=exact()), exposures()).anchors()}
    paragraph = TEXT.split("**Every number links to its evidence.**")[1].split("\n\n")[0]
    assert set(re.findall(r"`([A-Z])`", paragraph)) == kinds
    assert all(f"`{name}`" in TEXT for name in FORMATS)


def test_a_time_zone_that_is_none_is_refused(tmp_path):
    path = tmp_path / "streamguard.yaml"
    path.write_text("controller:\n  time_zone: Europe/Atlantis\n")
    with pytest.raises(Exception, match=r"streamguard.yaml:2: .*no time zone 'Europe/Atlantis'"):
        Settings.load(path)
