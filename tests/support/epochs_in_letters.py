"""Epochs of whole letters, in which three of twelve sensors tell the classes apart."""

import numpy as np

N_SENSORS, N_TIMES, N_LETTERS, INFORMATIVE = 12, 4, 10, [1, 4, 7]


def epochs(strength=5.0, seed=0):
    """Return X (240, 12, 4), labels and letters; INFORMATIVE is the truth."""
    rng = np.random.default_rng(seed)
    letters = np.repeat(np.arange(N_LETTERS), 24)
    y = rng.random(letters.size) < 0.25
    X = 8.0 * rng.normal(size=(letters.size, N_SENSORS, N_TIMES)) + 50.0
    X[np.ix_(y, INFORMATIVE)] += strength * np.sin(np.linspace(0.3, 3, N_TIMES))
    return X, y, letters
