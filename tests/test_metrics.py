import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_ind
from sklearn.metrics import roc_auc_score

from bci_online.metrics import (
    auc,
    aucs,
    bits_per_selection,
    itr_bits_per_min,
    proportion_interval,
    welch_t,
)
from calibration.bootstrap import cluster_bootstrap_auc

LABELLED = st.lists(
    st.tuples(st.booleans(), st.integers(-5, 5).map(float) | st.floats(-1e6, 1e6)),
    min_size=2,
    max_size=60,
)


@settings(max_examples=100)
@given(LABELLED)
def test_the_auc_is_that_of_scikit_learn_ties_included(labelled):
    y, scores = map(np.array, zip(*labelled, strict=True))

    area = auc(y, scores)

    if y.all() or not y.any():
        assert math.isnan(area)
    else:
        assert area == pytest.approx(roc_auc_score(y, scores), abs=1e-12)


@given(LABELLED)
def test_the_auc_only_depends_on_the_order_and_turns_with_the_sign(labelled):
    y, scores = map(np.array, zip(*labelled, strict=True))
    ranks = np.unique(scores, return_inverse=True)[1]

    assert auc(y, ranks) == pytest.approx(auc(y, scores), nan_ok=True)
    assert auc(y, -scores) == pytest.approx(1 - auc(y, scores), nan_ok=True)


def test_the_auc_takes_lists_and_is_nan_without_both_classes():
    assert auc([True, False], [2, 1]) == 1.0
    assert auc([1, 0, 1], [1, 1, 1]) == 0.5
    assert math.isnan(auc([], []))


def test_columns_are_judged_each_by_itself():
    X = np.random.default_rng(0).normal(size=(20, 3, 2))
    X[:, 2, 1] = 5.0
    y = np.arange(20) % 3 == 0

    t, areas = welch_t(X[y], X[~y]), aucs(y, X)

    assert areas.shape == (3, 2)
    assert areas[1, 0] == auc(y, X[:, 1, 0])
    expected = ttest_ind(X[y, :2], X[~y, :2], equal_var=False).statistic
    np.testing.assert_allclose(t[:2], expected)
    assert t[2, 1] == 0.0
    assert math.isnan(auc([True], [1.0]))


@settings(max_examples=60)
@given(n=st.integers(1, 400), data=st.data())
def test_the_interval_is_that_of_wilson(n, data):
    successes = data.draw(st.integers(0, n))

    interval = proportion_interval(successes, n)

    expected = binomtest(successes, n).proportion_ci(0.95, method="wilson")
    assert interval == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0 <= interval[0] <= successes / n <= interval[1] + 1e-12 <= 1 + 1e-12


def test_of_nothing_seen_anything_may_be():
    assert proportion_interval(0, 0) == (0.0, 1.0)


def clustered(n_clusters: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(n_clusters), 30)
    y = rng.uniform(size=clusters.size) < 1 / 6
    return y, rng.normal(y * 1.0), clusters


def test_the_bootstrap_interval_holds_the_auc_and_is_the_same_each_time():
    y, scores, clusters = clustered(12)

    low, high = cluster_bootstrap_auc(y, scores, clusters, n_draws=200)

    assert low < auc(y, scores) < high
    assert cluster_bootstrap_auc(y, scores, clusters, n_draws=200) == (low, high)


def test_the_bootstrap_does_as_drawing_whole_clusters_by_hand_does():
    y, scores, clusters = clustered(6)
    rng = np.random.default_rng(3)
    by_hand = []
    for _ in range(100):
        drawn = [np.flatnonzero(clusters == c) for c in rng.integers(6, size=6)]
        chosen = np.concatenate(drawn)
        by_hand.append(roc_auc_score(y[chosen], scores[chosen]))

    interval = cluster_bootstrap_auc(y, scores, clusters, n_draws=100, seed=3)

    assert interval == pytest.approx(tuple(np.percentile(by_hand, [2.5, 97.5])))


@pytest.mark.slow
def test_clusters_that_are_copies_of_one_flash_make_the_interval_wide():
    y, scores, _ = clustered(12)
    single = np.arange(y.size)

    by_letter = np.subtract(*cluster_bootstrap_auc(
        np.repeat(y, 20), np.repeat(scores, 20), np.repeat(single, 20), n_draws=100))  # fmt: skip
    by_flash = np.subtract(*cluster_bootstrap_auc(
        np.repeat(y, 20), np.repeat(scores, 20), np.arange(20 * y.size), n_draws=100))  # fmt: skip

    assert abs(by_letter) > 3 * abs(by_flash)


@pytest.mark.parametrize(
    ("y", "clusters"), [([True, False], [0, 0]), ([True, True], [0, 1]), ([], [])]
)
def test_without_two_clusters_or_both_classes_there_is_no_interval(y, clusters):
    interval = cluster_bootstrap_auc(np.array(y, dtype=bool), np.zeros(len(y)), np.array(clusters))

    assert all(map(math.isnan, interval))


@pytest.mark.parametrize("n", [2, 4, 36])
def test_a_sure_selection_carries_all_bits_and_chance_none(n):
    assert bits_per_selection(n, 1.0) == pytest.approx(math.log2(n))
    assert bits_per_selection(n, 1 / n) == 0.0
    assert bits_per_selection(n, 0.0) == 0.0
    assert bits_per_selection(1, 1.0) == 0.0


@given(n=st.integers(2, 100), accuracy=st.floats(0.0, 0.999))
def test_bits_are_those_of_a_symmetric_channel(n, accuracy):
    """Mutual information of a uniform choice and an answer whose errors are spread evenly."""
    bits = bits_per_selection(n, accuracy)

    if accuracy > 1 / n:
        wrong = (1 - accuracy) / (n - 1)
        entropy = -accuracy * math.log2(accuracy) - (n - 1) * wrong * math.log2(wrong)
        assert bits == pytest.approx(math.log2(n) - entropy, abs=1e-9)
    else:
        assert bits == 0.0


def test_the_rate_counts_all_the_time():
    assert itr_bits_per_min(36, 1.0, 6, 60.0) == pytest.approx(6 * math.log2(36))
    assert itr_bits_per_min(36, 1.0, 6, 120.0) == pytest.approx(3 * math.log2(36))
    assert itr_bits_per_min(36, 1.0, 6, 0.0) == 0.0
    assert itr_bits_per_min(36, 1 / 36, 6, 60.0) == 0.0
