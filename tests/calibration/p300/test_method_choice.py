"""`--method auto`: which methods are tried, and which one is taken."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from simulated_files import EIGHT_SENSORS as CONFIG
from simulated_files import recording_of_eight_sensors

from bci_online.config import EpochSpec, read_config
from bci_online.metrics import auc
from calibration.p300.evaluation import evaluate
from calibration.p300.fitting import LinearMethod
from calibration.p300.method_choice import CANDIDATES, FEW_FILTERS, AutomaticMethod
from calibration.p300.method_comparison import compared
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of
from calibration.progress import TrainingProgress

# Each of them trains many decoders.
pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).resolve().parents[3] / "configs"


@pytest.fixture(scope="module")
def recording() -> Path:
    return recording_of_eight_sensors()


@pytest.fixture(scope="module")
def recorded(recording) -> RecordedEpochs:
    return epochs_of([recording], CONFIG)


def test_the_decoder_is_that_of_the_method_taken(recorded) -> None:
    rows = np.arange(len(recorded.all()))

    found = AutomaticMethod().fit(recorded, rows, CONFIG)

    *alone, summed = found.tried
    assert [one.method for one in alone] == [*CANDIDATES, *FEW_FILTERS]
    assert set(summed.method.split(" + ")) & {"btlda", "lda"}
    taken = next(one for one in alone if one.is_as_good)
    assert found.method == taken.method
    variant = recorded.variant(found.preprocessing.filter, found.preprocessing.epoch)
    asked = LinearMethod(name=taken.method).fit(variant, rows, CONFIG)
    for name, array in asked.arrays().items():
        np.testing.assert_array_equal(array, found.arrays()[name])
    assert found.evidence == asked.evidence
    best = max(alone, key=lambda one: one.held_out[1])
    assert best.behind == best.error == 0.0
    assert all(list(one.held_out) == sorted(one.held_out) for one in found.tried)


def test_a_number_of_electrodes_is_chosen_once_for_all_candidates(recorded) -> None:
    rows = np.arange(len(recorded.all()))
    asked = LinearMethod(name="lda", sensors=3).fit(recorded, rows, CONFIG)

    found = AutomaticMethod(sensors=3).fit(recorded, rows, CONFIG, resamples=2)

    assert found.choice.sensors == asked.choice.sensors == found.preprocessing.ch_names
    assert sum(found.choice.frequency.values()) == pytest.approx(3)
    assert len(found.tried) >= len(CANDIDATES) + len(FEW_FILTERS)
    assert evaluate(recorded, AutomaticMethod(sensors=3), CONFIG).sensors == (3,) * 5


def test_a_sum_is_taken_only_where_it_is_surely_better(recorded, monkeypatch) -> None:
    rows = np.arange(len(recorded.all()))

    usual = AutomaticMethod().fit(recorded, rows, CONFIG)
    monkeypatch.setattr("calibration.p300.method_choice.Z95", -math.inf)
    always = AutomaticMethod().fit(recorded, rows, CONFIG)

    assert " + " not in usual.method
    name = usual.tried[-1].method
    assert always.method == name
    alone = LinearMethod(name=name).fit(
        recorded.variant(always.preprocessing.filter, always.preprocessing.epoch), rows, CONFIG
    )
    np.testing.assert_array_equal(alone.coef, always.coef)


def test_once_interrupted_it_takes_the_best_of_what_was_tried(recorded) -> None:
    rows, told = np.arange(len(recorded.all())), []
    progress = TrainingProgress(passed=told.append, interrupted=lambda: len(told) > 1)

    found = AutomaticMethod(progress=progress).fit(recorded, rows, CONFIG)

    assert [one.method for one in found.tried] == list(FEW_FILTERS)
    assert found.method in FEW_FILTERS


def test_only_the_training_epochs_choose(recorded) -> None:
    epochs = recorded.all()
    rows = np.flatnonzero(epochs.letter < 3)
    spoilt = epochs.X.copy()
    spoilt[epochs.letter >= 3] *= -40.0
    others = msgspec.structs.replace(epochs, X=spoilt)
    config = msgspec.structs.replace(CONFIG, epoch=EpochSpec(tmax=0.7))

    plain, moved = (
        AutomaticMethod().fit(RecordedEpochs(every, pytest.fail), rows, config)
        for every in (epochs, others)
    )

    assert plain.method == moved.method
    np.testing.assert_allclose(plain.coef, moved.coef, rtol=1e-9)


def test_latencies_that_were_asked_for_are_not_changed(recording) -> None:
    config = msgspec.structs.replace(CONFIG, epoch=EpochSpec(tmax=0.7))
    own = epochs_of([recording], config)

    found = AutomaticMethod().fit(own, np.arange(len(own.all())), config)

    assert [one.method for one in found.tried][: len(CANDIDATES)] == list(CANDIDATES)
    assert {one.h_freq for one in found.tried} == {config.filter.h_freq}
    assert found.preprocessing.epoch == config.epoch


def test_held_out_epochs_are_cut_as_the_chosen_decoder_cuts_them(recorded) -> None:
    class Wider(AutomaticMethod, frozen=True):
        def fit(self, recorded, rows, config, resamples=0, stopping=True):
            tried = recorded.variant(config.filter, EpochSpec(step=0.025))
            return LinearMethod(name="xdawn").fit(tried, rows, config)

    outcome = evaluate(recorded, Wider(), CONFIG)

    assert outcome.spelled == "QUICK"


def test_methods_are_as_good_as_the_best_unless_letters_say_otherwise(recorded) -> None:
    epochs = recorded.all()
    searched = LinearMethod(name="lda").search(recorded, np.arange(len(epochs)), CONFIG)
    noise = np.random.default_rng(0).normal(size=len(epochs))
    scores = {"poor": noise, "good": epochs.y + noise, "the same": 3 * (epochs.y + noise)}

    tried = compared(
        list(scores),
        [msgspec.structs.replace(searched, held_out=own) for own in scores.values()],
    )

    assert {one.method for one in tried if one.is_as_good} == {"good", "the same"}


def test_artefacts_of_one_method_count_for_none(recorded) -> None:
    rows = np.arange(len(recorded.all()))
    whole = LinearMethod(name="lda").search(recorded, rows, CONFIG)
    part = msgspec.structs.replace(
        whole, epochs=whole.epochs[rows[:-9]], held_out=whole.held_out[:-9]
    )

    tried = compared(["whole", "part"], [whole, part])

    assert tried[0].held_out == tried[1].held_out


def test_on_the_matrix_speller_it_is_better_than_shrinkage_lda(data_dir) -> None:
    config = read_config(CONFIGS / "p300_wadsworth.toml")
    paths = sorted((data_dir / "p300_wadsworth").glob("*ses-10*.xdf"))
    other = sorted((data_dir / "p300_wadsworth").glob("*ses-11*.xdf"))
    recorded, held_out = epochs_of(paths, config), epochs_of(other, config)
    rows = np.arange(len(recorded.all()))

    found = {}
    for method in (AutomaticMethod(), LinearMethod(name="lda")):
        fitted = method.fit(recorded, rows, config)
        tested = held_out.made_with(fitted.preprocessing)
        found[method.name] = auc(tested.y, fitted.ratios(tested))

    assert found["auto"] > found["lda"] + 0.015
