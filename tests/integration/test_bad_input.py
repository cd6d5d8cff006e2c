"""Bad input never stops a worker and never disappears: dead letter, reason, place, metric."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import orjson
import pytest
from stages.running import everything, running, send, until

if TYPE_CHECKING:
    from stages.stage import Stage

pytestmark = pytest.mark.kafka

GOOD = orjson.loads(
    b'{"timestamp":"2026-11-22 03:57:28.859 UTC","user":"alice.smith","dbname":"crm","pid":1,"remote_host":"127.0.0.1",'
    b'"session_id":"6b0.1","line_num":1,"ps":"SELECT","error_severity":"LOG","application_name":"crm-ui",'
    b'"message":"AUDIT: SESSION,10,1,READ,SELECT,TABLE,public.customers,select email from customers where id < 11,<none>,10"}'
)


def line(**changes: object) -> bytes:
    return orjson.dumps(GOOD | changes)


def audit(text: str, rows: str) -> bytes:
    return line(message=f'AUDIT: SESSION,10,1,READ,SELECT,TABLE,public.customers,"{text}",<none>,{rows}')


BAD = {
    "not JSON": b"these are not the records you are looking for",
    "truncated": line()[:-25],
    "10 MB statement": audit("select email from customers where name = '" + "x" * 10_000_000 + "'", "1"),
    "deep nesting": b"[" * 5_000 + b"]" * 5_000,
    "wrong types": line(timestamp=17, session_id=["a"]),
    "negative rows": audit("select 1", "-5"),
    "huge rows": audit("select 1", "9" * 40),
    "NaN": line().replace(b'"pid":1', b'"pid":NaN').replace(b'"line_num":1', b'"line_num":Infinity'),
    "invalid UTF-8": line().replace(b"alice", b"al\xff\xfece"),
    "gzip bomb": gzip.compress(b"0" * 200_000_000, 9),
    "far future": line(timestamp="2999-01-01 00:00:00.000 UTC"),
}


async def test_each_kind_of_bad_input_is_a_dead_letter(stage: Stage) -> None:
    config = stage.worker_config
    topic = next(iter(config.topics.audit))
    async with running(config, stage.tools) as worker:
        await send(config, topic, BAD.values(), partition=1)
        await send(config, topic, [line()], partition=1)
        await until(lambda: worker.metrics.value("streamguard_judged_total") == 1)
        counted = {
            sample.labels["reason"]: sample.value
            for metric in worker.metrics.container.registry.collect()
            for sample in metric.samples
            if sample.name == "streamguard_rejected_total"
        }
    letters = await everything(config, config.topics.deadletter)
    places = {letter.headers["offset"]: letter for letter in letters}
    assert [places[str(offset)].headers["topic"] for offset in range(len(BAD))] == [topic] * len(BAD)
    reasons = {kind: places[str(offset)].headers["reason"] for offset, kind in enumerate(BAD)}
    print(reasons)
    assert all(reasons.values())
    assert len(letters) == len(BAD)
    assert sum(counted.values()) == len(BAD)
    assert set(counted) == set(reasons.values())
    for offset, value in enumerate(BAD.values()):
        kept = places[str(offset)].value
        assert kept == value or (value.startswith(kept) and places[str(offset)].headers["sha256"])
