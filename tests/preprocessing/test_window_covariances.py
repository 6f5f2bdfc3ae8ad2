import numpy as np

from bci_online.preprocessing.window_covariances import compressed, covariance, power_of


def spd(rng, n=4):
    root = rng.normal(size=(n, 2 * n))
    return root @ root.T


def test_the_square_root_squared_is_the_matrix_and_minus_one_its_inverse():
    matrices = np.stack([spd(np.random.default_rng(seed)) for seed in range(3)])

    root = power_of(matrices, 0.5)

    np.testing.assert_allclose(root @ root, matrices, rtol=1e-9)
    np.testing.assert_allclose(power_of(matrices, -1.0), np.linalg.inv(matrices), rtol=1e-6)


def test_an_average_reference_can_be_compressed_too():
    window = np.random.default_rng(6).normal(size=(4, 100))
    window -= window.mean(axis=0)

    small = compressed(window, n_bands=1)

    np.testing.assert_allclose(covariance(small, 1), covariance(window, 1), atol=1e-12)


def test_a_silent_window_can_be_compressed():
    small = compressed(np.zeros((8, 50)), n_bands=2)

    assert small.shape == (8, 4)
    assert not small.any()
