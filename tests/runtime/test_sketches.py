import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.metrics import auc
from bci_online.runtime.sketches import QuantileSketch, binned_auc

SIZES = st.floats(QuantileSketch.SMALLEST, QuantileSketch.LARGEST)
VALUES = st.one_of(SIZES, SIZES.map(lambda size: -size), st.just(0.0))


def sketch_of(values, accuracy: float) -> QuantileSketch:
    sketch = QuantileSketch(accuracy)
    for value in values:
        sketch.add(value)
    return sketch


@given(
    values=st.lists(VALUES, min_size=1, max_size=200),
    share=st.floats(0, 1),
    accuracy=st.sampled_from([0.001, 0.01, 0.1]),
)
def test_a_quantile_is_the_value_of_that_rank_within_the_accuracy(values, share, accuracy):
    found = sketch_of(values, accuracy).quantile(share)

    expected = sorted(values)[round(share * (len(values) - 1))]
    assert found == pytest.approx(expected, rel=accuracy * (1 + 1e-6), abs=1e-12)


def test_no_value_has_no_quantile_and_nan_is_no_value():
    assert math.isnan(sketch_of([], 0.01).quantile(0.5))
    assert sketch_of([math.nan], 0.01).n == 0


def test_infinite_and_tiny_values_count_at_the_ends():
    sketch = sketch_of([-math.inf, 1e-300, math.inf], 0.01)

    assert sketch.quantile(0.0) == pytest.approx(-1e9, rel=0.01)
    assert sketch.quantile(0.5) == 0.0
    assert sketch.quantile(1.0) == pytest.approx(1e9, rel=0.01)


def test_memory_is_bounded_by_the_bins_and_not_by_the_values():
    rng = np.random.default_rng(0)
    sketch = sketch_of(10 ** rng.uniform(-12, 12, 100_000), 0.01)
    n_bins = len(sketch.bins()[0])

    for value in 10 ** rng.uniform(-12, 12, 100_000):
        sketch.add(value)

    assert sketch.n == 200_000
    assert n_bins <= len(sketch.bins()[0]) <= 1750


@given(
    scores=st.lists(
        st.tuples(st.booleans(), st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])), max_size=60
    )
)
def test_the_area_of_values_in_bins_of_their_own_is_that_of_the_values(scores):
    targets = sketch_of([score for is_target, score in scores if is_target], 0.001)
    others = sketch_of([score for is_target, score in scores if not is_target], 0.001)

    expected = auc(*zip(*scores, strict=True)) if scores else math.nan
    assert binned_auc(targets, others) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_the_area_of_a_day_of_scores_is_right_to_the_fourth_decimal(shift):
    rng = np.random.default_rng(0)
    y = rng.random(50_000) < 1 / 6
    scores = rng.standard_normal(y.size) + shift * y

    area = binned_auc(sketch_of(scores[y], 0.001), sketch_of(scores[~y], 0.001))

    assert area == pytest.approx(auc(y, scores), abs=1e-4)
