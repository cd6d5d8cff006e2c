"""Where reading resumes, and what a successor must know: the offsets and metadata of commits."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.sources.assemble import Progress
from streamguard.stream.metadata import (
    MAX_METADATA_BYTES,
    MetadataError,
    Tenure,
    encode,
    is_same_log,
    tenure_after,
)
from streamguard.stream.resume import Break, Committed, Resume, resume_at

POSITIONS = st.tuples(st.integers(0, 2**40), st.integers(0, 10_000))
PROGRESSES = st.builds(
    Progress,
    offset=st.integers(0, 2**40),
    index=st.integers(0, 10_000),
    watermark_ms=st.integers(0, 2**43),
    done=st.lists(POSITIONS, max_size=5).map(tuple),
    cut_offset=st.none() | st.integers(0, 2**40),
)
TENURES = st.builds(
    Tenure, epoch=st.integers(0, 2**48), progress=PROGRESSES, topic_id=st.uuids().map(str) | st.just("")
)
ID = "00000000-0000-0000-0000-00000000002a"


@pytest.mark.parametrize(
    ("committed", "beginning", "end", "expected"),
    [
        (None, 3, 9, Resume(3)),
        (Committed(-1, ""), 3, 9, Resume(3)),
        (Committed(5, "m"), 3, 9, Resume(5, "m")),
        (Committed(9, "m"), 3, 9, Resume(9, "m")),
        (Committed(3, "m"), 3, 9, Resume(3, "m")),
        (Committed(10, "m"), 3, 9, Resume(3, "m", Break.RECREATED)),
        (Committed(1, "m"), 3, 9, Resume(3, "m", Break.TRUNCATED, 2)),
        (Committed(0, "m"), 0, 0, Resume(0, "m")),
    ],
)
def test_where_reading_resumes(committed, beginning, end, expected):
    assert resume_at(committed, beginning, end) == expected


def test_another_log_of_the_same_name_is_read_from_its_beginning_though_the_offset_fits():
    assert resume_at(Committed(5, "m"), 3, 9, is_same_log=False) == Resume(3, "m", Break.RECREATED)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.booleans())
def test_it_resumes_within_the_log_and_knows_what_is_lost(offset, beginning, length, same):
    end = beginning + length
    resume = resume_at(Committed(offset, "m"), beginning, end, is_same_log=same)
    assert beginning <= resume.offset <= end
    assert (resume.offset == offset and resume.broken is None) or resume.broken is not None or offset == beginning
    assert resume.lost_records == (beginning - offset if resume.broken is Break.TRUNCATED else 0)


@given(TENURES)
def test_a_tenure_survives_its_commit(tenure):
    encoded = encode(tenure)
    assert len(encoded.encode()) <= MAX_METADATA_BYTES
    assert tenure_after(Resume(tenure.progress.offset, encoded), tenure.topic_id) == tenure


def test_metadata_that_kafka_would_refuse_is_not_written():
    done = tuple((10**11 + n, n) for n in range(400))
    assert encode(Tenure(progress=Progress(done=done))) is None
    assert encode(Tenure(progress=Progress(done=done[:100]))) is not None


@pytest.mark.parametrize("foreign", ["x", "{}", '{"offset":1}', "[[]]", "[1", '["a"]', '[0,["x"]]', "\x00"])
def test_foreign_metadata_is_refused_with_advice(foreign):
    with pytest.raises(MetadataError, match="choose another group prefix"):
        tenure_after(Resume(5, foreign))
    with pytest.raises(MetadataError):
        is_same_log(foreign, ID)


def test_a_first_reader_begins_with_the_log():
    assert tenure_after(Resume(5)) == Tenure(progress=Progress(5))
    assert tenure_after(Resume(5), ID) == Tenure(42, Progress(5), ID)


def test_a_log_created_anew_gets_an_epoch_of_its_own():
    known = encode(Tenure(3, Progress(9, 1, 7, ((9, 2),), 9), "old"))
    assert tenure_after(Resume(2, known, Break.RECREATED), ID) == Tenure(42, Progress(2), ID)
    assert tenure_after(Resume(2, known, Break.RECREATED)) == Tenure(4, Progress(2))


def test_a_truncated_log_keeps_what_is_known_of_the_rest():
    known = Tenure(3, Progress(9, 1, 7, ((9, 2), (12, 0), (15, 1)), 14), ID)
    resume = Resume(12, encode(known), Break.TRUNCATED, 3)
    assert tenure_after(resume, ID) == Tenure(3, Progress(12, 0, 7, ((12, 0), (15, 1)), 14), ID)


def test_an_identity_that_the_broker_tells_only_now_is_taken_over_and_the_epoch_stays():
    known = Tenure(3, Progress(9))
    assert tenure_after(Resume(9, encode(known)), ID) == msgspec.structs.replace(known, topic_id=ID)


@pytest.mark.parametrize(
    ("known_id", "topic_id", "same"), [(ID, ID, True), (ID, "other", False), ("", ID, True), (ID, "", True)]
)
def test_logs_are_told_apart_as_far_as_identities_are_known(known_id, topic_id, same):
    assert is_same_log(encode(Tenure(topic_id=known_id)), topic_id) is same
    assert is_same_log("", topic_id)
