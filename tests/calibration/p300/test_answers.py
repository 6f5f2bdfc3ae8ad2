"""From answers of a speller to a decoder of error potentials."""

import msgspec
import numpy as np
import pytest
import simulated_files

from bci_online.acquisition.simulator import simulate
from bci_online.config import Evidence, for_error_potentials
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import RecordingError
from bci_online.messages import Marker
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.answer_evidence import surely_known
from calibration.p300.evidence import densities
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.training import train
from calibration.training_request import TrainingRequest


@pytest.mark.slow
def test_wrong_answers_are_the_targets_of_a_decoder_that_tells_them_from_right_ones(tmp_path):
    epochs = epochs_of([simulated_files.answers()], simulated_files.ANSWERS).all()
    decoder = read_decoder(simulated_files.errp_decoder())

    assert (len(epochs), int(epochs.y.sum())) == (40, 12)
    scores = np.array([decoder.score(data)[1] for data in epochs.X])
    assert scores[epochs.y].min() > scores[~epochs.y].max()
    assert decoder.header.preprocessing.epoch.after == "feedback"
    assert decoder.header.promise is None


def test_recordings_without_answers_or_without_a_wrong_one_are_refused_in_a_line(tmp_path):
    config = for_error_potentials(simulated_files.CONFIG)
    request = TrainingRequest(
        recordings=(simulated_files.recording(),), config=config, output=tmp_path / "d",
        method="lda", evaluation=False,
    )  # fmt: skip
    with pytest.raises(RecordingError, match=r"no feedback/<hit\|miss> marker, as .* record errp"):
        train(request)

    shown = msgspec.structs.replace(config.presentation, answers=10, wrong_answers=0.1)
    quick = msgspec.structs.replace(simulated_files.ANSWERS, presentation=shown)
    recording = tmp_path / "answers.xdf"
    write_recording(quick, "", recording, 1)
    # A marker of the same length says that the wrong answer was right.
    only_right = recording.read_bytes().replace(b"feedback/miss", b"feedback/hit ")
    recording.write_bytes(only_right)
    with pytest.raises(RecordingError, match="10 answers, all of them right"):
        train(msgspec.structs.replace(request, recordings=(recording,)))


@pytest.mark.parametrize("seed", range(5))
def test_scores_that_tell_nothing_are_worth_nothing_but_for_one_calibration_in_forty(seed):
    is_wrong = np.arange(80) < 20
    draws = np.random.default_rng(seed).standard_normal((200, 80))

    found = [surely_known(densities(scores, is_wrong), is_wrong) for scores in draws]

    worth = np.mean([one.target_mean > one.nontarget_mean for one in found])
    assert worth < 0.08  # 0.025 expected; 200 draws


def test_a_sure_difference_is_kept_but_for_its_error():
    is_wrong = np.arange(4000) < 1000
    evidence = Evidence(target_mean=1.0, nontarget_mean=0.0)

    found = surely_known(evidence, is_wrong)

    assert found.target_mean - found.nontarget_mean == pytest.approx(1.0, abs=0.01)
    assert (found.target_mean + found.nontarget_mean) / 2 == pytest.approx(0.5)


def test_only_a_wrong_answer_evokes_an_error_potential():
    simulation = msgspec.structs.replace(simulated_files.ANSWERS.simulation, errp_uv=50.0)

    def signal(*markers: str) -> np.ndarray:
        shown = [Marker(text, 1.0) for text in markers]
        readings = list(simulate(simulation, shown, 2.5))
        return np.concatenate([chunk.data for one in readings for chunk in one.chunks])

    quiet = signal()
    np.testing.assert_array_equal(signal("feedback/hit"), quiet)
    difference = signal("feedback/miss") - quiet
    assert abs(difference[: int(128 * 1.0)]).max() == 0
    assert difference.max() == pytest.approx(50.0, rel=0.2)
