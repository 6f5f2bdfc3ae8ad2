import threading

import numpy as np
import pytest
from lsl_amplifier import LslAmplifier, marker_outlet

from bci_online.acquisition.lsl import list_streams
from bci_online.preprocessing.lost_samples import n_lost

pytestmark = pytest.mark.live


def test_every_stream_is_listed_with_its_measured_rate_and_clock_offset():
    amplifier, markers = LslAmplifier(sfreq=250.0), marker_outlet()
    stopping = threading.Event()

    def send() -> None:
        while not stopping.wait(0.02):
            # An amplifier that runs slower than it says.
            amplifier.outlet.push(np.zeros((4, 3)), amplifier.began + np.arange(4) / 200)
            amplifier.began += 4 / 200

    thread = threading.Thread(target=send)
    thread.start()
    listed = {listing.name: listing for listing in list_streams(2.0, 2.0)}
    stopping.set()
    thread.join()
    amplifier.close()
    markers.close()

    eeg, text = listed[amplifier.name], listed[markers.source_id[:-3]]
    assert (eeg.type, eeg.n_channels, eeg.format, eeg.sfreq) == ("EEG", 3, "double64", 250.0)
    assert eeg.source_id == amplifier.spec.source_id
    assert eeg.measured_sfreq == pytest.approx(200.0)
    assert eeg.offset == pytest.approx(0.0, abs=0.01)
    assert eeg.host
    assert (text.format, text.sfreq, text.measured_sfreq) == ("string", 0.0, None)
    assert text.offset == pytest.approx(0.0, abs=0.01)


def test_the_channels_and_the_rate_of_an_eeg_stream_are_judged_as_in_a_recording():
    names = ("Fz", "Cz", "Pz", "T7", "T9", "Trig1")
    amplifier = LslAmplifier(sfreq=250.0, ch_names=names)
    data = np.random.default_rng(0).normal(size=(2000, 6), scale=10.0)
    data[:, 3:] = np.column_stack([np.full(2000, 3.0), np.arange(2000), np.zeros(2000)])
    stopping = threading.Event()

    def send() -> None:
        # Again and again two seconds of samples in a tenth of a second, 200 for a second.
        start = 0
        while not stopping.wait(0.1):
            stamps = amplifier.began + np.arange(start, start + 400) / 200
            amplifier.outlet.push(data[start % 2000 :][:400], stamps)
            start += 400

    thread = threading.Thread(target=send)
    thread.start()
    listed = {listing.name: listing for listing in list_streams(1.0, 1.0, judge_s=4.0)}
    stopping.set()
    thread.join()
    amplifier.close()

    said = "; ".join(listed[amplifier.name].findings)
    assert "sends 200 samples a second, and its rate is taken for 250 Hz" in said
    assert "channel T7: flat from beginning to end" in said
    assert "channel T9: counting" in said
    assert "channel Trig1: no sensor's name" in said


def test_what_is_lost_is_counted_and_stated_impedances_are_listed():
    amplifier = LslAmplifier(sfreq=250.0, ch_names=("Fz", "Cz"), impedances=(4.5, None))
    stopping = threading.Event()

    def send() -> None:
        start = 0
        while not stopping.wait(0.04):
            stamps = amplifier.began + np.arange(start, start + 10) / 250
            amplifier.outlet.push(np.random.default_rng(start).normal(size=(10, 2)), stamps)
            # Seven are missing every two seconds.
            start += 17 if start % 507 == 0 else 10

    thread = threading.Thread(target=send)
    thread.start()
    listed = {one.name: one for one in list_streams(1.0, 1.0, judge_s=4.0, count_lost=n_lost)}
    stopping.set()
    thread.join()
    amplifier.close()

    eeg = listed[amplifier.name]
    assert eeg.n_lost in (7, 14, 21)
    assert (eeg.ch_names, eeg.impedances) == (("Fz", "Cz"), (4.5, None))


def test_a_stream_that_states_an_impossible_rate_is_listed_and_not_connected():
    """liblsl takes memory for all seconds that it could keep: 6 GB at 1 MHz."""
    amplifier = LslAmplifier(sfreq=1e6)

    listed = {listing.name: listing for listing in list_streams(2.0, 0.2)}
    amplifier.close()

    eeg = listed[amplifier.name]
    assert (eeg.sfreq, eeg.measured_sfreq, eeg.offset) == (1e6, None, None)
