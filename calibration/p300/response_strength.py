"""How surely targets and other flashes differ."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["response_strength"]


def response_strength(X: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return Welch's t value of targets against others, without its sign.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times)
        Epochs in any unit.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.

    Returns
    -------
    strength : ndarray, shape (n_channels, n_times)
        0 where neither class varies, and everywhere with fewer than two epochs of a class.

    See Also
    --------
    calibration.p300.response_time.misplaced_response : The latency at which it is largest.
    calibration.p300.label_checks.misread_codes : Whether other labels would make it larger.

    Examples
    --------
    >>> X = np.array([3.0, 5.0, -1.0, 1.0]).reshape(4, 1, 1)
    >>> response_strength(X, np.array([True, True, False, False])).round(3)
    array([[2.828]])
    """
    target, other = X[y], X[~y]
    if min(len(target), len(other)) < 2:
        return np.zeros(X.shape[1:])
    variance = target.var(axis=0, ddof=1) / len(target) + other.var(axis=0, ddof=1) / len(other)
    difference = np.abs(target.mean(axis=0) - other.mean(axis=0))
    strength = np.zeros_like(difference)
    return np.divide(difference, np.sqrt(variance), out=strength, where=variance > 0)
