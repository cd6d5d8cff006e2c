"""The wrappers that log shippers, clouds and connectors put around audit records.

One peeler per shape: it takes one layer off and says what is inside, and of which server, if the wrapper tells.
Whether the inside is an audit record or a further wrapper is not decided here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from streamguard.sources.fields import JsonObject, member, optional_text
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.unpack import decode_base64

if TYPE_CHECKING:
    from collections.abc import Callable

Content: TypeAlias = bytes | str | JsonObject | list[Any]


class Peeled(NamedTuple):
    """What was inside one layer."""

    contents: list[Any]
    """Bytes, texts and JSON values, in order."""
    instance: str | None = None
    """Server that wrote them, if the layer tells."""
    may_be_cut: bool = False
    """Whether this carrier splits long messages over several records."""


def peel_object(record: JsonObject) -> Peeled | IgnoredReason | None:
    """Take one known wrapper off a JSON object.

    Returns
    -------
    Peeled, IgnoredReason or None
        The contents; or why the wrapper's own message is of no interest; or None if it is no known wrapper.

    Raises
    ------
    Refusal
        When the wrapper is known and damaged.
    """
    for peel in _OBJECT_PEELERS:
        peeled = peel(record)
        if peeled is not None:
            return peeled
    return None


def peel_text(text: str) -> Peeled | None:
    """Take one known wrapper off a text; None if there is none.

    Raises
    ------
    Refusal
        ``partial_line`` or ``syslog_split``, when the text is a part that cannot be joined to the others.
    """
    for peel in _TEXT_PEELERS:
        peeled = peel(text)
        if peeled is not None:
            return peeled
    return None


def _cloudwatch(record: JsonObject) -> Peeled | IgnoredReason | None:
    events = record.get("logEvents")
    if type(events) is not list:
        return None
    if record.get("messageType") == "CONTROL_MESSAGE":
        return IgnoredReason.CONTROL_MESSAGE
    messages = [event.get("message") if type(event) is dict else event for event in events]
    return Peeled(messages, optional_text(record, "logStream"))


def _activity_stream(record: JsonObject) -> Peeled | None:
    """AWS Database Activity Streams, decrypted, with or without their outer object."""
    record = member(record, "databaseActivityEvents") or record
    events = record.get("databaseActivityEventList")
    return Peeled(events, optional_text(record, "instanceId")) if type(events) is list else None


def _lambda(record: JsonObject) -> Peeled | None:
    data = optional_text(member(record, "awslogs"), "data")
    return None if data is None else Peeled([decode_base64(data)])


def _records(record: JsonObject) -> Peeled | None:
    """Azure Event Hubs and Firehose write ``records``, CloudTrail and Kinesis ``Records``."""
    records = record.get("records")
    if type(records) is not list:
        records = record.get("Records")
    return Peeled(records) if type(records) is list else None


def _base64_data(record: JsonObject) -> Peeled | None:
    """Items of Firehose (``recordId``), Kinesis (``kinesis``) and Pub/Sub (``message``) carry base64."""
    if "recordId" in record:
        data = optional_text(record, "data")
    else:
        data = optional_text(member(record, "kinesis"), "data")
        if data is None and ("subscription" in record or "messageId" in member(record, "message")):
            data = optional_text(member(record, "message"), "data")
    return None if data is None else Peeled([decode_base64(data)])


def _log_entry(record: JsonObject) -> Peeled | None:
    """Google Cloud Logging."""
    payload = record.get("textPayload", record.get("jsonPayload"))
    if type(payload) not in {str, dict}:
        return None
    labels = member(member(record, "resource"), "labels")
    return Peeled([payload], optional_text(labels, "instance_id") or optional_text(labels, "database_id"))


def _kafka_connect(record: JsonObject) -> Peeled | None:
    if "schema" not in record or "payload" not in record:
        return None
    payload = record["payload"]
    if type(payload) is str and member(record, "schema").get("type") == "bytes":
        return Peeled([decode_base64(payload)])
    return Peeled([payload])


def _splunk(record: JsonObject) -> Peeled | None:
    """Splunk's HTTP Event Collector; only ``event`` must be there."""
    event = record.get("event")
    if type(event) not in {str, dict} or "message" in record or (type(event) is dict and "original" in event):
        # Elastic's "event" holds metadata, and the message itself or stands beside it.
        return None
    is_named = "sourcetype" in record or "source" in record or "host" in record
    return Peeled([event], _host(record)) if is_named or record.keys() <= _HEC else None


def _container(record: JsonObject) -> Peeled | None:
    """Fluent Bit and Fluentd; ``log`` of Filebeat is an object that says where the message came from."""
    log = record.get("log")
    if record.get("logtag") == "P" or record.get("partial_message") in ("true", True):
        raise _partial_line()
    if type(log) is str or (type(log) is dict and "message" not in record and "kubernetes" in record):
        pod = optional_text(member(record, "kubernetes"), "pod_name")
        return Peeled([log], pod or _host(record))
    return None


def _message(record: JsonObject) -> Peeled | None:
    """Filebeat, Logstash, Vector, rsyslog's JSON template, journald (``MESSAGE``), Elastic (``event.original``)."""
    message = record.get("message", record.get("MESSAGE"))
    if message is None:
        message = optional_text(member(record, "event"), "original")
    return Peeled([message], _host(record)) if type(message) in {str, dict} else None


def _host(record: JsonObject) -> str | None:
    """Return the server's name: a text in most shippers, an object in the Elastic Common Schema."""
    for key in ("host", "hostname", "_HOSTNAME"):
        name = optional_text(record, key)
        if name is not None:
            return name
    return optional_text(member(record, "host"), "name")


_OBJECT_PEELERS: tuple[Callable[[JsonObject], Peeled | IgnoredReason | None], ...] = (
    _cloudwatch,
    _activity_stream,
    _lambda,
    _records,
    _base64_data,
    _log_entry,
    _kafka_connect,
    _splunk,
    _container,
    _message,
)

_HEC = frozenset({"event", "time", "host", "source", "sourcetype", "index", "fields"})

_CRI = re.compile(r"\d{4}-\d\d-\d\dT\S{8,40} (?:stdout|stderr) ([FP])(?: |$)")
# The template of Guardium's recipe: %timegenerated:::date-rfc3339%,%HOSTNAME%,<server ip>,%msg%
_OMKAFKA = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d),([^,\s]{1,255}),([^,\s]{0,64}), ?")
_RFC5424 = re.compile(r"<\d{1,3}>1 \S{1,40} (\S{1,255}) \S{1,48} \S{1,128} \S{1,32} (?:-|(?:\[[^\]\n]*\])+) ?")
_RFC3164 = re.compile(
    r"(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (\S{1,255}) [\w./-]{1,64}(?:\[\d{1,10}\])?: "
)
# rsyslog's and systemd's own file format: a date of ISO 8601 and no priority.
_SYSLOG_ISO = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) (\S{1,255}) [\w./-]{1,64}(?:\[\d{1,10}\])?: "
)
# What is left of a syslog message when a shipper has taken its date and host off.
_TAG = re.compile(r"[\w./-]{1,64}(?:\[\d{1,10}\])?: ?(?=\{)")
_CHUNK = re.compile(r"\[\d{1,20}-(\d{1,10})\] ")


def _cri(text: str) -> Peeled | None:
    match = _CRI.match(text)
    if match is None:
        return None
    if match[1] == "P":
        raise _partial_line()
    return Peeled([text[match.end() :]])


def _partial_line() -> Refusal:
    return Refusal(
        RejectedReason.PARTIAL_LINE,
        "a part of a long container log line: let the shipper join CRI partial lines (multiline.parser cri)",
    )


def _omkafka(text: str) -> Peeled | None:
    match = _OMKAFKA.match(text)
    if match is None:
        return None
    # rsyslog writes control characters as # and three octal digits.
    return Peeled([text[match.end() :].replace("#012", "\n").replace("#011", "\t")], match[1])


def _syslog(text: str) -> Peeled | None:
    match = _RFC3164.match(text) or _RFC5424.match(text) or _SYSLOG_ISO.match(text)
    if match is None:
        return None
    content = text[match.end() :]
    chunk = _CHUNK.match(content)
    if chunk is None:
        return Peeled([content], match[1])
    if chunk[1] != "1":
        raise syslog_split()
    return Peeled([content[chunk.end() :]], match[1], may_be_cut=True)


def syslog_split() -> Refusal:
    """Return the refusal of a message that the server split over several syslog records."""
    return Refusal(
        RejectedReason.SYSLOG_SPLIT,
        "the server split a long message over several syslog records, which cannot be joined: "
        "use jsonlog or csvlog, or set syslog_split_messages = off",
    )


def _tag(text: str) -> Peeled | None:
    match = _TAG.match(text)
    return None if match is None else Peeled([text[match.end() :]])


_TEXT_PEELERS: tuple[Callable[[str], Peeled | None], ...] = (_cri, _omkafka, _syslog, _tag)
