"""Files split into records."""

from __future__ import annotations

import csv
import gzip
import io

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.sources import read_records, split_records
from streamguard.sources.lines import join_lines

TIME = "2026-11-22 03:57:28.833 UTC"
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=40)


def split(content):
    return list(split_records(io.BufferedReader(io.BytesIO(content))))


@given(st.lists(st.dictionaries(TEXTS, TEXTS, min_size=1), max_size=6), st.booleans())
def test_ndjson(objects, packed):
    content = b"".join(orjson.dumps(o) + b"\n" for o in objects)
    assert [orjson.loads(r) for r in split(gzip.compress(content) if packed else content)] == objects


@given(st.lists(st.dictionaries(TEXTS, TEXTS, min_size=1), min_size=1, max_size=6), st.booleans())
def test_json_arrays_in_any_layout(objects, pretty):
    content = orjson.dumps(objects, option=orjson.OPT_INDENT_2 if pretty else 0)
    assert [orjson.loads(r) for r in split(content)] == objects


@given(st.lists(st.dictionaries(TEXTS, st.lists(TEXTS), min_size=1), min_size=1, max_size=4))
def test_pretty_printed_objects(objects):
    content = b"\n".join(orjson.dumps(o, option=orjson.OPT_INDENT_2) for o in objects)
    assert [orjson.loads(r) for r in split(content)] == objects


@given(st.lists(st.lists(TEXTS, min_size=25, max_size=25), min_size=1, max_size=5))
def test_csvlog_rows_with_newlines_inside_quotes(rows):
    rows = [[TIME, *row] for row in rows]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    records = split(out.getvalue().encode())
    assert [next(csv.reader([r.decode()])) for r in records] == rows


@given(st.lists(st.lists(TEXTS.filter(lambda t: "\n" not in t), min_size=1, max_size=4), min_size=1, max_size=5))
def test_plain_lines_with_their_continuations(entries):
    # Whatever the continuation holds, the server's tab in front of it keeps it from beginning a record.
    texts = [f"{TIME} [7] LOG:  x" + "".join(f"\n\t{part}." for part in entry) for entry in entries]
    assert [r.decode() for r in split("\n".join(texts).encode() + b"\n")] == texts


def test_continuations_whose_tab_a_shipper_dropped_are_joined_on_the_date():
    content = f"{TIME} LOG:  a\nfrom b\n\nwhere c\n{TIME} LOG:  d\n".encode()
    assert split(content) == [f"{TIME} LOG:  a\nfrom b\n\nwhere c".encode(), f"{TIME} LOG:  d".encode()]


def test_lines_without_a_date_stand_alone():
    assert split(b"one\ntwo\n") == [b"one", b"two"]


def test_a_line_of_json_between_plain_lines_is_a_record():
    content = f'{TIME} LOG:  a\n{{"x": 1}}\n{TIME} LOG:  b\n'.encode()
    assert [r[:10] for r in split(content)] == [TIME[:10].encode(), b'{"x": 1}', TIME[:10].encode()]


def test_a_truncated_line_of_ndjson_does_not_swallow_the_next():
    assert split(b'{"a": 1\n{"b": 2}\n') == [b'{"a": 1', b'{"b": 2}']


def test_a_truncated_value_at_the_end_is_handed_out():
    assert split(b'[{"a": 1},\n {"b": ') == [b'{"a": 1}', b'{"b": ']


@pytest.mark.parametrize("content", [b"", b"\n\n \n"])
def test_an_empty_file_has_no_records(content):
    assert split(content) == []


def test_an_open_quote_swallows_no_more_than_the_limit():
    rows = [f'{TIME},"open'.encode(), *[b"x" * 40] * 10]
    records = list(join_lines(rows, max_bytes=100))
    assert b"\n".join(records) == b"\n".join(rows)
    assert max(map(len, records)) < 200


def test_a_path_is_read_and_closed(tmp_path):
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n'))
    assert list(read_records(path)) == list(read_records(str(path))) == [b'{"a": 1}']


def test_damaged_files_raise_what_the_caller_can_report(tmp_path):
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 1000)[:-20])
    with pytest.raises(EOFError):
        list(read_records(path))
    with pytest.raises(FileNotFoundError):
        list(read_records(tmp_path / "missing"))


SLOW_ENTRY = """# User@Host: ann[ann] @ localhost []
# Thread_id: 5  Schema: crm  QC_hit: No
SET timestamp=1795320045;
select email

from customers
# a comment
{"not": "a record"}
2026-11-22 03:57 neither;"""


def test_an_entry_of_a_slow_log_goes_on_to_the_next():
    head = "/usr/sbin/mariadbd, Version: 10.11 (Debian 12). started with:\nTcp port: 1  Unix socket: /s\nTime\t\t    Id Command\tArgument"
    timed = f"# Time: 261122  4:00:45\n{SLOW_ENTRY}"
    content = f"{head}\n{timed}\n{SLOW_ENTRY}\n{timed}\n{head}\n{SLOW_ENTRY}\n"
    expected = [*head.split("\n"), timed, SLOW_ENTRY, timed, *head.split("\n"), SLOW_ENTRY]
    assert [r.decode() for r in split(content.encode())] == expected


def test_lines_of_server_audit_between_entries_of_a_slow_log_are_records():
    line = "20261122 04:00:45,vm,ann,localhost,5,17,QUERY,crm,'select 1',0"
    content = f"{line}\n{SLOW_ENTRY}\n{line}\n{line}\n{SLOW_ENTRY}\n"
    assert [r.decode() for r in split(content.encode())] == [line, SLOW_ENTRY, line, line, SLOW_ENTRY]


@given(st.lists(TEXTS.filter(lambda t: "# " not in t and "," not in t and "Time" not in t), min_size=1, max_size=4))
def test_whatever_a_statement_of_a_slow_log_holds_is_its_own(texts):
    entries = [f"# User@Host: ann[ann] @ localhost []\nSET timestamp=1;\n{text};" for text in texts]
    assert [r.decode() for r in split("\n".join(entries).encode())] == entries


NEW_STYLE = " <AUDIT_RECORD>\n  <NAME>Query</NAME>\n  <OS_LOGIN/>\n  <SQLTEXT>select\n\n1</SQLTEXT>\n </AUDIT_RECORD>"
OLD_STYLE = '<AUDIT_RECORD\n  NAME="Query"\n  SQLTEXT="select\n1"/>'


@pytest.mark.parametrize(
    "record", [NEW_STYLE, OLD_STYLE, '<AUDIT_RECORD NAME="Quit"/>', "<AUDIT_RECORD><NAME>a</NAME></AUDIT_RECORD>"]
)
def test_records_of_xml_are_whole(record):
    content = f'<?xml version="1.0" encoding="utf-8"?>\n<AUDIT>\n{record}\n{record}\n</AUDIT>\n'
    expected = ['<?xml version="1.0" encoding="utf-8"?>', "<AUDIT>", record, record, "</AUDIT>"]
    assert [r.decode() for r in split(content.encode())] == expected


def test_a_record_of_xml_that_is_cut_off_does_not_swallow_the_next():
    content = f"{NEW_STYLE[:40]}\n{NEW_STYLE}\n".encode()
    assert [r.decode() for r in split(content)] == [NEW_STYLE[:40], NEW_STYLE]


def test_an_endless_statement_is_handed_out_in_pieces():
    lines = [b"# User@Host: ann[ann] @ localhost []", *[b"x" * 40] * 10]
    records = list(join_lines(lines, max_bytes=100))
    assert b"\n".join(records) == b"\n".join(lines)
    assert max(map(len, records)) < 200
