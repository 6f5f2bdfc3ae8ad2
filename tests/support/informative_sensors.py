"""Epochs in which some sensors tell targets apart."""

import numpy as np

N_CHANNELS, N_TIMES, INFORMATIVE = 10, 5, [1, 4, 7]


def epochs(n=240, seed=0):
    """Return X in microvolts around an offset, labels, and the truth is INFORMATIVE."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.3, "target", "other")
    X = 8.0 * rng.normal(size=(n, N_CHANNELS, N_TIMES)) + 50.0
    wave = 6.0 * np.sin(np.linspace(0.3, 3, N_TIMES))
    X[np.ix_(y == "target", INFORMATIVE)] += wave
    return X, y
