"""A network that learnt nothing is trained again, and what speaks for it is compared."""

import math
from types import SimpleNamespace
from typing import Self

import numpy as np
import pytest

from calibration import NetworkClassifier
from calibration.networks.history import EpochRecord, History, learning_curve
from calibration.networks.judged_training import fit_judged, is_at_chance
from calibration.networks.shown import shown_on

CHANCE = math.log(2)


class Trained:
    """Stands for a network whose loss depends on its seed alone."""

    losses: tuple[float, ...]

    def __init__(self, losses: tuple[float, ...], random_state: int) -> None:
        self.losses = losses
        self.random_state = random_state

    def set_params(self, random_state: int) -> Self:
        self.random_state = random_state
        return self

    def fit(self, X, y, groups) -> Self:
        loss = np.array([self.losses[self.random_state]])
        record = EpochRecord(("a",), 1, 1, loss, loss, loss, loss[0], 0.5, 0.5, 1e-3)
        step = loss[np.newaxis]
        self.history_ = History(("a",), step, step, step, loss, (record,), record, 0)
        return self


@pytest.mark.parametrize(
    ("losses", "taken", "refused"),
    [
        ((0.3, 0.2, 0.1), 0, 0),
        ((CHANCE, 0.5, 0.1), 1, 1),
        ((CHANCE, 2.0, 0.6), 2, 2),
        ((CHANCE, 0.69, 0.7), 1, 3),
    ],
)
def test_the_first_seed_that_is_better_than_chance_is_taken(losses, taken, refused) -> None:
    model = Trained(losses, 0)

    best = fit_judged(model, None, np.array([0, 1]), None)

    assert best.random_state == taken
    assert best.history_.n_refused == refused
    assert model.random_state == 0
    assert not hasattr(model, "history_")


@pytest.mark.parametrize(
    ("right", "of", "is_chance"), [(9, 16, True), (11, 16, True), (12, 16, False), (15, 16, False)]
)
def test_trials_that_were_held_out_decide_whether_a_network_is_at_chance(right, of, is_chance):
    y = np.arange(of) % 2
    said = np.where(np.arange(of) < right, y, 1 - y)

    shown = shown_on(np.eye(2)[said], y)

    assert (shown.right, shown.of) == (right, of)
    # The lowest loss of many passes is below chance by itself.
    assert is_at_chance(0.67, 2, shown) == is_chance
    assert is_at_chance(0.69, 2, shown)


def test_windows_of_a_trial_are_one_and_flashes_of_a_letter_are_not() -> None:
    y = np.repeat([0, 1, 0, 1], 3)
    logits = np.eye(2)[y] * np.tile([1.0, -0.4, 0.1], 4)[:, np.newaxis]
    letters = np.tile([1, 2], 6)

    assert shown_on(logits, y, np.repeat([7, 8, 9, 10], 3))[:2] == (4, 4)
    assert shown_on(logits, y, letters)[:2] == (8, 12)


def test_a_network_that_says_one_class_shows_nothing_however_frequent_it_is() -> None:
    y = np.repeat([0, 1], [50, 10])

    assert shown_on(np.tile([1.0, 0.0], (60, 1)), y) == (50, 60, 0.5)


def test_what_a_network_shows_is_in_its_history_and_its_file() -> None:
    X, y = np.random.default_rng(0).normal(size=(40, 2, 64)), np.arange(40) % 2
    X[y == 1] *= 3.0
    model = NetworkClassifier("eegnet", max_epochs=3, random_state=0, sfreq=64.0)

    with_some = model.fit(X, y, np.arange(40)).history_
    without = model.set_params(validation_fraction=0.0).fit(X, y).history_

    assert with_some.shown.of == 8
    assert learning_curve(with_some).shown == with_some.shown
    assert without.shown is None


def test_values_of_folds_are_brought_to_the_size_of_the_final_networks() -> None:
    from bci_online.config import DecoderHeader, Preprocessing, WindowSpec
    from calibration.motor_imagery.fold_values import FoldValues
    from calibration.motor_imagery.window_set import WindowSet

    rng = np.random.default_rng(0)
    trial, fold = np.repeat(np.arange(60), 4), np.repeat(np.arange(60) % 5, 4)
    y = trial % 2
    log_odds = (2 * y - 1) + rng.normal(size=y.size)
    values = np.stack([np.zeros(y.size), log_odds], axis=1)
    own = Preprocessing(ch_names=("C3",), sfreq=100.0, window=WindowSpec(length=1.0, step=0.5))
    windows = WindowSet(
        X=(np.zeros((1, 100)),) * y.size, y=y, trial=trial, run=0 * y, time=1.0 * trial,
        peak_to_peak=np.zeros((y.size, 1)), classes=("a", "b"), rejected={}, trials=(),
        preprocessing=own,
    )  # fmt: skip
    header = DecoderHeader(method="n", paradigm="motor_imagery", preprocessing=own)
    sizes = np.array([0.2, 1.0, 3.0, 10.0, 40.0])

    def evidence(factors: np.ndarray, of_final: float):
        networks = tuple(SimpleNamespace(spread_=s, history_=None) for s in factors)
        held_out = FoldValues(values * factors[fold][:, np.newaxis], fold, networks)
        final = SimpleNamespace(spread_=of_final, history_=None)
        return held_out.evidence(final, windows, header).evidence

    alike, differing = evidence(np.ones(5), 1.0), evidence(sizes, 1.0)
    larger = evidence(sizes, 7.0)

    assert differing.scale == pytest.approx(alike.scale)
    assert differing.threshold == alike.threshold
    assert larger.scale * 7.0 == pytest.approx(alike.scale, rel=1e-3)
