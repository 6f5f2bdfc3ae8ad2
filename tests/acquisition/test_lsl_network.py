from xml.etree import ElementTree

import pytest

from bci_online.acquisition.channel_description import difference
from bci_online.acquisition.found_streams import describe
from bci_online.acquisition.lsl.network import NetworkStream, returned
from bci_online.acquisition.stream_choice import choose_eeg, choose_markers, explain_no_eeg, keys_of
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import BciError
from bci_online.messages import StreamSpec


def stream(name, type_="EEG", sfreq=256.0, format_="float32", source_id="", host="lab", uid=""):
    header = StreamHeader(
        1, name, type_, source_id, 8, sfreq, format_, ElementTree.Element("desc"), True
    )
    return NetworkStream(header, host, uid or f"{name}/{source_id}", None)


AMP = stream("amp", source_id="1")
EVENTS = stream("events", "Markers", 0.0, "string")
TRIGGERS = stream("box", "Stim", 0.0, "int32")
DECISIONS = stream("bci-online-decisions", "Decisions", 0.0, "string")
AUDIO = stream("mic", "Audio", 44100.0)
ALL = [AMP, EVENTS, TRIGGERS, DECISIONS, AUDIO]


def test_the_eeg_is_chosen_by_name_else_by_source_id_else_by_type():
    assert choose_eeg(ALL, EegStream(name="mic")) is AUDIO
    assert choose_eeg(ALL, EegStream(name="1")) is AMP
    assert choose_eeg(ALL, EegStream(type="eeg")) is AMP
    assert choose_eeg(ALL, EegStream(name="nobody")) is None


@pytest.mark.parametrize("sfreq", [0.0, 1e9])
def test_a_stream_without_a_possible_rate_is_no_eeg_and_the_error_says_why(sfreq):
    odd = stream("odd", sfreq=sfreq)

    assert choose_eeg([odd], EegStream()) is None
    assert "nominal rate" in explain_no_eeg([odd], EegStream(name="odd"))


def test_text_is_no_eeg_and_the_error_says_why():
    assert choose_eeg(ALL, EegStream(name="events")) is None
    assert "is text, not numbers" in explain_no_eeg(ALL, EegStream(name="events"))


def test_streams_that_could_both_be_the_eeg_are_refused():
    with pytest.raises(BciError, match="2 streams"):
        choose_eeg([AMP, stream("amp", source_id="2")], EegStream())


def test_unnamed_markers_are_all_of_marker_types():
    chosen, missing = choose_markers(ALL, MarkerStream(), AMP)

    assert chosen == [EVENTS, TRIGGERS]
    assert missing == []


def test_named_markers_are_those_and_the_missing_ones_are_reported():
    markers = MarkerStream(names=("box", "nobody", "box"))

    assert choose_markers(ALL, markers, AMP) == ([TRIGGERS], ["nobody"])


def test_one_marker_stream_has_the_common_key_and_several_have_different_ones():
    twin = stream("events", "Markers", 0.0, "string", source_id="twin")

    assert keys_of([EVENTS]) == ["markers"]
    assert keys_of([EVENTS, TRIGGERS, twin]) == ["events", "box", "events#3"]
    assert keys_of([stream("eeg"), EVENTS]) == ["eeg#1", "events"]


def test_a_lost_stream_is_known_again_by_its_source_id_or_else_by_its_host():
    again = stream("amp", source_id="1", host="other computer", uid="new")
    nameless = stream("amp", host="lab")

    assert returned([*ALL, again], AMP) is again
    assert returned([stream("amp", source_id="2")], AMP) is None
    assert returned([stream("amp", host="other")], nameless) is None
    assert returned([stream("amp", uid="new")], nameless).uid == "new"


def test_what_a_person_reads_is_short():
    assert describe([]) == "no streams"
    assert describe([AMP] * 14).endswith("and 4 more")


def test_the_same_stream_has_no_difference_and_another_one_is_spelled_out():
    spec = StreamSpec(
        name="amp", sfreq=256.0, ch_names=("Fz", "Cz"), ch_types=("EEG", "EEG"), unit="microvolts"
    )
    other = StreamSpec(
        name="amp",
        sfreq=500.0,
        ch_names=("Fz", *(f"E{n}" for n in range(12))),
        ch_types=("EEG",) * 13,
        unit="au",
    )

    assert difference(spec, spec) == ""
    assert difference(spec, other) == (
        "500 Hz instead of 256 Hz; channels Cz are missing; channels E0, E1, E2, E3, E4, E5, E6, "
        "E7 and 4 more are new; the unit is au instead of microvolts"
    )
