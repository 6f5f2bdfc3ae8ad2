import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from lsl_amplifier import LslAmplifier, unique

import bci_online.session.recorder
from bci_online.acquisition.lsl import TextOutlet, session_outlet
from bci_online.acquisition.xdf import XdfSource
from bci_online.errors import RecordingError
from bci_online.messages import Reading
from bci_online.session.lab_recorder import quiet_lab_recorder
from bci_online.session.recorder import SessionRecorder

pytestmark = pytest.mark.live

PROBE = "note/probe"


class Session:
    """An amplifier that sends in a thread, and the markers of a session."""

    def __init__(self) -> None:
        self.amplifier = LslAmplifier(sfreq=256.0, ch_names=tuple(f"E{n}" for n in range(16)))
        self.markers: TextOutlet = session_outlet(unique("session"), "markers")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    @property
    def streams(self) -> list[dict[str, str]]:
        ids = self.amplifier.spec.source_id, self.markers.source_id
        return [{"source_id": source_id} for source_id in ids]

    def _send(self) -> None:
        while not self._stop.wait(0.03125):
            self.amplifier.outlet.push(np.ones((8, 16)))

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.amplifier.outlet.close()
        self.markers.close()


@pytest.fixture
def session() -> Iterator[Session]:
    sending = Session()
    yield sending
    sending.close()


def children() -> set[str]:
    """Return the processes that this one has started and not yet waited for."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, parent, *_ = path.read_text().rpartition(")")[2].split()
            if parent == str(os.getpid()):
                found.add(path.parent.name)
    return found


@pytest.fixture(autouse=True)
def _nothing_is_left(capfd) -> Iterator[None]:
    threads, processes = set(threading.enumerate()), children()
    yield
    assert set(threading.enumerate()) <= threads
    assert children() <= processes
    assert capfd.readouterr() == ("", "")


def read_all(path: Path) -> list[Reading]:
    source = XdfSource(path)
    source.open()
    readings = []
    while (reading := source.read()) is not None:
        readings.append(reading)
    source.close()
    return readings


def seen(recorder: SessionRecorder, session: Session, text: str) -> None:
    """Wait until a marker that is sent once is in the file."""
    session.markers.push(text)
    until = time.monotonic() + 20
    while not recorder.is_ready(text):
        session.markers.push("note/and%20so%20on")
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_session_is_recorded_from_the_probe_to_the_end_and_nothing_else_with_it(
    session, tmp_path
):
    stranger = TextOutlet(unique("stranger"), "Markers", unique("stranger"))
    path = tmp_path / "made" / "sub-01_eeg.xdf"
    recorder = SessionRecorder(path, session.streams)
    assert not recorder.is_alive
    assert not recorder.is_ready(PROBE)

    recorder.start()
    recorder.wait_until_ready(PROBE, session.markers.push)
    stranger.push("a stranger's")
    seen(recorder, session, "session/end/done")
    alive, n_bytes = recorder.is_alive, recorder.n_bytes
    # A Ctrl-C in the terminal reaches every process of the group.
    os.kill(recorder._process.pid, signal.SIGINT)
    left: list[int] = []
    ending = recorder.stop(waiting=left.append)
    stranger.close()

    assert (alive, ending, recorder.is_alive) == (True, "closed", False)
    assert recorder.stop() == "closed"
    # Said at once, and counted down by the second until it was closed.
    assert left == [max(0, 6 - second) for second in range(len(left))]
    assert left
    assert 0 < n_bytes <= recorder.n_bytes
    readings = read_all(path)
    texts = [marker.text for reading in readings for marker in reading.markers]
    assert PROBE in texts
    assert "session/end/done" in texts
    assert sum(chunk.stamps.size for reading in readings for chunk in reading.chunks) > 100
    assert b"a stranger's" not in path.read_bytes()


def test_the_death_of_labrecorder_is_seen_and_what_it_wrote_can_be_read(session, tmp_path):
    path = tmp_path / "killed.xdf"
    recorder = SessionRecorder(path, session.streams)
    recorder.start()
    recorder.wait_until_ready(PROBE, session.markers.push)

    os.kill(recorder._process.pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while recorder.is_alive:
        assert time.monotonic() < until
        time.sleep(0.01)

    assert recorder.stop() == "died"
    texts = [marker.text for reading in read_all(path) for marker in reading.markers]
    assert PROBE in texts
    with pytest.raises(RecordingError, match="LabRecorder died"):
        recorder.wait_until_ready("note/other", session.markers.push)


def test_a_labrecorder_that_does_not_end_in_time_is_killed(session, tmp_path):
    with SessionRecorder(tmp_path / "hung.xdf", session.streams) as recorder:
        recorder.start()
        os.kill(recorder._process.pid, signal.SIGSTOP)

        with pytest.raises(RecordingError, match=r"no marker reached it within 0\.3 s"):
            recorder.wait_until_ready("note/never", session.markers.push, timeout=0.3)
        assert recorder.stop(timeout=0.2) == "killed"


def test_a_listed_stream_that_never_comes_is_named_and_nothing_is_recorded(session, tmp_path):
    path = tmp_path / "never.xdf"
    recorder = SessionRecorder(path, [*session.streams, {"source_id": "nobody/markers"}])

    with pytest.raises(RecordingError, match="there is no stream nobody/markers after"):
        recorder.start(timeout=1.5)

    assert not path.exists()
    assert not recorder.is_alive
    assert recorder.stop() == "never started"


def test_nobody_waits_for_a_stream_whose_sender_is_known_to_be_gone(session, tmp_path):
    class GoneError(Exception):
        pass

    def check() -> None:
        raise GoneError

    recorder = SessionRecorder(tmp_path / "x.xdf", [{"source_id": "nobody"}])

    with pytest.raises(GoneError):
        recorder.start(timeout=600, check=check)

    assert not recorder.is_alive
    assert not recorder.path.exists()


def test_a_stream_that_comes_late_is_waited_for(session, tmp_path):
    late = unique("late")
    outlets = []
    timer = threading.Timer(1.2, lambda: outlets.append(TextOutlet(late, "Decisions", late)))
    recorder = SessionRecorder(tmp_path / "late.xdf", [*session.streams, {"source_id": late}])
    timer.start()

    recorder.start(timeout=20)

    assert recorder.is_alive
    assert recorder.stop(timeout=0.1) == "killed"
    timer.join()
    outlets[0].close()


def test_a_labrecorder_that_hangs_while_it_starts_is_started_again(session, tmp_path, monkeypatch):
    attempts = []

    def hangs_once():
        made = quiet_lab_recorder()
        attempts.append(made)
        if len(attempts) == 1:
            start = made.start

            def hang(*arguments, timeout):
                start(*arguments, timeout=timeout)
                time.sleep(timeout)
                raise TimeoutError("The recording did not start in time.")

            monkeypatch.setattr(made, "start", hang)
        return made

    monkeypatch.setattr(bci_online.session.recorder, "quiet_lab_recorder", hangs_once)

    with SessionRecorder(tmp_path / "run.xdf", session.streams) as recorder:
        recorder.start()
        assert recorder.is_alive
        recorder.stop(timeout=0.1)

    assert len(attempts) == 2


def test_two_streams_of_one_source_id_are_refused(session, tmp_path):
    twin = TextOutlet("twin", "Markers", session.markers.source_id)
    recorder = SessionRecorder(tmp_path / "twins.xdf", session.streams)

    with pytest.raises(RecordingError, match="3 streams answered, 2 were expected"):
        recorder.start()

    twin.close()
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_written_over(tmp_path):
    path = tmp_path / "old.xdf"
    path.write_bytes(b"precious")

    with pytest.raises(RecordingError, match="exists already"):
        SessionRecorder(path, [{"source_id": "someone"}]).start()

    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("ids", [[], [""], ["a", "a"], ["it's"]])
def test_what_names_no_single_stream_is_refused(ids, tmp_path):
    with pytest.raises(RecordingError, match="needs a unique source_id or name"):
        SessionRecorder(tmp_path / "x.xdf", [{"source_id": id_} for id_ in ids])


def test_a_stream_without_source_id_is_recorded_by_name_and_type(session, tmp_path):
    anonymous = TextOutlet("anonymous app", "Notes", "")
    path = tmp_path / "named.xdf"
    streams = [*session.streams, {"name": "anonymous app", "type": "Notes"}]

    with SessionRecorder(path, streams) as recorder:
        recorder.start()
        recorder.wait_until_ready("hello", anonymous.push)

    anonymous.close()


def test_a_probe_written_in_two_parts_is_found(tmp_path):
    recorder = SessionRecorder(tmp_path / "parts.xdf", [{"source_id": "someone"}])
    for part, found in ((b"XDF: note/pr", False), (b"obe and more", True), (b"!", True)):
        with recorder.path.open("ab") as file:
            file.write(part)
        assert recorder.is_ready(PROBE) is found


def test_labrecorders_own_words_name_no_computer_here(session, tmp_path, caplog):
    with SessionRecorder(tmp_path / "quiet.xdf", session.streams) as recorder:
        recorder.start()
        recorder.stop(timeout=0.1)

    assert socket.gethostname() not in caplog.text
