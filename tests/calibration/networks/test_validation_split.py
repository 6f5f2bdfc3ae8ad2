from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.networks.validation_split import validation_rows


def estimator(fraction: float, loss_weighting: str = "fixed") -> SimpleNamespace:
    """Return what the split asks of a network: no network is needed for it."""
    return SimpleNamespace(
        validation_fraction=fraction, classes_=np.array(["a", "b"]), loss_weighting=loss_weighting
    )


@pytest.mark.slow
@given(
    n_groups=st.integers(4, 12),
    size=st.integers(2, 6),
    fraction=st.sampled_from([0.1, 0.2, 0.5]),
    seed=st.integers(0, 2**40),
)
def test_groups_stay_whole_and_every_class_is_on_both_sides(n_groups, size, fraction, seed):
    y = np.tile(np.arange(size) % 2, n_groups)
    groups = np.repeat(np.arange(n_groups), size)

    held_out = validation_rows(estimator(fraction), y, groups, None, seed)

    assert {len(set(held_out[groups == one])) for one in range(n_groups)} == {1}
    assert set(y[held_out]) == set(y[~held_out]) == {0, 1}
    again = validation_rows(estimator(fraction), y, groups, None, seed)
    np.testing.assert_array_equal(held_out, again)


@given(fraction=st.sampled_from([0.1, 0.2, 0.25, 0.5]), seed=st.integers(0, 1000))
def test_without_groups_the_fraction_is_held_out(fraction, seed):
    y = np.arange(200) % 2

    held_out = validation_rows(estimator(fraction), y, None, None, seed)

    assert held_out.sum() == round(200 * fraction)
    assert y[held_out].mean() == pytest.approx(0.5, abs=0.05)


def test_nothing_is_held_out_at_a_fraction_of_0_and_nothing_drawn_where_the_caller_chose():
    y = np.arange(8) % 2
    chosen = np.arange(8) < 2

    assert not validation_rows(estimator(0.0), y, None, None, 0).any()
    np.testing.assert_array_equal(validation_rows(estimator(0.5), y, None, chosen, 0), chosen)


@pytest.mark.parametrize(
    ("y", "groups", "validation", "said"),
    [
        ([0, 1, 0, 1], [1, 2], None, "groups must have one label per epoch"),
        ([0, 1, 0, 1], None, [0, 1, 0, 1], "validation must be True or False for each of 4"),
        ([0, 1, 0, 1], None, [True, False, True, False], "too few to hold"),
        ([0, 0, 0, 1], None, None, "too few to hold"),
        ([0, 1, 0, 1], [1, 1, 1, 1], None, "too few to hold"),
    ],
)
def test_what_cannot_be_split_is_refused(y, groups, validation, said):
    with pytest.raises(ValueError, match=said):
        validation_rows(estimator(0.5), np.array(y), groups, validation, 0)


def test_a_weighting_that_compares_with_validation_needs_it():
    with pytest.raises(ValueError, match="validation_fraction must not be 0"):
        validation_rows(estimator(0.0, "gradapprox"), np.arange(8) % 2, None, None, 0)
