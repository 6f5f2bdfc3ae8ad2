"""AUC against training flashes."""

from typing import ClassVar

import numpy as np
import pytest

from bci_online.config import Preprocessing
from bci_online.errors import RecordingError
from bci_online.metrics import auc
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.experiments.learning_curve import curve_split, learning_curve
from calibration.p300.epochs import EpochSet

SPLIT = np.arange(480), np.arange(480, 960)


def flashes(seed=0, n=960):
    """Return epochs (n, 3, 4) of which every sixth is a target, and labels."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([rng.permutation(12) < 2 for _ in range(n // 12)])
    X = rng.normal(size=(n, 3, 4))
    X[y, 0] += 0.7
    return X, y


def epochs(per_letter):
    letter = np.repeat(np.arange(len(per_letter)), per_letter)
    n = letter.size
    return EpochSet(
        X=np.zeros((n, 2, 2)), y=np.arange(n) % 6 == 0, letter=letter, run=np.zeros(n, dtype=int),
        code=np.zeros(n, dtype=int), time=np.arange(float(n)), peak_to_peak=np.ones((n, 2)),
        letters=(), rejected={}, preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=100.0),
    )  # fmt: skip


class Blind:
    """Scores everything alike, and remembers what it was given."""

    seen: ClassVar[list] = []

    def fit(self, X, y):
        self.seen.append(X)
        return self

    def decision_function(self, X):
        return np.zeros(len(X))


class Sighted(Blind):
    """Was told the sum of the first sensor is what tells targets."""

    def decision_function(self, X):
        return X[:, 0].sum(axis=1)


def test_training_flashes_are_whole_letters_before_the_tested_ones():
    pool, test = curve_split(epochs([180] * 6), 400)

    assert pool.tolist() == list(range(540))
    assert test.tolist() == list(range(540, 1080))


def test_at_least_half_of_the_letters_are_for_training():
    pool, _ = curve_split(epochs([100] * 8), 50)

    assert pool.size == 400


def test_too_few_flashes_are_refused_with_the_numbers():
    with pytest.raises(RecordingError, match=r"300 flashes in 3 letters .* after 250"):
        curve_split(epochs([100] * 3), 250)


def test_a_blind_method_is_at_chance_and_gains_nothing_over_itself():
    X, y = flashes()
    Blind.seen.clear()

    points = learning_curve(
        {"all": X}, y, SPLIT, {"blind": ("all", lambda folds: Blind())}, (50, 100), 5
    )

    assert [(p.auc, p.ci, p.gain, p.gain_ci) for p in points] == [(0.5, (0.5, 0.5), 0, (0, 0))] * 2
    assert [len(X) for X in Blind.seen] == [50] * 5 + [100] * 5


def test_no_tested_flash_is_trained_on():
    X, y = flashes()
    Blind.seen.clear()

    learning_curve({"all": X}, y, SPLIT, {"blind": ("all", lambda folds: Blind())}, (400,), 10)

    trained = {tuple(epoch.ravel()) for X in Blind.seen for epoch in X}
    assert trained.isdisjoint(tuple(epoch.ravel()) for epoch in X[SPLIT[1]])


def test_the_mean_is_that_of_the_draws_own_areas_and_lies_in_its_interval():
    X, y = flashes()
    makers = {"sighted": ("all", lambda folds: Sighted()), "lda": ("own", lambda f: ShrinkageLDA())}

    points = learning_curve({"all": X, "own": X[:, :2]}, y, SPLIT, makers, (200,), 4)

    by_name = {point.method: point for point in points}
    known = auc(y[SPLIT[1]], X[SPLIT[1]][:, 0].sum(axis=1))
    starts = np.linspace(0, 280, 4).round().astype(int)
    each = [
        auc(y[480:], ShrinkageLDA().fit(X[s : s + 200, :2], y[s : s + 200]).decision_function(
            X[480:, :2]))
        for s in starts
    ]  # fmt: skip
    assert by_name["sighted"].auc == pytest.approx(known)
    assert by_name["lda"].auc == pytest.approx(np.mean(each))
    assert by_name["lda"].gain == pytest.approx(np.mean(each) - known)
    for point in points:
        assert point.ci[0] < point.auc < point.ci[1]
        assert point.gain_ci[0] <= point.gain <= point.gain_ci[1]


def test_more_flashes_are_better():
    X, y = flashes()
    makers = {"lda": ("all", lambda folds: ShrinkageLDA())}

    few, many = learning_curve({"all": X}, y, SPLIT, makers, (50, 400), 6)

    assert few.auc + 0.02 < many.auc


def test_folds_for_choices_cover_the_training_flashes_once():
    X, y = flashes()
    given = []

    def make(folds):
        given.append(folds)
        return Blind()

    learning_curve({"all": X}, y, SPLIT, {"blind": ("all", make)}, (50,), 1)

    (folds,) = given
    assert np.concatenate([test for _, test in folds]).tolist() == list(range(50))
    assert all(np.intersect1d(train, test).size == 0 for train, test in folds)
