"""``streamguard seal keygen``: a private key that only its owner reads, and a public one that the settings take."""

from __future__ import annotations

import stat

from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.sealing import Opener, SealedText, Sealer, read_private
from streamguard.settings import Settings


def keygen(path, *more, **options):
    return CliRunner().invoke(app, ["seal", "keygen", "--out", str(path), *more], **options)


def test_what_the_settings_take_seals_for_the_file(tmp_path, monkeypatch):
    told = keygen(tmp_path / "key.pem")
    assert told.exit_code == 0
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    (tmp_path / "streamguard.yaml").write_text(told.stdout[told.stdout.index("sources:") :])
    monkeypatch.setenv("STREAMGUARD_SOURCES__SUBJECT_KEY", "0123456789abcdef")
    public = Settings.load(tmp_path / "streamguard.yaml").sources.seal_public_key
    opener = Opener(read_private((tmp_path / "key.pem").read_bytes()))
    assert opener.open(Sealer(public, b"secret").seal(SealedText("select 1"))).text == "select 1"


def test_with_a_passphrase_the_file_needs_it(tmp_path):
    assert keygen(tmp_path / "key.pem", "--passphrase", input="correct horse\ncorrect horse\n").exit_code == 0
    assert read_private((tmp_path / "key.pem").read_bytes(), "correct horse")


def test_a_key_is_never_overwritten(tmp_path):
    keygen(tmp_path / "key.pem")
    before = (tmp_path / "key.pem").read_bytes()
    again = keygen(tmp_path / "key.pem")
    assert again.exit_code == 2
    assert "exists" in again.stderr
    assert (tmp_path / "key.pem").read_bytes() == before
