"""A recording that no longer reaches the disk is said once; one without room does not begin."""

from collections import namedtuple
from pathlib import Path

import pytest

from bci_online.errors import RecordingError
from bci_online.session import recording_watch
from bci_online.session.recording_watch import RecordingWatch, check_room, disk_refusal

STEP_S = 0.5
FULL = "No space left on device"


def recorded(watched: RecordingWatch, seconds: float, size: int = 0, begin: float = 0.0) -> float:
    """Let a recording grow twice a second, as LabRecorder does; return when it grew last."""
    steps = int(seconds / STEP_S)
    for n in range(1, steps + 1):
        assert watched.check(size + 1000 * n, begin + STEP_S * n) == ""
    return begin + STEP_S * steps


def test_a_recording_that_no_longer_grows_is_noticed_within_two_seconds(tmp_path):
    watched = RecordingWatch(tmp_path)
    last = recorded(watched, 30.0)

    said = [watched.check(60_000, last + 0.1 * n) for n in range(40)]

    first = next(n for n, text in enumerate(said) if text)
    assert 1.5 < 0.1 * first <= 2.0
    assert said[first] == (
        f"the recording has not grown for {0.1 * first:.1f} s (its recorder hangs): what follows "
        "is not recorded"
    )
    assert not any(said[first + 1 :])


def test_a_recorder_that_hangs_soon_after_the_start_is_noticed_too(tmp_path):
    watched = RecordingWatch(tmp_path)
    last = recorded(watched, 2 * STEP_S)

    assert watched.check(2000, last + 1.4) == ""
    assert "its recorder hangs" in watched.check(2000, last + 1.6)


def test_a_recorder_that_hung_and_writes_again_is_noticed_once(tmp_path):
    watched = RecordingWatch(tmp_path)
    last = recorded(watched, 30.0)
    said = watched.check(60_000, last + 2.0)
    assert "its recorder hangs" in said
    assert watched.may_come_back
    assert watched.came_back(60_000) == ""

    assert watched.came_back(90_000) == said

    assert watched.came_back(91_000) == ""
    again = recorded(watched, 30.0, 90_000, last + 5.0)
    assert "its recorder hangs" in watched.check(150_000, again + 2.0)


def test_a_recording_on_a_full_disk_does_not_come_back(tmp_path, monkeypatch):
    watched = RecordingWatch(tmp_path)
    last = recorded(watched, 30.0)
    monkeypatch.setattr(recording_watch, "disk_refusal", lambda folder: FULL)

    assert watched.check(60_000, last + 2.0)

    assert not watched.may_come_back
    assert watched.came_back(90_000) == ""


def test_a_silent_amplifier_is_no_fault_of_the_recording(tmp_path):
    watched = RecordingWatch(tmp_path)
    last = recorded(watched, 30.0)

    silent = [watched.check(60_000, last + 0.1 * n, eeg_is_silent=n > 6) for n in range(200)]

    assert not any(silent)
    assert watched.check(60_000, last + 20.5) == ""


def test_a_slow_recording_has_more_time(tmp_path):
    watched = RecordingWatch(tmp_path)
    for n in range(1, 40):
        assert watched.check(1000 * n, 2.0 * n) == ""

    assert watched.check(39_000, 78.0 + 5.9) == ""
    assert watched.check(39_000, 78.0 + 6.1).startswith("the recording has not grown for 6.1 s")


@pytest.mark.parametrize(
    ("sfreq", "n_channels", "within_s"), [(250.0, 8, 2.0), (64.0, 2, 16.0), (2048.0, 64, 2.0)]
)
def test_a_small_stream_that_fills_the_buffer_slowly_is_waited_for(
    tmp_path, sfreq, n_channels, within_s
):
    watch = RecordingWatch(tmp_path)
    watch.expect(sfreq, n_channels)
    # While symbols flash, other streams fill the buffer; then only the EEG does.
    for step in range(12):
        assert watch.check(1000 * (step + 1), 0.5 * step) == ""
    fills_s = 8192 / (sfreq * (4 * n_channels + 1))

    assert watch.check(12_000, 5.5 + fills_s) == ""
    assert "has not grown" in watch.check(12_000, 5.5 + within_s)


def test_a_full_disk_is_noticed_by_writing(tmp_path, monkeypatch):
    watched = RecordingWatch(tmp_path)
    last = recorded(watched, 2.0)
    monkeypatch.setattr(recording_watch, "disk_refusal", lambda folder: FULL)

    said = watched.check(5000, last + STEP_S)

    assert said == f"the disk takes no more data ({FULL}): what follows is not recorded"
    assert watched.check(5000, last + 10.0) == ""


def test_a_disk_that_takes_data_refuses_nothing_and_keeps_nothing(tmp_path):
    assert disk_refusal(tmp_path) == ""
    assert list(tmp_path.iterdir()) == []
    assert disk_refusal(tmp_path / "gone") == "No such file or directory"


def test_a_session_needs_room_for_its_length(tmp_path, monkeypatch):
    Usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(
        recording_watch.shutil, "disk_usage", lambda folder: Usage(0, 0, 10_000_000)
    )
    # 64 channels of 4 bytes and a stamp of 9, 250 times a second: 66 kB, and 2 kB for the rest.
    rate = 250 * (64 * 4 + 9) + 2000

    check_room(tmp_path, 250.0, 64, 10_000_000 / rate - 1)
    with pytest.raises(RecordingError) as refused:
        check_room(tmp_path, 250.0, 64, 10_000_000 / rate + 1)

    said = str(refused.value)
    assert said.startswith(f"{tmp_path}: 10.0 MB are free, the session needs about 10.1 MB")
    assert "64 channels × 250 Hz × 2 min" in said
    assert said.endswith("free some, or choose another folder")


def test_free_spelling_needs_room_for_ten_minutes(monkeypatch):
    Usage = namedtuple("Usage", "total used free")
    rate = 250 * (8 * 4 + 9) + 2000
    monkeypatch.setattr(
        recording_watch.shutil, "disk_usage", lambda folder: Usage(0, 0, 600 * rate)
    )
    check_room(Path("here"), 250.0, 8, None)
    monkeypatch.setattr(
        recording_watch.shutil, "disk_usage", lambda folder: Usage(0, 0, 600 * rate - 1)
    )

    with pytest.raises(RecordingError, match="10 min"):
        check_room(Path("here"), 250.0, 8, None)
