"""Benchmarks decide letters from epochs that are there already; the online chain decides alike."""

import msgspec
import numpy as np
import pytest
from recorded_signal import replayed
from simulated_files import CONFIG, decoder, recording

from bci_online.decoding.decoder_file import read_decoder
from bci_online.runtime.simulated_recording import write_recording
from benchmarks.decided_letters import decided, scored_flashes, scores_of
from benchmarks.evidence import Way, evidences
from benchmarks.simulated_subjects import configured, copied
from benchmarks.spelling import Subject, belongs
from calibration.p300.fitting import LinearMethod
from calibration.p300.recorded_epochs import epochs_of


def fitted():
    """Return the decoder of `decoder`, with the letters that it was fitted on."""
    known = epochs_of([recording("THEFOX", 2)], CONFIG)
    return LinearMethod(name="lda").fit(known, np.arange(len(known.all())), CONFIG)


@pytest.mark.slow
@pytest.mark.parametrize("repetitions", [0, 2])
def test_letters_decided_from_epochs_are_those_of_the_online_chain(repetitions):
    model, fresh = fitted(), epochs_of([recording()], CONFIG).all()

    letters = scored_flashes(scores_of(model, fresh), fresh)
    alone = decided(letters, model.evidence, CONFIG, repetitions)

    how = {"dynamic": not repetitions, "max_repetitions": repetitions or None}
    online = replayed(read_decoder(decoder()), recording(), **how).decisions
    assert [one.value for one in alone] == [one.value for one in online]
    assert [one.flashes for one in alone] == [one.flashes for one in online]
    assert [one.truth for one in alone] == [one.truth for one in online] == ["A", "B", "C"]
    np.testing.assert_allclose(
        [list(one.evidence.values()) for one in alone],
        [list(one.evidence.values()) for one in online],
        atol=1e-6,
    )


@pytest.mark.slow
def test_a_session_that_is_cut_at_once_has_the_epochs_of_its_recording(tmp_path):
    config = configured(1, 0.05)
    rng = np.random.default_rng(1)
    word = "".join(rng.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789_"), 1))
    write_recording(config, word, tmp_path / "run.xdf", seed=10)

    (alone,) = (one.all() for one in copied(1, [config], [1]))

    recorded = epochs_of([tmp_path / "run.xdf"], config).all()
    assert alone.letters == recorded.letters
    for name in ("code", "y", "letter", "run"):
        assert getattr(alone, name).tolist() == getattr(recorded, name).tolist()
    # A file holds single precision.
    for name in ("X", "peak_to_peak", "time"):
        np.testing.assert_allclose(getattr(alone, name), getattr(recorded, name), atol=0.01)


def test_results_that_do_not_say_what_training_promised_are_made_again():
    old = Way("present", 3, 0.05, 0, 100, 90, 2, 900)
    new = msgspec.structs.replace(old, promised=False)
    fixed = msgspec.structs.replace(old, rule="fixed")

    kept = [Subject(1, 100, 0.8, ways, (), ()) for ways in ((new, fixed), (old, fixed))]

    assert [belongs(one, 100) for one in kept] == [True, False]
    assert not belongs(kept[0], 50)


@pytest.mark.slow
def test_a_stated_rate_gives_the_evidence_of_a_training_at_that_rate():
    model = fitted()

    found = {(rule, rate): evidence for rule, rate, evidence in evidences(model, CONFIG.stopping)}

    assert found["present", CONFIG.stopping.error_rate] == model.evidence
    assert found["present", 0.01].threshold >= found["present", 0.1].threshold
    assert found["former", 0.05].nobody == 0 < model.evidence.nobody
