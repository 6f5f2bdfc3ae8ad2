"""One rule says which stream is meant; live and in a file it gives the same answers."""

from dataclasses import replace
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from bci_online.acquisition.found_streams import NETWORK, RECORDING
from bci_online.acquisition.lsl.network import NetworkStream
from bci_online.acquisition.stream_choice import (
    choose_eeg,
    choose_markers,
    explain_no_eeg,
    explain_no_markers,
    explain_unread,
)
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.xdf.chunks import Contents
from bci_online.acquisition.xdf.streams import RecordedStream, choose_streams
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import BciError, RecordingError


class Row(NamedTuple):
    """What a stream says of itself."""

    name: str
    type: str = "EEG"
    sfreq: float = 256.0
    format: str = "float32"
    source_id: str = ""


AMP = Row("amp", source_id="a1")
SPARE = Row("spare", source_id="a2")
EVENTS = Row("events", "Markers", 0.0, "string")
TRIGGERS = Row("box", "Stim", 0.0, "int32")
JOURNAL = Row("bci-online-journal", "Journal", 0.0, "string")
NOTES = Row("notes", "Text", 0.0, "string")


def live(row: Row, number: int) -> NetworkStream:
    return NetworkStream(header(row, number), "lab", f"uid {number}", None)


def recorded(row: Row, number: int, n_samples: int = 100) -> RecordedStream:
    return RecordedStream(10 * number, header(row, number), n_samples)


def header(row: Row, number: int) -> StreamHeader:
    description = ElementTree.Element("desc")
    return StreamHeader(
        number, row.name, row.type, row.source_id, 8, row.sfreq, row.format, description, True
    )


WAYS = pytest.mark.parametrize(
    ("stream", "place"), [(live, NETWORK), (recorded, RECORDING)], ids=["live", "file"]
)
CASES: dict[str, tuple[list[Row], EegStream, str | None]] = {
    "the only one of the type": ([EVENTS, AMP], EegStream(), "amp"),
    "the type in any case": ([AMP], EegStream(type="eeg"), "amp"),
    "by name": ([AMP, SPARE], EegStream(name="spare"), "spare"),
    "by source_id": ([AMP, SPARE], EegStream(name="a2"), "spare"),
    "a name before a source_id": ([Row("a2"), SPARE], EegStream(name="a2"), "a2"),
    "the name, whatever the type": ([Row("mic", "Audio"), AMP], EegStream(name="mic"), "mic"),
    "the only usable one": ([Row("odd", sfreq=0.0), AMP], EegStream(), "amp"),
    "no such name": ([AMP], EegStream(name="nobody"), None),
    "no such type": ([EVENTS], EegStream(), None),
    "text": ([EVENTS], EegStream(name="events"), None),
    "no regular rate": ([Row("odd", sfreq=0.0)], EegStream(), None),
    "an impossible rate": ([Row("odd", sfreq=1e9)], EegStream(), None),
    "nothing": ([], EegStream(), None),
}


@WAYS
@pytest.mark.parametrize("case", CASES)
def test_the_same_stream_is_the_eeg_live_and_in_a_file(case, stream, place):
    rows, eeg, name = CASES[case]

    found = choose_eeg([stream(row, n) for n, row in enumerate(rows, 1)], eeg, place)

    assert (None if found is None else found.header.name) == name


@WAYS
@pytest.mark.parametrize("eeg", [EegStream(), EegStream(name="amp")])
def test_several_are_refused_with_all_that_could_be_meant(stream, place, eeg):
    streams = [stream(AMP, 1), stream(EVENTS, 2), stream(AMP._replace(source_id="b1"), 3)]

    with pytest.raises(BciError) as caught:
        choose_eeg(streams, eeg, place)

    said = str(caught.value)
    assert said.startswith(f"2 streams{place.where} could be the EEG: ")
    assert "a1" in said
    assert "b1" in said
    assert "events" not in said
    assert said.endswith(place.if_several)


REFUSALS = [
    ([AMP, EVENTS], EegStream(name="nobody"), "no stream 'nobody'{} but "),
    ([EVENTS], EegStream(), "no stream of type 'EEG'{} but "),
    ([], EegStream(), "no stream of type 'EEG'{} but no streams; "),
    ([EVENTS], EegStream(name="events"), "no usable stream 'events'{}: 'events' is text, not num"),
    ([Row("odd", sfreq=0.0)], EegStream(), "no usable stream of type 'EEG'{}: 'odd' has a nominal"),
]


@WAYS
@pytest.mark.parametrize(("rows", "eeg", "said"), REFUSALS)
def test_a_refusal_says_what_was_wanted_what_is_wrong_what_there_is_and_what_to_do(
    rows, eeg, said, stream, place
):
    streams = [stream(row, n) for n, row in enumerate(rows, 1)]

    line = explain_no_eeg(streams, eeg, place)

    assert line.startswith(said.format(place.where))
    assert all(repr(row.name) in line for row in rows)
    assert line.endswith(place.if_none)
    assert "\n" not in line


ALL = [AMP, EVENTS, TRIGGERS, JOURNAL, NOTES]
MARKERS = [
    (MarkerStream(types=("stim", "text", "markers")), ["events", "box", "notes"], []),
    (MarkerStream(names=("box", "events", "box")), ["box", "events"], []),
    (MarkerStream(names=("nobody", "events")), ["events"], ["nobody"]),
    (MarkerStream(names=("bci-online-journal",)), ["bci-online-journal"], []),
]


@WAYS
@pytest.mark.parametrize(("markers", "names", "missing"), MARKERS)
def test_the_same_streams_are_the_markers_live_and_in_a_file(
    markers, names, missing, stream, place
):
    streams = [stream(row, n) for n, row in enumerate(ALL, 1)]

    chosen, absent = choose_markers(streams, markers, streams[0], place)

    assert [one.header.name for one in chosen] == names
    assert absent == missing


@pytest.mark.parametrize(
    ("types", "on_a_network", "in_a_file"),
    [
        (MarkerStream().types, ["events", "box"], ["events", "box", "notes"]),
        (("stim",), ["box"], ["events", "box", "notes"]),
        (("EEG",), [], ["events", "notes"]),
        ((), [], ["events", "notes"]),
    ],
)
def test_text_of_another_type_is_read_only_from_a_file(types, on_a_network, in_a_file):
    markers = MarkerStream(types=types)
    for way, place, names in ((live, NETWORK, on_a_network), (recorded, RECORDING, in_a_file)):
        streams = [way(row, n) for n, row in enumerate(ALL, 1)]
        chosen, _ = choose_markers(streams, markers, streams[0], place)
        assert [one.header.name for one in chosen] == names


def test_text_that_is_not_read_is_named_with_the_way_out():
    streams = [live(row, n) for n, row in enumerate([AMP, EVENTS, NOTES, JOURNAL], 1)]

    assert explain_unread(streams, streams[:2]) == (
        "text streams that are not read: 'notes' (type 'Text'); if they are markers, set "
        "markers.names or markers.types in the configuration"
    )
    assert explain_unread(streams, [streams[0], streams[1], streams[2]]) == ""


@WAYS
def test_a_named_marker_stream_that_is_missing_is_one_line(stream, place):
    line = explain_no_markers([stream(EVENTS, 1)], "nobody", place)

    assert line.startswith(f"no stream 'nobody' (markers.names in the configuration){place.where}")
    assert "'events'" in line


def test_only_the_streams_of_a_file_are_chosen_by_number():
    assert choose_eeg([live(AMP, 1), live(SPARE, 2)], EegStream(name="#2")) is None
    found = choose_eeg([recorded(AMP, 1), recorded(SPARE, 2)], EegStream(name="#2"), RECORDING)
    assert found.header.name == "spare"


def contents(*streams: RecordedStream) -> Contents:
    headers = {stream.id: stream.header for stream in streams}
    return Contents(headers, {stream.id: stream.n_samples for stream in streams})


def test_of_a_file_the_streams_without_samples_are_left_out():
    kept = contents(recorded(AMP, 1, 0), recorded(SPARE, 2), recorded(EVENTS, 3, 0))

    assert choose_streams(kept, EegStream(), MarkerStream()) == {"eeg": 20}
    with pytest.raises(RecordingError, match="holds no usable stream 'amp': 'amp' has no samples"):
        choose_streams(kept, EegStream(name="amp"), MarkerStream())


def test_a_marker_stream_keeps_its_live_key_where_another_one_stayed_empty():
    kept = contents(recorded(AMP, 1), recorded(EVENTS, 2, 0), recorded(TRIGGERS, 3))

    assert choose_streams(kept, EegStream(), MarkerStream()) == {"eeg": 10, "box": 30}


@WAYS
def test_of_two_streams_of_one_name_the_computer_chooses(stream, place):
    here, there = (
        replace(stream(AMP, n), header=replace(header(AMP, n), hostname=host))
        for n, host in enumerate(("lab", "office"), start=1)
    )

    assert choose_eeg([here, there], EegStream(hostname="office"), place) is there
    assert choose_eeg([here, there], EegStream(name="amp", hostname="lab"), place) is here
    assert choose_eeg([here, there], EegStream(hostname="nowhere"), place) is None


@WAYS
def test_marker_streams_of_another_computer_are_not_read(stream, place):
    amplifier = stream(AMP, 1)
    here, there = (
        replace(stream(EVENTS, n), header=replace(header(EVENTS, n), hostname=host))
        for n, host in enumerate(("lab", "office"), start=2)
    )

    chosen, missing = choose_markers(
        [amplifier, here, there], MarkerStream(hostname="lab"), amplifier, place
    )

    assert (chosen, missing) == ([here], [])
