import threading

import numpy as np
import pytest
from lsl_amplifier import LslAmplifier, marker_outlet

from bci_online.acquisition.lsl import list_streams

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


def test_a_stream_that_states_an_impossible_rate_is_listed_and_not_connected():
    """liblsl takes memory for all seconds that it could keep: 6 GB at 1 MHz."""
    amplifier = LslAmplifier(sfreq=1e6)

    listed = {listing.name: listing for listing in list_streams(2.0, 0.2)}
    amplifier.close()

    eeg = listed[amplifier.name]
    assert (eeg.sfreq, eeg.measured_sfreq, eeg.offset) == (1e6, None, None)
