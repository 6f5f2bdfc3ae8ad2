import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calibration.experiments.auc_rows import summarise
from calibration.experiments.statistics import f_measure, holm, mean_interval, signed_rank_p

few = st.lists(st.integers(-4, 4), min_size=1, max_size=9)


@pytest.mark.slow
@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 13))
def test_without_ties_the_signed_rank_p_is_scipys_exact_one(seed, n) -> None:
    a, b = np.random.default_rng(seed).normal(size=(2, n))

    assert signed_rank_p(a, b) == pytest.approx(stats.wilcoxon(a, b, method="exact").pvalue)


def test_with_many_pairs_and_no_ties_it_is_scipys_normal_approximation() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 40))
    known = stats.wilcoxon(a, b, method="asymptotic", correction=False).pvalue

    assert signed_rank_p(a, b) == pytest.approx(known)


@settings(deadline=None)
@given(few)
def test_with_ties_every_sign_is_tried(differences) -> None:
    d = np.array(differences, dtype=float)
    ranks = stats.rankdata(np.abs(d)) * (d != 0)
    flips = np.array(np.meshgrid(*[[-1, 1]] * d.size)).reshape(d.size, -1)
    sums = np.abs(ranks @ flips)

    p = signed_rank_p(d, np.zeros(d.size))

    assert p == pytest.approx(np.mean(sums >= abs(ranks @ np.sign(d)) - 1e-9))


@pytest.mark.slow
@settings(deadline=None)
@given(few)
def test_the_signed_rank_p_does_not_say_who_is_better(differences) -> None:
    d = np.array(differences, dtype=float)

    assert signed_rank_p(d, 0 * d) == signed_rank_p(0 * d, d)


def test_equal_methods_have_p_one_and_no_pairs_have_none() -> None:
    assert signed_rank_p([0.9, 0.8], [0.9, 0.8]) == 1.0
    assert math.isnan(signed_rank_p([], []))


def test_differences_that_differ_in_their_last_bit_tie() -> None:
    base = np.array([0.1, 0.2, 0.3, 0.7])

    assert signed_rank_p(base + 0.1, base) == signed_rank_p(np.ones(4), np.zeros(4))


@given(st.sets(st.integers(0, 15)), st.sets(st.integers(0, 15), min_size=1))
def test_f_measure_is_the_harmonic_mean_of_precision_and_recall(chosen, true) -> None:
    common = len(chosen & true)
    expected = 0.0
    if common:
        precision, recall = common / len(chosen), common / len(true)
        expected = 2 * precision * recall / (precision + recall)

    assert f_measure(sorted(chosen), sorted(true)) == pytest.approx(expected)


def test_of_independent_runs_the_interval_is_students() -> None:
    x = np.random.default_rng(0).normal(size=10)
    known = stats.t.interval(0.95, 9, loc=x.mean(), scale=stats.sem(x))

    assert mean_interval(x) == pytest.approx(known)


def test_splits_that_share_flashes_have_a_wider_interval() -> None:
    x = [0.8, 0.82, 0.79, 0.81]
    low, high = mean_interval(x)
    lower, higher = mean_interval(x, shared=0.25)

    assert (higher - lower) / (high - low) == pytest.approx(math.sqrt(2))
    assert all(map(math.isnan, mean_interval([0.8])))


def made(method, split, auc, **more):
    return {"method": method, "split": split, **more}, {"auc": auc, "selection_rate": 0.5} | {
        "n_test": 20,
        "n_train": 80,
    }


def test_where_there_are_subjects_each_counts_once() -> None:
    pairs = [
        made(method, split, auc + 0.01 * split, subject=subject)
        for method, bonus in (("svm", 0.0), ("gsvm-2", 0.05))
        for subject, auc in (("a", 0.7 + bonus), ("b", 0.8 + bonus), ("c", 0.9 + bonus))
        for split in range(4)
    ]

    svm, other = summarise(*zip(*pairs, strict=True))

    assert (svm.units, svm.n, svm.p) == ("subjects", 3, None)
    assert other.auc - svm.auc == pytest.approx(0.05)
    assert (other.n_pairs, other.p) == (3, 0.25)


def test_cells_without_a_result_are_left_out_of_the_pairs() -> None:
    pairs = [made(m, s, 0.8 + 0.01 * s) for m in ("svm", "gsvm-2") for s in range(3)]
    cells, results = (list(part) for part in zip(*pairs, strict=True))
    results[4] = None

    _, other = summarise(cells, results)

    assert (other.n, other.n_pairs, other.p) == (2, 2, 1.0)


def test_only_splits_that_both_have_make_a_pair() -> None:
    pairs = [
        made(m, split, 0.5 + 0.2 * split, subject=subject)
        for m in ("svm", "gsvm-2")
        for subject in "abc"
        for split in range(2)
    ]
    cells, results = (list(part) for part in zip(*pairs, strict=True))
    # The harder split failed in one method, for everybody: where both have results, they tie.
    for number, cell in enumerate(cells):
        if (cell["method"], cell["split"]) == ("gsvm-2", 0):
            results[number] = None

    _, other = summarise(cells, results)

    assert (other.n_pairs, other.p) == (3, 1.0)


def test_subjects_of_one_simulated_run_count_once_together() -> None:
    cells = [
        {"method": method, "split": run, "flashes": 25} for method in ("svm", "x") for run in (0, 1)
    ]
    results = [{"auc": 0.8, "auc_of_subject": [0.7, 0.9], "selection_rate": 1.0} for _ in cells]

    rows = summarise(cells, results, "flashes")

    assert [(row.part, row.units, row.n) for row in rows] == [("25", "runs", 2)] * 2
    assert rows[1].p == 1.0


def test_intervals_hold_where_subjects_share_what_is_common_to_their_run() -> None:
    """Counted as fifteen independent subjects the interval would hold in two of three tables."""
    rng, held = np.random.default_rng(0), []
    for _ in range(400):
        runs = 0.8 + 0.05 * rng.normal(size=(5, 1)) + 0.03 * rng.normal(size=(5, 3))
        cells = [{"method": "svm", "split": run} for run in range(5)]
        results = [
            {"auc": float(own.mean()), "auc_of_subject": own.tolist(), "selection_rate": 1.0}
            for own in runs
        ]
        row = summarise(cells, results)[0]
        held.append(row.auc_low <= 0.8 <= row.auc_high)

    assert np.mean(held) > 0.92


def test_p_values_are_corrected_within_each_part_of_a_table() -> None:
    pairs = [
        made(m, s, 0.8 + 0.01 * s + bonus)
        for m, bonus in (("svm", 0.0), ("x", 0.05), ("y", 0.02), ("z", 0.0))
        for s in range(10)
    ]

    rows = summarise(*zip(*pairs, strict=True))

    raw, corrected = ([getattr(row, name) for row in rows] for name in ("p", "p_holm"))
    assert raw == [None, 2 / 1024, 2 / 1024, 1.0]
    assert corrected == [None, 6 / 1024, 6 / 1024, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holms_correction_keeps_the_order_and_never_lowers_a_p(ps) -> None:
    corrected = holm(ps)

    assert all(p <= c <= 1.0 for p, c in zip(ps, corrected, strict=True))
    assert min(corrected) == pytest.approx(min(1.0, len(ps) * min(ps)))
    order = np.argsort(ps, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= 0.0)
