"""Sensors in the order in which they can be spared: backward elimination by signal to noise."""

import numpy as np
from numpy.typing import NDArray

from calibration.blas_threads import one_blas_thread
from calibration.discriminants.xdawn_filters import xdawn_pencil

__all__ = ["eliminated"]

N_FILTERS = 4


def eliminated(
    epochs: NDArray[np.float64], is_target: NDArray[np.bool_], n_left: int
) -> NDArray[np.int64]:
    """Return the sensors that are left when the least useful one is taken away again and again.

    A set of sensors is worth the sum of the four largest ratios of the mean target epoch's power to
    the variance of all samples, which Xdawn's filters have on these sensors.

    Parameters
    ----------
    epochs : ndarray, shape (n_epochs, n_channels, n_times)
        In any unit: each sensor is scaled.
    is_target : ndarray of bool, shape (n_epochs,)
        Which epochs follow a target.
    n_left : int
        How many sensors to keep.

    Returns
    -------
    sensors : ndarray of int, shape (n_left,)
        In rising order.

    References
    ----------
    Rivet et al. (2010), EUSIPCO: sensors chosen by the signal to noise after Xdawn's filters.

    See Also
    --------
    calibration.discriminants.xdawn_filters.xdawn_filters : The filters.
    calibration.sparse.sensor_ranking.rank_sensors : Sensors by a path of penalties instead.

    Notes
    -----
    The ratios are the eigenvalues of Pᵀ B⁻¹ P, of the size of an epoch's latencies. Without
    sensor i it is this matrix less gᵢ gᵢᵀ / (B⁻¹)ᵢᵢ, where gᵢ is row i of B⁻¹ P. So 64 sensors take
    a tenth of a second.

    Examples
    --------
    Only the second of three sensors responds:

    >>> y = np.arange(60) % 3 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 3, 5))
    >>> X[y, 1] += 2.0
    >>> eliminated(X, y, n_left=1).tolist()
    [1]
    """
    spread = (epochs - epochs.mean(axis=0)).std(axis=(0, 2))
    scale = np.where(spread > 0, spread, 1.0)[:, np.newaxis]
    with one_blas_thread():
        response, noise = xdawn_pencil(epochs / scale, is_target)
        inverse = np.linalg.inv(noise)
        left = np.arange(len(noise))
        while left.size > n_left:
            rows = inverse @ response
            whole = response.T @ rows
            own = np.diag(inverse)[:, np.newaxis, np.newaxis]
            without = whole - rows[:, :, np.newaxis] * rows[:, np.newaxis, :] / own
            worth = np.linalg.eigvalsh(without)[:, -N_FILTERS:].sum(axis=1)
            gone = int(worth.argmax())
            kept = np.arange(left.size) != gone
            column = inverse[kept, gone]
            inverse = inverse[np.ix_(kept, kept)] - np.outer(column, column) / inverse[gone, gone]
            left, response = left[kept], response[kept]
    return left
