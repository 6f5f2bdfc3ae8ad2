"""A session's markers beside its EEG: whose clock counts, and what is said of their stream."""

import pytest

from bci_online.acquisition.lsl import SignedMarkers, Text
from bci_online.acquisition.lsl.connection import Offset
from bci_online.errors import BciError
from bci_online.messages import MARKERS, ClockOffset, Marker, Reading, StreamSpec


class Eeg:
    """An EEG that sends nothing, and offsets of its own clock."""

    spec = StreamSpec(name="amp", sfreq=250.0, ch_names=("Cz",), ch_types=("EEG",))

    def open(self) -> None: ...

    def close(self) -> None: ...

    def read(self, timeout: float = 0.0) -> Reading:
        return Reading(offsets=(ClockOffset("eeg", 1.0, 0.5),))


class Inlet:
    """Two streams with the source_id of the session's markers; `proven` is the true one."""

    source_id = "bci-online/monday/signed"

    def __init__(self) -> None:
        self.is_connected, self.proven, self.n_refused = True, "", 0
        self.suspect = "a laptop"
        self.texts: list[Text] = []
        self.clocks = {"true": Offset(2.0, 0.001, 10.0), "false": Offset(99.0, 0.001, 10.0)}

    def wait(self, timeout: float) -> bool:
        return self.is_connected

    def read(self) -> list[Text]:
        texts, self.texts = self.texts, []
        return texts

    def offsets(self) -> dict[str, Offset]:
        return self.clocks

    def close(self) -> None: ...


def source_of(inlet: Inlet, **given) -> SignedMarkers:
    return SignedMarkers(
        Eeg(), inlet, **{"wait_s": 0.0, "must_wait": True, "offset_every": 0.0} | given
    )


def clocks(reading: Reading) -> list[float]:
    return [offset.value for offset in reading.offsets if offset.stream == MARKERS]


def test_no_clock_counts_before_its_stream_is_proven_and_then_that_one_alone():
    inlet = Inlet()
    source = source_of(inlet)
    source.open()

    before = source.read()
    inlet.proven, inlet.texts = "true", [Text("flash/1/target", 7.0)]
    after = source.read()

    assert (clocks(before), before.markers) == ([], ())
    assert clocks(after) == [2.0]
    assert after.markers == (Marker("flash/1/target", 7.0, MARKERS),)
    assert [offset.stream for offset in after.offsets] == ["eeg", MARKERS]


def test_markers_wait_until_the_clock_of_their_stream_was_measured():
    inlet = Inlet()
    source = source_of(inlet)
    source.open()
    true = inlet.clocks.pop("true")
    inlet.proven, inlet.texts = "true", [Text("flash/1/target", 7.0), Text("flash/2/target", 8.0)]

    early = source.read()
    inlet.clocks["true"] = true
    late = source.read()

    assert (early.markers, clocks(early)) == ((), [])
    assert [marker.time for marker in late.markers] == [7.0, 8.0]
    assert clocks(late) == [2.0]


def test_the_same_measurement_comes_once_and_a_stream_that_came_back_has_its_own_clock():
    inlet = Inlet()
    source = source_of(inlet)
    source.open()
    inlet.proven = "true"

    first, again = source.read(), source.read()
    inlet.proven, inlet.clocks = "back", {"back": Offset(3.0, 0.001, 20.0)}
    other = source.read()

    assert [clocks(reading) for reading in (first, again, other)] == [[2.0], [], [3.0]]


def test_texts_without_a_valid_time_and_empty_ones_are_no_markers():
    inlet = Inlet()
    source = source_of(inlet)
    source.open()
    inlet.proven = "true"
    inlet.texts = [Text("flash/1/target", float("nan")), Text("", 7.0), Text("flash/2/target", 8.0)]

    assert [marker.text for marker in source.read().markers] == ["flash/2/target"]


def test_a_stream_that_is_lost_and_comes_back_is_said_once_each():
    inlet = Inlet()
    source = source_of(inlet)
    source.open()

    inlet.is_connected = False
    lost = [status for _ in range(3) for status in source.read().statuses]
    inlet.is_connected = True
    back = [status for _ in range(3) for status in source.read().statuses]

    assert [(one.level, "lost" in one.text) for one in lost] == [("alarm", True)]
    assert [(one.level, one.kind) for one in back] == [("info", "connected")]


def test_a_stranger_is_said_once_with_the_computer_it_sends_from():
    inlet = Inlet()
    source = source_of(inlet)
    source.open()

    inlet.n_refused = 3
    said = [status for _ in range(3) for status in source.read().statuses]

    assert [(one.level, one.kind) for one in said] == [("alarm", "stranger")]
    assert "'a laptop'" in said[0].text
    assert source.n_refused == 3


def test_without_the_stream_a_session_is_refused_and_a_run_waits_with_a_warning():
    inlet = Inlet()
    inlet.is_connected = False

    with pytest.raises(BciError, match=r'no signed markers.*security\.markers = "open"'):
        source_of(inlet).open()
    source = source_of(inlet, must_wait=False)
    source.open()
    (warning,) = [status for _ in range(3) for status in source.read().statuses]

    assert (warning.level, "no signed markers" in warning.text) == ("warning", True)
