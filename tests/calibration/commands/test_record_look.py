"""A calibration ends with a look at what was recorded."""

from types import SimpleNamespace

import pytest
import simulated_files
from foreign_session import amplifier, markers, written

from calibration.commands.record import looked_at

PERSON, PROGRAM = SimpleNamespace(as_json=False), SimpleNamespace(as_json=True)


def plan(path):
    return SimpleNamespace(folder=SimpleNamespace(recording=path), config=simulated_files.CONFIG)


@pytest.mark.slow
def test_the_end_of_a_calibration_names_what_is_wrong_with_its_recording(tmp_path):
    odd = written(tmp_path, amplifier(sfreq=160.0), markers())

    assert [*looked_at(plan(simulated_files.recording()), PERSON)] == [
        "look: nothing is wrong with the recording"
    ]
    first, last = looked_at(plan(odd), PERSON)
    assert first.startswith("look: stream 'amp': sends 128 samples a second")
    assert last == f"all of it: bci-online look {odd}"


def test_a_program_is_told_nothing_and_a_missing_recording_is_one_line(tmp_path):
    assert [*looked_at(plan(tmp_path), PROGRAM)] == []
    assert len([*looked_at(plan(tmp_path / "none.xdf"), PERSON)]) == 1
