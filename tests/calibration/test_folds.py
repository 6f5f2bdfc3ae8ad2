"""Whole runs, letters and trials are held out, and neighbours in time do not train."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.folds import NO_LETTER, blocks, by_class, grouped, inner_folds, outer_folds, units


def epochs(run: list[int], letter: list[int]) -> SimpleNamespace:
    return SimpleNamespace(
        run=np.array(run), letter=np.array(letter), time=np.arange(len(run), dtype=float)
    )


@given(groups=st.lists(st.integers(0, 9), min_size=1, max_size=40), most=st.integers(1, 6))
def test_every_epoch_is_tested_once_and_no_group_is_on_both_sides(groups, most) -> None:
    labels = np.array(groups)

    folds = grouped(labels, most)

    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested.tolist()) == list(range(labels.size))
    for train, test in folds:
        assert not set(labels[train]) & set(labels[test])
        assert train.size + test.size == labels.size


def test_what_lies_near_a_block_in_its_run_does_not_train() -> None:
    run, time = np.repeat([0, 1], 10), np.tile(np.arange(10.0), 2)

    folds = blocks(run, time, 4, purge_s=1.5)

    train, test = folds[0]
    assert test.tolist() == [0, 1, 2, 3, 4]
    assert train.tolist() == [6, 7, 8, 9, *range(10, 20)]


@pytest.mark.slow
@given(counts=st.lists(st.integers(3, 7), min_size=2, max_size=3), seed=st.integers(0, 99))
def test_every_fold_tests_every_class(counts, seed) -> None:
    classes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    trial = np.repeat(np.arange(classes.size), 2)

    folds = by_class(trial, classes[trial], min(counts))

    for train, test in folds:
        assert set(classes[trial[test]]) == set(range(len(counts)))
        assert not set(trial[train]) & set(trial[test])


@pytest.mark.parametrize(
    ("run", "letter", "split", "n_folds"),
    [
        ([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2], "run", 3),
        ([0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 2, 2], "letter", 3),
        ([0] * 12, [NO_LETTER] * 12, "block", 6),
    ],
)
def test_runs_come_before_letters_and_letters_before_blocks(run, letter, split, n_folds) -> None:
    found, folds = outer_folds(epochs(run, letter), 0.0)

    assert (found, len(folds)) == (split, n_folds)


def test_inner_folds_are_letters_or_four_blocks() -> None:
    assert len(inner_folds(epochs([0] * 6, [0, 0, 1, 1, 2, 2]), 0.0)) == 3
    assert len(inner_folds(epochs([0] * 8, [NO_LETTER] * 8), 0.0)) == 4


def test_a_bootstrap_draws_letters_or_tenths_of_a_run() -> None:
    assert units(epochs([0, 0], [3, 4])).tolist() == [3, 4]
    assert np.unique(units(epochs([0] * 20 + [1] * 20, [NO_LETTER] * 40))).size == 20
