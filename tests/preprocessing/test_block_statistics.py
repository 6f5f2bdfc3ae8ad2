"""Statistics of few numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bci_online.preprocessing.block_statistics import median, variance, window_minima

NUMBERS = arrays(float, st.integers(1, 40), elements=st.floats(-1e6, 1e6))


@given(values=NUMBERS)
def test_median_and_variance_are_those_of_numpy_to_the_last_bit(values):
    assert median(values) == np.median(values)
    assert variance(values) == np.var(values)


@given(values=NUMBERS, n=st.integers(1, 40))
def test_each_window_has_its_lowest_value(values, n):
    n = min(n, values.size)

    found = window_minima(values, n)

    assert found.tolist() == [values[at : at + n].min() for at in range(values.size - n + 1)]
