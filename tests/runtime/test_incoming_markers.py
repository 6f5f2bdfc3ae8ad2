"""Markers on their way into the chain: the same event twice, and clocks that lie apart."""

import pytest

from bci_online.config import Preprocessing
from bci_online.messages import EEG, ClockOffset, Marker
from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.preprocessing.epoching import Epoching
from bci_online.runtime.incoming_markers import IncomingMarkers


class Queue(Epoching):
    """Remembers what it was given."""

    def __init__(self) -> None:
        super().__init__(Preprocessing(sfreq=100.0, ch_names=("Cz",)))
        self.times: list[float] = []

    def add(self, marker, event, time):
        self.times.append(time)
        return super().add(marker, event, time)


def incoming(eeg_offset: float = 0.0) -> tuple[IncomingMarkers, Queue]:
    queue, offsets = Queue(), ClockOffsets()
    offsets.add(0.0, eeg_offset)
    return IncomingMarkers((), offsets, queue), queue


def kinds(statuses) -> list[str]:
    return [status.kind for status in statuses]


@pytest.mark.parametrize("delay", [0.0, 0.01])
def test_an_event_that_two_streams_report_is_taken_once_and_both_are_named(delay):
    markers, queue = incoming()
    said = []

    for k in range(10):
        said += markers.add(Marker(f"flash/{k + 1}/target", k * 0.175, "screen"))
        said += markers.add(Marker(f"flash/{k + 1}/target", k * 0.175 + delay, "copy"))

    assert queue.times == [k * 0.175 for k in range(10)]
    assert kinds(said) == ["told_twice"]
    assert "'screen' and 'copy'" in said[0].text
    assert "markers.names" in said[0].text
    assert markers.translator.untranslated.total() == 10


def test_one_stream_may_repeat_a_text_and_two_may_report_other_events():
    markers, queue = incoming()
    said = []

    for k in range(5):
        said += markers.add(Marker("flash/1/target", k * 0.01, "screen"))
        said += markers.add(Marker("flash/2/target", k * 0.01, "other"))

    assert len(queue.times) == 10
    assert said == []


def test_two_streams_are_compared_in_common_time():
    markers, queue = incoming()
    markers.add_offset(ClockOffset("copy", 0.0, 500.0))

    markers.add(Marker("flash/1/target", 510.0, "screen"))
    markers.add(Marker("flash/1/target", 10.0, "copy"))

    assert queue.times == [510.0]


def test_markers_of_the_eeg_stream_have_its_clock():
    markers, queue = incoming(eeg_offset=7.5)

    markers.add(Marker("flash/1/target", 10.0, EEG))

    assert queue.times == [17.5]


def test_clocks_that_lie_apart_are_an_alarm_within_ten_flashes_and_only_once():
    markers, _ = incoming()
    said = []

    for k in range(20):
        markers.add(Marker(f"flash/{k % 12 + 1}/unknown", 5000.0 + k / 5))
        said.append(markers.compare(1.5e9 + k / 5))

    alarms = [status for statuses in said for status in statuses]
    assert kinds(alarms) == ["clocks_apart"]
    assert alarms[0].level == "alarm"
    assert any(said[:10])
    assert "markers come at 5001 s, samples at 1500000001 s" in alarms[0].text


@pytest.mark.parametrize("early", [0, 100])
def test_markers_that_lie_near_the_samples_are_no_alarm(early):
    markers, _ = incoming()
    # Markers from before the recording of the EEG began.
    for k in range(early):
        markers.add(Marker(f"flash/{k % 12 + 1}/unknown", 100.0 + k))

    said = []
    for k in range(20):
        markers.add(Marker(f"flash/{k % 12 + 1}/unknown", 300.0 + k / 5))
        said += markers.compare(301.0 + k / 5)

    assert said == []
