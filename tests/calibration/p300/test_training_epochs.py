"""Held-out scores, in units of the training scores of their own fold."""

from types import SimpleNamespace

import numpy as np
import pytest

from calibration.p300.training_epochs import held_out_scores, score_scale

X = np.arange(6.0).reshape(6, 1, 1)
FOLDS = [(np.array([2, 3, 4, 5]), np.array([0])), (np.array([0, 1, 2, 3]), np.array([4, 5]))]


def scorer(gain, offset=0.0):
    return SimpleNamespace(decision_function=lambda X: gain * X[:, 0, 0] + offset)


def test_folds_whose_models_differ_in_scale_give_the_same_scores():
    gains = iter([1.0, 1000.0])

    scores = held_out_scores(lambda rows: scorer(next(gains), 7.0), X, FOLDS)

    spread = np.std([0.0, 1.0, 2.0, 3.0])
    np.testing.assert_allclose(scores[[0, 4, 5]], np.array([-3.5, 2.5, 3.5]) / spread)


def test_each_model_learns_its_own_rows_and_an_epoch_that_no_fold_tests_has_no_score():
    learnt = []

    scores = held_out_scores(lambda rows: learnt.append(rows.tolist()) or scorer(1.0), X, FOLDS)

    assert learnt == [[2, 3, 4, 5], [0, 1, 2, 3]]
    assert np.isnan(scores).tolist() == [False, True, True, True, False, False]


def test_scores_that_are_all_the_same_stay_finite():
    assert score_scale(scorer(0.0, 3.0), X) == pytest.approx((3.0, 1e-9))
    assert np.isfinite(held_out_scores(lambda rows: scorer(0.0, 3.0), X, FOLDS)[[0, 4, 5]]).all()
