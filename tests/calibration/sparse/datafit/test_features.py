"""From recordings to a scaled matrix and back."""

import numpy as np
import pytest

from calibration.sparse.datafit.features import scaled_features, sensor_layout


def test_labels_of_columns_become_sensors_in_sorted_order():
    layout = sensor_layout((10, 5), ["Pz", "Cz", "Pz", "Cz", "Oz"])

    np.testing.assert_array_equal(layout.starts, [0, 2, 3, 5])
    np.testing.assert_array_equal(layout.order, [1, 3, 4, 0, 2])
    np.testing.assert_array_equal(layout.columns_of(np.array([0, 2])), [0, 1, 3, 4])


@pytest.mark.parametrize("per", ["sensor", "feature"])
def test_features_are_centred_and_scaled_with_their_weights(per):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3, 4)) * np.array([1.0, 5.0, 1e-6])[:, None] + 7.0
    weights = rng.uniform(0.2, 2.0, 50)
    layout = sensor_layout(X.shape, None)

    Z, _ = scaled_features(X, weights, layout, per)

    share = weights / weights.sum()
    np.testing.assert_allclose(share @ Z, 0, atol=1e-7)
    power = (share @ Z**2).reshape(3, 4)
    means = power.mean(axis=1) if per == "sensor" else power
    np.testing.assert_allclose(means, 1.0, rtol=1e-6)
    assert Z.flags.f_contiguous


def test_raw_weights_give_the_same_decisions_as_scaled_ones():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(20, 6)) * 3 + 2
    layout = sensor_layout(X.shape, [1, 0, 1, 2, 0, 2])
    Z, scaling = scaled_features(X, np.ones(20), layout, "sensor")
    w = rng.normal(size=6)

    coef, intercept = scaling.raw(w, 0.7)

    np.testing.assert_allclose(X @ coef + intercept, Z @ w + 0.7, atol=1e-12)


def test_a_large_offset_does_not_spoil_the_scale():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(100, 2, 3))

    near, _ = scaled_features(X, np.ones(100), sensor_layout(X.shape, None), "sensor")
    far, _ = scaled_features(X + 1e7, np.ones(100), sensor_layout(X.shape, None), "sensor")

    np.testing.assert_allclose(far, near, atol=1e-6)
