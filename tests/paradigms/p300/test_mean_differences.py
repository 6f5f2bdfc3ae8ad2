from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.paradigms.p300.mean_differences import (
    chance_lengths,
    consistent_symbols,
    letter_sums,
)
from bci_online.paradigms.p300.whitening import whitened


def length(letters, symbols) -> float:
    total = sum(sums[symbol] for sums, symbol in zip(letters, symbols, strict=True))
    return float(total @ total)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_the_symbols_found_are_nearly_always_the_best_of_all(seed, n_letters) -> None:
    rng = np.random.default_rng(seed)
    response = rng.normal(size=6)
    letters = [rng.normal(size=(5, 6)) for _ in range(n_letters)]
    for sums in letters:
        sums[rng.integers(5)] += 2 * response

    found = consistent_symbols(letters)

    best = max(length(letters, symbols) for symbols in product(range(5), repeat=n_letters))
    assert length(letters, found) == pytest.approx(best)


def test_one_letter_alone_is_the_longest_symbol() -> None:
    assert consistent_symbols([np.array([[1.0, 1.0], [0.0, -3.0], [2.0, 0.0]])]) == [1]


def test_a_letters_sum_is_the_difference_of_means_times_its_weight() -> None:
    rng = np.random.default_rng(0)
    epochs, lit = rng.normal(size=(12, 4)), np.zeros((1, 12))
    lit[0, :3] = 1

    letter = letter_sums(epochs, lit)

    difference = epochs[:3].mean(axis=0) - epochs[3:].mean(axis=0)
    np.testing.assert_allclose(letter.sums[0], 3 * 9 / 12 * difference)


def test_the_units_of_channels_and_one_artefact_hardly_matter() -> None:
    epochs = np.random.default_rng(0).normal(size=(300, 3, 5))
    units = np.array([1.0, 1e-6, 1e3])[:, np.newaxis]
    spoilt = epochs.copy()
    spoilt[7] += 1e4

    features = whitened(epochs)

    np.testing.assert_allclose(whitened(epochs * units), features, rtol=1e-6)
    assert abs(whitened(spoilt)[8:] - features[8:]).max() < 0.6


def test_a_constant_channel_says_nothing_and_breaks_nothing() -> None:
    epochs = np.random.default_rng(0).normal(size=(100, 2, 4))
    epochs[:, 1] = 7.0

    features = whitened(epochs).reshape(100, 4, 2)

    assert np.isfinite(features).all()
    np.testing.assert_allclose(features[:, :, 1], 0.0)


def test_chance_is_what_shuffled_epochs_reach_and_stays_within_repetitions() -> None:
    """Repetitions differ in size: shuffled across them, symbols would differ by that alone."""
    lit = np.tile(np.eye(4), 3)
    epochs = np.repeat([0.0, 100.0, -50.0], 4)[:, np.newaxis]

    (lengths,) = chance_lengths(
        letter_sums(epochs, lit), [np.zeros(1)], 4, np.random.default_rng(0)
    )

    np.testing.assert_allclose(lengths, 0.0, atol=1e-18)


def test_a_lost_channel_says_nothing_and_does_not_change_the_scale_of_the_rest() -> None:
    epochs = np.random.default_rng(0).normal(size=(400, 2, 3))
    epochs[::2, 0] = np.nan

    features = whitened(epochs)

    # Time comes first: the first feature is the first sample of the first channel alone.
    np.testing.assert_array_equal(features[::2, 0], 0.0)
    others = whitened(epochs[1::2])
    assert np.corrcoef(features[1::2, 0], others[:, 0])[0, 1] == pytest.approx(1.0)
