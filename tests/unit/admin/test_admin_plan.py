"""The plan of the topics: names, twins, durability."""

from __future__ import annotations

from streamguard.admin import PlanConfig, audit_spec, plan

CONFIG = PlanConfig(activity="a", findings="f", incidents="i", deadletter="d", feedback="v", changelog="c")


def by_name(config: PlanConfig = CONFIG):
    return {spec.name: spec for spec in plan(config)}


def test_covers_every_topic_that_is_owned_and_none_other():
    assert sorted(by_name()) == ["a", "c", "d", "f", "i", "v"]


def test_only_state_is_compacted():
    assert {name for name, spec in by_name().items() if spec.cleanup_policy == "compact"} == {"c", "i", "v"}


def test_retention_is_in_days():
    specs = by_name()
    days = {name: int(specs[name].configs["retention.ms"]) / 86_400_000 for name in "adf"}
    assert days == {"a": 7, "d": 30, "f": 400}
    assert "retention.ms" not in specs["c"].configs


def test_what_other_programs_read_is_in_a_codec_that_all_of_them_have():
    read_by_others = {name for name, spec in by_name().items() if spec.configs.get("compression.type") == "gzip"}
    assert read_by_others == {"d", "f", "i"}


def test_the_changelog_is_compacted_early_but_not_before_strangers_records_are_repaired():
    assert int(by_name()["c"].configs["min.compaction.lag.ms"]) / 60_000 == 10


def test_activity_and_its_changelog_are_twins_of_one_size():
    specs = by_name(PlanConfig(activity="a", changelog="c", activity_partitions=5))
    assert (specs["a"].twin, specs["c"].twin) == ("c", "a")
    assert (specs["a"].partitions, specs["c"].partitions) == (5, 5)


def test_three_copies_ask_for_two_in_sync_and_fewer_do_not():
    assert all("min.insync.replicas" not in spec.configs for spec in plan(PlanConfig(replication=2)))
    assert all(spec.configs["min.insync.replicas"] == "2" for spec in plan(PlanConfig(replication=3)))


def test_an_audit_topic_can_be_planned_on_request():
    spec = audit_spec("logs", partitions=2)
    assert (spec.name, spec.partitions, spec.cleanup_policy, spec.twin) == ("logs", 2, "delete", None)


def test_the_directory_has_one_partition_the_brokers_time_and_a_week_of_history():
    spec = {spec.name: spec for spec in plan(PlanConfig(identities="p"))}["p"]
    assert (spec.partitions, spec.cleanup_policy) == (1, "compact")
    assert spec.configs["message.timestamp.type"] == "LogAppendTime"
    assert int(spec.configs["min.compaction.lag.ms"]) / 86_400_000 == 7


def test_the_ledger_is_the_twin_of_the_activities_and_is_kept_as_long_as_the_settings_say():
    specs = by_name(PlanConfig(activity="a", ledger="l", activity_partitions=5, ledger_days=90))
    assert (specs["l"].partitions, specs["l"].twin, specs["l"].cleanup_policy) == (5, "a", "delete")
    assert int(specs["l"].configs["retention.ms"]) / 86_400_000 == 90
