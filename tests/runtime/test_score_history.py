import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.metrics import auc
from bci_online.runtime.score_history import ScoreHistory
from bci_online.runtime.trial_starts import TrialStarts


def scores_of(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 1 / 6
    return y, rng.standard_normal(n) + y


def filled(y, scores) -> ScoreHistory:
    history = ScoreHistory()
    for key, (is_target, score) in enumerate(zip(y.tolist(), scores.tolist(), strict=True)):
        history.add(key, is_target, score)
    return history


@pytest.mark.slow
def test_the_area_is_exact_for_hours_and_then_right_within_a_thousandth():
    y, scores = scores_of(3 * ScoreHistory.MOST)
    few = slice(0, ScoreHistory.MOST)

    assert filled(y[few], scores[few]).area() == auc(y[few], scores[few])
    assert filled(y, scores).area() == pytest.approx(auc(y, scores), abs=1e-3)


def test_a_score_that_was_taken_back_counts_as_none():
    y, scores = scores_of(500)
    history = filled(y, scores)

    for key in range(400, 450):
        history.clear(key)
    history.clear("never added")

    scores[400:450] = 0.0
    assert history.area() == auc(y, scores)


def test_a_score_that_comes_again_replaces_the_first():
    history = ScoreHistory()

    for is_target, score in [(True, 1.0), (False, 0.0), (True, -1.0)]:
        history.add(is_target, is_target, score)

    assert (len(history), history.area()) == (2, 0.0)


def test_what_is_kept_has_a_bound():
    history = filled(*scores_of(4 * ScoreHistory.MOST))

    assert len(history) == 4 * ScoreHistory.MOST
    assert len(history._scores) == len(history._is_target) <= ScoreHistory.MOST
    assert len(history._numbers) == ScoreHistory.RETRACTABLE


def test_an_old_score_stays_as_it_was():
    y, scores = scores_of(2 * ScoreHistory.MOST)
    history = filled(y, scores)
    before = history.area()

    history.clear(0)

    assert history.area() == before
    assert math.isnan(ScoreHistory().area())


@given(
    times=st.lists(st.floats(0, 1e4), max_size=20).map(sorted),
    chosen=st.frozensets(st.integers(1, 20)),
)
def test_seconds_of_chosen_trials_are_those_of_the_list(times, chosen):
    starts = TrialStarts(chosen)
    for time in times:
        starts.add(time)

    lengths = np.diff(times)
    lengths = np.append(lengths, lengths.max() if lengths.size else 60.0)[: len(times)]
    expected = sum(lengths[trial - 1] for trial in chosen if trial <= len(times))
    assert starts.n == len(times)
    assert starts.seconds(60.0) == pytest.approx(expected)
