"""Which windows train a network, and which decide what is kept."""

import numpy as np
import pytest

from bci_online.config import Preprocessing, WindowSpec
from bci_online.errors import BciError
from calibration.motor_imagery.window_classifier import WindowClassifier

PREPROCESSING = Preprocessing(
    ch_names=("C3", "C4"), sfreq=100.0, window=WindowSpec(length=1.0, step=0.1)
)


def fitted(X, trial, **parameters) -> WindowClassifier:
    model = WindowClassifier(
        PREPROCESSING, **{"network": "min2net", "max_epochs": 1, "random_state": 0, **parameters}
    )
    return model.fit(list(X), trial % 2, trial)


def noise(n: int):
    return np.random.default_rng(0).normal(size=(n, 2, 100))


@pytest.mark.slow
def test_windows_that_hardly_differ_do_not_train_twice() -> None:
    X = noise(60)
    # Only every third window of a trial may be looked at.
    X[1::3] = X[2::3] = np.nan

    model = fitted(X, np.repeat(np.arange(10), 6))

    assert len(model.classifier.history_.losses) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_trials", "strategy", "n_trained"),
    [(45, "alphagrad", 45), (45, "gradapprox", 36), (100, "alphagrad", 80)],
)
def test_of_few_trials_none_is_held_out_to_validate_on(n_trials, strategy, n_trained) -> None:
    model = fitted(noise(n_trials), np.arange(n_trials), loss_weighting=strategy, batch_size=1)

    assert len(model.classifier.history_.losses) == n_trained


def test_windows_too_short_for_a_network_are_refused_in_one_line() -> None:
    with pytest.raises(BciError, match="eegnet: EEGNet needs at least 32 samples") as caught:
        fitted(noise(20)[..., :20], np.arange(20), network="eegnet")

    assert "\n" not in str(caught.value)
