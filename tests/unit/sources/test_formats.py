"""The public face, the registry, a format that is named and not read, and the setting that overrides detection."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import orjson
import pytest

import streamguard.sources
from streamguard.activity import Activity, RawRecord, Rejected
from streamguard.sources import Decoder, format_names
from streamguard.sources.registry import ALL_FORMATS, ON_REQUEST

JSONLOG = orjson.dumps(
    {
        "timestamp": "2026-11-22 03:57:28.833 UTC",
        "user": "ann",
        "error_severity": "LOG",
        "message": "AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<none>,5",
    }
)
PLAIN = b"2026-11-22 03:57:28.833 UTC [7] ann@crm LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<none>,5"


def decode(value, **arguments):
    [outcome] = Decoder().decode(RawRecord("t", 0, 0, 0, None, value), **arguments)
    return outcome


def test_the_public_face():
    assert set(streamguard.sources.__all__) == {
        "DEFAULT_LOG_LINE_PREFIXES",
        "Decoder",
        "DecoderConfig",
        "IgnoredReason",
        "Mapping",
        "RejectedReason",
        "format_names",
        "load_mappings",
        "read_records",
        "split_records",
    }


def adapters():
    """Return the names that the files of the room declare: a file with NAME and ``read`` is an adapter."""
    found = pkgutil.walk_packages(streamguard.sources.__path__, "streamguard.sources.")
    modules = [importlib.import_module(module.name) for module in found]
    return sorted(module.NAME for module in modules if hasattr(module, "NAME") and hasattr(module, "read"))


def test_every_adapter_is_registered_once():
    registered = [*ALL_FORMATS.objects, *ALL_FORMATS.texts, *ON_REQUEST.objects, *ON_REQUEST.texts]
    assert sorted(form.name for form in registered) == adapters()


def test_format_names_hold_families_and_members():
    names = set(adapters())
    assert format_names() == tuple(sorted(names | {name.partition(".")[0] for name in names}))
    assert {"postgresql", "postgresql.jsonlog", "ocsf"} <= set(format_names())


@pytest.mark.parametrize("name", [None, "postgresql", "postgresql.jsonlog"])
def test_a_fitting_setting_changes_nothing(name):
    assert isinstance(decode(JSONLOG, format=name), Activity)


@pytest.mark.parametrize("name", [None, "postgresql", "postgresql.stderr"])
def test_envelopes_are_peeled_whatever_the_setting(name):
    assert isinstance(decode(orjson.dumps({"message": PLAIN.decode(), "host": "db"}), format=name), Activity)


@pytest.mark.parametrize(("value", "name"), [(PLAIN, "postgresql.jsonlog"), (PLAIN, "ocsf"), (JSONLOG, "ocsf")])
def test_a_setting_that_does_not_fit_is_said_so(value, name):
    assert decode(value, format=name).reason == "format_mismatch"


@pytest.mark.parametrize("name", ["", "postgres", "postgresql.", "nosuch"])
def test_a_setting_that_names_nothing_is_a_value_too(name):
    assert decode(JSONLOG, format=name).reason == "unknown_format_name"


@pytest.mark.parametrize("key", ["protoPayload", "protopayload"])
def test_a_known_format_that_is_not_read_is_named(key):
    outcome = decode(orjson.dumps({key: {"serviceName": "storage.googleapis.com"}}))
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "unsupported_format"
    assert outcome.detail.startswith("Google Cloud audit log is known")


def test_only_the_registry_knows_every_format():
    room = Path(streamguard.sources.__file__).parent
    for path in room.glob("*.py"):
        names = sum(name in path.read_text() for name in ("postgresql_jsonlog", "postgresql_azure", "ocsf,"))
        assert (names > 1) == (path.name == "registry.py")
