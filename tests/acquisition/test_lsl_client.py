import subprocess
import sys

import numpy as np
import pylsl
import pytest
from lsl_amplifier import LslAmplifier, samples_of, stamps_of, texts_of, unique

from bci_online.acquisition.lsl import SampleOutlet
from bci_online.acquisition.mne_realtime.lsl import LslClientSource
from bci_online.errors import BciError, SourceLostError

pytestmark = pytest.mark.live

OPEN_ONE = """
import sys
from lsl_amplifier import LslAmplifier
from bci_online.acquisition.mne_realtime.lsl import LslClientSource
amplifier = LslAmplifier()
source = LslClientSource(amplifier.spec.source_id)
source.open()
source.read()
source.close()
"""


def read(source: LslClientSource, n_times: int) -> list:
    readings = []
    while len(stamps_of(readings)) < n_times:
        readings.append(source.read(timeout=5.0))
        assert readings[-1].chunks
    return readings


@pytest.fixture
def amplifier():
    made = LslAmplifier(sfreq=100.0, unit="volts")
    yield made
    made.close()


@pytest.fixture
def source(amplifier):
    made = LslClientSource(amplifier.spec.source_id)
    made.open()
    yield made
    made.close()


def test_the_client_delivers_microvolts_numbered_by_its_samples(amplifier, source):
    amplifier.send(20)
    readings = read(source, 20)
    amplifier.send(5)
    readings += read(source, 5)

    np.testing.assert_array_equal(samples_of(readings)[:, 1], 1e6 * (np.arange(25) + 0.25))
    np.testing.assert_allclose(stamps_of(readings), np.arange(25) / 100)
    assert source.spec.ch_names == ("Fz", "Cz", "Pz")
    assert (source.spec.sfreq, source.spec.unit) == (100.0, "microvolts")


def test_while_nothing_comes_the_reading_is_empty(source):
    assert not source.read(timeout=0.0).chunks


def test_a_stream_that_ends_is_lost_and_stays_so(amplifier, source):
    amplifier.close()

    for _ in range(2):
        with pytest.raises(SourceLostError, match=amplifier.spec.source_id):
            source.read(timeout=10.0)


def test_a_trigger_channel_gives_the_markers():
    source_id = unique("serial")
    info = pylsl.StreamInfo("with triggers", "EEG", 2, 100.0, "float32", source_id)
    info.set_channel_types(["eeg", "trigger"])
    outlet = SampleOutlet(info, "float32")
    source = LslClientSource(source_id)
    source.open()

    outlet.push([[1, 0], [2, 5], [3, 5], [4, 0]])
    readings = read(source, 4)
    source.close()

    assert texts_of(readings) == ["5"]
    assert readings[0].markers[0].time == 0.01
    assert source.spec.ch_names == ("1",)


def test_a_stream_that_is_not_there_is_one_line():
    with pytest.raises(BciError, match="no stream with source_id 'nobody'"):
        LslClientSource("nobody", resolve_timeout=0.1).open()


def test_an_event_stream_is_refused():
    source_id = unique("events")
    info = pylsl.StreamInfo("events", "Markers", 1, 0.0, "int32", source_id)
    outlet = SampleOutlet(info, "int32")

    with pytest.raises(ValueError, match="regular rate"):
        LslClientSource(source_id).open()

    outlet.close()


def test_opening_warns_of_nothing_and_prints_nothing():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", OPEN_ONE],
        check=False,
        capture_output=True,
        text=True,
        cwd="tests/support",
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
