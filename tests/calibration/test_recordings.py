"""Recordings that are given to a training: the same one never twice, whatever its file."""

import pytest
import simulated_files

from bci_online.errors import RecordingError
from calibration.recordings import contents_of


@pytest.mark.parametrize(
    ("name", "first", "left_out"), [("short.xdf", b"", 2000), ("a_repaired.xdf", b"other", 0)]
)
def test_a_recording_beside_a_shortened_or_repaired_copy_is_refused(
    tmp_path, name, first, left_out
) -> None:
    content = simulated_files.recording().read_bytes()
    whole, copy = tmp_path / "a.xdf", tmp_path / name
    whole.write_bytes(content)
    copy.write_bytes(first + content[: len(content) - left_out])

    for given in ([whole, copy], [copy, whole]):
        with pytest.raises(RecordingError, match=r"holds the same as .*; give one of them"):
            contents_of(given)


def test_recordings_of_two_texts_are_two() -> None:
    given = [simulated_files.recording(), simulated_files.recording("AB", 7)]

    assert len(set(contents_of(given))) == 2
