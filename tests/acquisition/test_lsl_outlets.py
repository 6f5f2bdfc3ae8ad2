import time

import numpy as np
import pylsl
import pytest
from lsl_amplifier import LslAmplifier, unique

from bci_online.acquisition.lsl import (
    SESSION_TYPES,
    Connection,
    LslMarkerSink,
    TextOutlet,
    eeg_outlet,
    find_stream,
    frames_outlet,
    session_outlet,
    session_source_id,
    wait_for_consumers,
    wait_until_left,
)
from bci_online.acquisition.lsl.outlet import SETTLES_S
from bci_online.messages import Marker

pytestmark = pytest.mark.live


def connected(source_id: str) -> Connection:
    connection = Connection(find_stream(source_id, 30.0))
    connection.establish(30.0, lambda: False)
    return connection


def received(connection: Connection, n_times: int, dtype) -> tuple[np.ndarray, list[float]]:
    buffer = np.empty((n_times, connection.header.n_channels), dtype)
    stamps = connection.pull(buffer, 30.0)
    # Who keeps them keeps no room for samples that did not come.
    assert stamps.base is None
    return buffer, stamps.tolist()


def test_every_sample_has_the_stamp_that_was_given_with_it():
    amplifier = LslAmplifier()
    connection = connected(amplifier.spec.source_id)

    amplifier.outlet.push([[1, 2, 3], [4, 5, 6]], [10.0, 10.5])
    data, stamps = received(connection, 2, np.float64)
    connection.close()

    np.testing.assert_array_equal(data, [[1, 2, 3], [4, 5, 6]])
    assert stamps == [10.0, 10.5]


def test_a_single_stamp_is_that_of_the_last_sample():
    amplifier = LslAmplifier(sfreq=100.0)
    connection = connected(amplifier.spec.source_id)

    amplifier.outlet.push(np.zeros((3, 3)), 10.0)
    _, stamps = received(connection, 3, np.float64)
    connection.close()

    np.testing.assert_allclose(stamps, [9.98, 9.99, 10.0])


def test_whole_numbers_are_sent_as_such():
    spec = LslAmplifier().spec
    outlet = eeg_outlet(spec, sample_type="int16")
    connection = connected(spec.source_id)

    outlet.push(np.array([[-32768, 0, 32767]]))
    data, _ = received(connection, 1, np.int16)
    connection.close()

    assert connection.header.format == "int16"
    np.testing.assert_array_equal(data, [[-32768, 0, 32767]])


def test_stamps_that_do_not_fit_the_samples_are_refused():
    with pytest.raises(ValueError, match="3 stamps must be one for each of 2 samples"):
        LslAmplifier().outlet.push(np.zeros((2, 3)), [1.0, 2.0, 3.0])


@pytest.mark.parametrize("kind", ["markers", "decisions", "journal", "control"])
def test_a_session_has_a_text_stream_of_each_kind(kind):
    session = unique("s")
    outlet = session_outlet(session, kind)

    header = find_stream(session_source_id(session, kind), 30.0).header
    outlet.close()

    assert header.name == f"bci-online-{kind}"
    assert header.type == SESSION_TYPES[kind]
    assert header.source_id == f"bci-online/{session}/{kind}"
    assert (header.format, header.sfreq) == ("string", 0.0)


def test_the_frames_of_a_session_are_numbers():
    session = unique("s")
    outlet = frames_outlet(session)
    connection = connected(f"bci-online/{session}/frames")

    outlet.push([[16.7]], 3.0)
    data, stamps = received(connection, 1, np.float64)
    connection.close()

    assert (data[0, 0], stamps) == (16.7, [3.0])
    assert connection.header.type == "Frames"


def test_text_streams_cannot_be_frames_nor_unknown_nor_of_a_session_with_quotes():
    with pytest.raises(ValueError, match="frames_outlet"):
        session_outlet("s", "frames")
    with pytest.raises(ValueError, match="must be one of markers"):
        session_outlet("s", "thoughts")
    with pytest.raises(ValueError, match="letters, digits"):
        session_outlet("it's", "markers")


def test_a_marker_is_sent_with_its_own_time():
    session = unique("s")
    outlet = session_outlet(session, "markers")
    inlet = pylsl.StreamInlet(find_stream(outlet.source_id, 30.0).info, recover=False)
    inlet.open_stream(30.0)

    LslMarkerSink(outlet).mark(Marker("flash/3/target", 12.5))

    assert inlet.pull_sample(30.0) == (["flash/3/target"], 12.5)


def test_consumers_are_seen_to_come_and_to_leave():
    amplifier, other = LslAmplifier(), LslAmplifier()
    outlets = [amplifier.outlet, other.outlet]

    connections = [connected(amplifier.spec.source_id)]
    half = wait_for_consumers(outlets, 0.0)
    connections.append(connected(other.spec.source_id))
    both = wait_for_consumers(outlets, 60.0)
    stayed = wait_until_left(outlets, 0.0)
    for connection in connections:
        connection.close()
    left = wait_until_left(outlets, 60.0)

    assert (half, both, stayed, left) == (False, True, False, True)


def test_a_closed_outlet_has_no_consumers_and_takes_nothing():
    amplifier, outlet = LslAmplifier(), session_outlet(unique("s"), "journal")
    for closed in (amplifier.outlet, outlet):
        closed.close()
        closed.close()

        assert not closed.has_consumers()
    with pytest.raises(RuntimeError, match="closed"):
        amplifier.send(1)
    with pytest.raises(RuntimeError, match="closed"):
        outlet.push("{}")


def dropped(outlet: TextOutlet) -> None:
    """What happens after an error: nobody closes it."""


@pytest.mark.parametrize("end", [TextOutlet.close, dropped])
def test_a_stream_that_has_just_begun_stays_until_those_who_look_for_it_have_connected(end):
    # liblsl 1.18 crashes the process of an outlet that is destroyed while a reader connects.
    began = time.monotonic()
    outlet = TextOutlet("x", "Markers", unique("x"))

    end(outlet)
    del outlet

    assert time.monotonic() - began >= SETTLES_S
