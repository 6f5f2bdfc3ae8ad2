"""A network that learnt nothing is trained again, and what speaks for it is compared."""

import math
from types import SimpleNamespace
from typing import Self

import numpy as np
import pytest

from calibration.networks.history import EpochRecord, History
from calibration.networks.judged_training import fit_judged

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
        networks = tuple(SimpleNamespace(spread_=s, kept_loss_=0.3) for s in factors)
        held_out = FoldValues(values * factors[fold][:, np.newaxis], fold, networks)
        final = SimpleNamespace(spread_=of_final, kept_loss_=0.3)
        return held_out.evidence(final, windows, header).evidence

    alike, differing = evidence(np.ones(5), 1.0), evidence(sizes, 1.0)
    larger = evidence(sizes, 7.0)

    assert differing.scale == pytest.approx(alike.scale)
    assert differing.threshold == alike.threshold
    assert larger.scale * 7.0 == pytest.approx(alike.scale, rel=1e-3)
