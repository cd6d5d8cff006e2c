"""A worker looks at its topics before it begins, and says which one is missing."""

from __future__ import annotations

import pytest
from aiokafka.errors import UnknownTopicOrPartitionError
from stream_fakes import TOOLS

from streamguard.detect import DetectConfig
from streamguard.stream import Connection, TopicError, Topics, Worker, WorkerConfig
from streamguard.stream import worker as module


class Missing:
    """A way to a Kafka that has every topic but one."""

    def __init__(self, topic):
        self.topic = topic

    def __call__(self, *_):
        return self

    async def start(self):
        pass

    stop = start

    async def partitions(self, topic):
        if topic == self.topic:
            raise UnknownTopicOrPartitionError
        return 4


@pytest.mark.parametrize("missing", ["streamguard.activity", "streamguard-detect-state-changelog", "verdicts"])
async def test_the_missing_topic_is_named(monkeypatch, missing):
    monkeypatch.setattr(module, "Writer", Missing(missing))
    topics = Topics(audit={"audit": None}, feedback="verdicts")
    worker = Worker(WorkerConfig(Connection("127.0.0.1:1"), topics, DetectConfig()), TOOLS)
    with pytest.raises(TopicError, match=rf"topic {missing} cannot be used .*streamguard topics --create"):
        await worker.run()
