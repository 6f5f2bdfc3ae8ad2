import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from fieldtrip_server import FieldTripServer
from hypothesis import given, settings
from hypothesis import strategies as st
from mne import create_info
from mne.io import RawArray

from bci_online.acquisition.mne_realtime import FieldTripSource, MockClientSource
from bci_online.errors import BciError, SourceLostError
from bci_online.messages import EEG, MARKERS, ClockOffset, Marker

VOLTS = 1e-5 * np.random.default_rng(0).normal(size=(3, 250))


def recording(stim=(), ch_names=("Fz", "Cz", "Pz")) -> RawArray:
    """250 samples at 100 Hz; `stim` are rows of trigger numbers, the last one STI 014."""
    names = [f"STI {14 - row:03d}" for row in range(len(stim))][::-1]
    info = create_info([*ch_names, *names], 100.0, ["eeg"] * 3 + ["stim"] * len(names))
    return RawArray(np.concatenate([VOLTS, *np.reshape(stim, (-1, 1, 250))]), info, verbose="ERROR")


def triggers(**at: int) -> np.ndarray:
    """Numbers that hold for 5 samples: ``triggers(s20=3)`` has a 3 from sample 20 on."""
    stim = np.zeros(250)
    for name, value in at.items():
        stim[int(name[1:]) :][:5] = value
    return stim


def everything(source: MockClientSource) -> list:
    source.open()
    readings = []
    while (reading := source.read()) is not None:
        readings.append(reading)
    return readings


def joined(readings) -> tuple[np.ndarray, np.ndarray, list[Marker]]:
    chunks = [chunk for reading in readings for chunk in reading.chunks]
    return (
        np.concatenate([chunk.data for chunk in chunks]),
        np.concatenate([chunk.stamps for chunk in chunks]),
        [marker for reading in readings for marker in reading.markers],
    )


def test_importing_the_room_imports_neither_mne_nor_mne_realtime():
    code = (
        "import sys, bci_online.acquisition.mne_realtime as room;"
        "sys.exit(bool({'mne', 'mne_realtime'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_opening_warns_of_nothing_and_prints_nothing():
    code = (
        "from mne import create_info; from mne.io import RawArray; import numpy;"
        "from bci_online.acquisition.mne_realtime import MockClientSource;"
        "raw = RawArray(numpy.ones((1, 9)), create_info(1, 100., 'eeg'), verbose='ERROR');"
        "MockClientSource(raw).open()"
    )

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_mock_client_sends_the_whole_recording_in_microvolts_numbered_by_its_samples():
    readings = everything(MockClientSource(recording(), buffer_size=40))

    data, stamps, markers = joined(readings)

    np.testing.assert_allclose(data, 1e6 * VOLTS.T, rtol=1e-12)
    np.testing.assert_array_equal(stamps, np.arange(250) / 100)
    assert [len(reading.chunks[0].stamps) for reading in readings] == [40] * 6 + [10]
    assert markers == []
    assert readings[0].offsets == (ClockOffset(EEG, 0.0, 0.0), ClockOffset(MARKERS, 0.0, 0.0))


def test_calibration_factors_of_the_recording_do_not_change_the_samples():
    raw = recording()
    for ch in raw.info["chs"]:
        ch["cal"], ch["range"] = 0.25, 3.0

    data, _, _ = joined(everything(MockClientSource(raw)))

    np.testing.assert_allclose(data, 1e6 * VOLTS.T, rtol=1e-12)


@settings(max_examples=25, deadline=None)
@given(buffer_size=st.integers(1, 400))
def test_samples_and_markers_do_not_depend_on_the_buffer_size(buffer_size):
    raw = recording([triggers(s20=3, s25=4, s100=3, s249=9)])

    data, stamps, markers = joined(everything(MockClientSource(raw, buffer_size=buffer_size)))

    assert data.shape == (250, 3)
    np.testing.assert_array_equal(stamps, np.arange(250) / 100)
    assert [(m.text, m.time) for m in markers] == [("3", 0.2), ("4", 0.25), ("3", 1.0), ("9", 2.49)]


def test_what_the_stim_channel_held_at_the_start_is_no_marker():
    raw = recording([triggers(s0=5, s50=5)])

    _, _, markers = joined(everything(MockClientSource(raw, buffer_size=1)))

    assert markers == [Marker("5", 0.5)]


def test_of_several_stim_channels_the_combined_one_is_read_unless_one_is_named():
    raw = recording([triggers(s10=1), triggers(s20=2)])

    usual = joined(everything(MockClientSource(raw)))[2]
    named = joined(everything(MockClientSource(raw, stim_channel="STI 013")))[2]

    assert [(m.text, m.time) for m in (*usual, *named)] == [("2", 0.2), ("1", 0.1)]


def test_only_channels_in_volts_are_eeg_and_the_spec_says_so():
    raw = recording([triggers()])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a unit changes with its type
        raw.set_channel_types({"Cz": "misc", "Pz": "eog"})
    source = MockClientSource(raw)

    data, _, _ = joined(everything(source))

    assert source.spec.ch_names == ("Fz", "Pz")
    assert source.spec.ch_types == ("EEG", "EOG")
    assert (source.spec.unit, source.spec.sfreq) == ("microvolts", 100.0)
    np.testing.assert_allclose(data, 1e6 * VOLTS[[0, 2]].T, rtol=1e-12)


def test_what_cannot_be_read_is_refused_with_the_reason():
    magnetic = RawArray(np.zeros((1, 9)), create_info(1, 100.0, "mag"), verbose="ERROR")

    with pytest.raises(ValueError, match=r"no channel of type eeg"):
        MockClientSource(magnetic).open()
    with pytest.raises(ValueError, match=r"stim_channel='STI 7' is not one of .*\['STI 014'\]"):
        MockClientSource(recording([triggers()]), stim_channel="STI 7").open()
    with pytest.raises(ValueError, match=r"buffer_size=0 must be at least 1"):
        MockClientSource(recording(), buffer_size=0)
    with pytest.raises(RuntimeError, match=r"open\(\) this source"):
        MockClientSource(recording()).read()


@pytest.fixture
def server() -> Iterator[FieldTripServer]:
    with FieldTripServer() as served:
        yield served


@pytest.fixture
def source(server: FieldTripServer) -> Iterator[FieldTripSource]:
    reader = FieldTripSource(port=server.port, patience=2.0)
    yield reader
    reader.close()


def numbered(first: int, last: int) -> np.ndarray:
    """Samples whose EEG 1 is their number and whose Cz is its half, in volts."""
    number = 1e-6 * np.arange(first, last)
    return np.column_stack([number, number / 2, np.zeros(last - first)])


def test_a_fieldtrip_header_becomes_the_spec_whatever_its_channels_are_called(server, source):
    source.open()

    assert source.spec.ch_names == ("EEG 1", "Cz")
    assert (source.spec.unit, source.spec.sfreq) == ("microvolts", 100.0)


def test_a_fieldtrip_header_that_states_an_impossible_rate_is_refused(server, source):
    server.sfreq = 1e6

    with pytest.raises(BciError, match=r"3 channels at 1e[+]06 Hz, at most 10000 at 100000 Hz"):
        source.open()


def test_channels_without_names_are_numbered(server, source):
    server.names_channels = False

    source.open()

    assert source.spec.ch_names == ("EEG001", "EEG002", "EEG003")


def test_fieldtrip_samples_come_from_the_newest_on_once_each_with_their_own_numbers(server, source):
    server.put_samples(numbered(0, 50))
    source.open()

    readings = [source.read()]
    for last in (51, 60, 100):
        server.put_samples(numbered(len(server.samples), last))
        readings.append(source.read(timeout=20.0))

    data, stamps, _ = joined(readings)
    assert readings[0].chunks == ()
    assert [len(reading.chunks[0].stamps) for reading in readings[1:]] == [1, 9, 40]
    np.testing.assert_allclose(data, np.column_stack([np.arange(50, 100), np.arange(25, 50, 0.5)]))
    np.testing.assert_array_equal(stamps, np.arange(50, 100) / 100)
    assert [o.value for o in readings[0].offsets] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("unit", "said", "value"),
    [
        ("volts", "microvolts", 3.0),
        ("microvolts", "microvolts", 3e-6),
        ("unknown", "unknown", 3e-6),
    ],
)
def test_the_unit_of_a_fieldtrip_buffer_is_what_the_user_says(server, unit, said, value):
    reader = FieldTripSource(port=server.port, unit=unit)
    reader.open()
    server.put_samples(numbered(3, 4))

    reading = reader.read(timeout=20.0)
    reader.close()

    assert reader.spec.unit == said
    assert reading.chunks[0].data[0, 0] == pytest.approx(value)


def test_fieldtrip_events_and_stim_channels_are_markers(server, source):
    server.put_event("trigger", 1, 0)
    source.open()
    samples = numbered(0, 40)
    samples[10:20, 2] = 6

    server.put_samples(samples)
    server.put_event("trigger", 7, 30)
    server.put_event("stimulus", "flash/3/target", 35)
    server.put_event("pause", "", 36)
    readings = [source.read(timeout=20.0), source.read()]

    found = {(m.text, m.time) for reading in readings for m in reading.markers}
    assert found == {("6", 0.1), ("7", 0.3), ("flash/3/target", 0.35), ("pause", 0.36)}


def test_reading_waits_for_an_event_as_well_as_for_samples(server, source):
    source.open()
    later = threading.Timer(0.05, server.put_event, ("trigger", 4, 2))
    later.start()

    reading = source.read(timeout=20.0)
    later.join()

    assert reading.markers == (Marker("4", 0.02),)


def test_samples_that_the_buffer_overwrote_are_a_hole_in_the_stamps(server, source):
    server.kept = 100
    source.open()
    server.put_samples(numbered(0, 50))
    first = source.read(timeout=20.0)
    server.put_samples(numbered(50, 500))

    second = source.read(timeout=20.0)

    data, stamps, _ = joined([first, second])
    assert stamps[50] > 4.0
    assert stamps[-1] == 4.99
    np.testing.assert_allclose(data[:, 0], 100 * stamps)
    assert source.read().chunks == ()


def test_nothing_new_is_an_empty_reading(server, source):
    source.open()
    source.read()

    reading = source.read(timeout=0.01)

    assert (reading.chunks, reading.markers, reading.offsets) == ((), (), ())


@pytest.mark.parametrize("fate", ["hangs up", "falls silent", "starts anew"])
def test_a_buffer_that_goes_away_is_a_lost_source(server, fate):
    server.put_samples(numbered(0, 10))
    reader = FieldTripSource(port=server.port, patience=1.0)
    reader.open()
    reader.read()

    if fate == "hangs up":
        server.hang_up()
    elif fate == "falls silent":
        server.mute = True
    else:
        server.start_anew()

    with pytest.raises(SourceLostError, match=rf"FieldTrip buffer at 127.0.0.1:{server.port} is"):
        reader.read(timeout=0.1)
    reader.close()


def test_where_no_buffer_answers_the_message_says_what_to_do(server):
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    server.has_header = False

    for port in (free, server.port):
        reader = FieldTripSource(port=port, patience=0.5)
        with pytest.raises(BciError, match=rf"answers at 127.0.0.1:{port} .*start the acquisition"):
            reader.open()
        reader.close()


def test_closing_hangs_up_and_leaves_no_thread_behind(server):
    before = set(threading.enumerate())
    reader = FieldTripSource(port=server.port)
    reader.open()
    reader.read(timeout=0.01)

    reader.close()
    reader.close()

    assert reader.read() is None
    assert set(threading.enumerate()) == before
