import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.session_names import SESSION_TYPES, is_session, session_of, session_source_id

KINDS = [*SESSION_TYPES, "eeg", "events"]


@given(session=st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True), kind=st.sampled_from(KINDS))
def test_a_source_id_says_whose_stream_it_is_and_no_other_kind_takes_it(session, kind):
    source_id = session_source_id(session, kind)

    assert {other: session_of(source_id, other) for other in KINDS} == (
        dict.fromkeys(KINDS) | {kind: session}
    )


@pytest.mark.parametrize("session", ["", "a b", "a/b", "ü", "x" * 65, "a\n"])
def test_what_liblsl_could_not_ask_for_is_no_name_of_a_session(session):
    assert not is_session(session)
    with pytest.raises(ValueError, match="must be 1 to 64 letters"):
        session_source_id(session, "markers")
    assert session_of(f"bci-online/{session}/markers", "markers") is None


@pytest.mark.parametrize(
    "source_id", ["", "bci-online", "bci-online/x", "other/x/markers", "other/bci-online/x/markers"]
)
def test_streams_of_others_belong_to_no_session(source_id):
    assert session_of(source_id, "markers") is None


def test_a_stream_that_no_session_has_is_refused():
    with pytest.raises(ValueError, match="kind='video' must be one of markers"):
        session_source_id("x", "video")
