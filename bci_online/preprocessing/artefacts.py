"""Which epochs are artefacts: a channel's peak-to-peak exceeds that channel's limit."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["artefact_limits", "artefacts", "loud_channels", "peak_to_peak"]


def peak_to_peak(window: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest minus the smallest value of each row.

    Parameters
    ----------
    window : ndarray, shape (n_rows, n_times)
        Filtered samples, in the stream's unit.

    Returns
    -------
    peak_to_peak : ndarray, shape (n_rows,)
        In the same unit.

    See Also
    --------
    artefacts : Compare with limits.

    Examples
    --------
    >>> peak_to_peak(np.array([[0.0, 3.0, -2.0], [1.0, 1.0, 1.0]]))
    array([5., 0.])
    """
    # Methods of the array would call these.
    return np.asarray(np.maximum.reduce(window, axis=1) - np.minimum.reduce(window, axis=1))


def artefacts(
    peak_to_peak: NDArray[np.float64], limits: NDArray[np.float64] | None
) -> NDArray[np.bool_]:
    """Return which epochs are artefacts: those where at least one row exceeds its limit.

    Parameters
    ----------
    peak_to_peak : ndarray, shape (..., n_rows)
        Of one epoch or of many.
    limits : ndarray, shape (n_rows,), or None
        In the same unit; a value at its limit is still good. None: nothing is an artefact.

    Returns
    -------
    found : ndarray of bool, shape (...)
        For one epoch an array without axes, which is true or false.

    See Also
    --------
    artefact_limits : Learn the limits.

    Examples
    --------
    >>> artefacts(np.array([[10.0, 30.0], [10.0, 31.0]]), np.array([np.inf, 30.0]))
    array([False,  True])
    """
    if limits is None:
        return np.zeros(peak_to_peak.shape[:-1], dtype=bool)
    return np.asarray((peak_to_peak > limits).any(axis=-1))


def loud_channels(
    peak_to_peak: NDArray[np.float64],
    limits: NDArray[np.float64] | None,
    ch_names: Sequence[str],
) -> tuple[str, ...]:
    """Return the channels that make an epoch an artefact.

    Parameters
    ----------
    peak_to_peak : ndarray, shape (n_rows,)
        Of one epoch; a filter bank has a row per band and channel.
    limits : ndarray, shape (n_rows,), or None
        In the same unit.
    ch_names : sequence of str
        The channels.

    Returns
    -------
    loud : tuple of str
        Their names, in the order of `ch_names`.

    See Also
    --------
    artefacts : Whether it is one.

    Examples
    --------
    >>> loud_channels(np.array([10.0, 31.0]), np.array([20.0, 30.0]), ["Cz", "Pz"])
    ('Pz',)
    """
    if limits is None:
        return ()
    rows = np.flatnonzero(peak_to_peak > limits) % len(ch_names)
    return tuple(ch_names[row] for row in sorted(set(rows.tolist())))


def artefact_limits(peak_to_peak: NDArray[np.float64], k: float) -> NDArray[np.float64] | None:
    """Return each row's limit: the median over epochs plus ``k`` median absolute deviations.

    Parameters
    ----------
    peak_to_peak : ndarray, shape (n_epochs, n_rows)
        Of the epochs to learn from.
    k : float
        As in `bci_online.config.Artefacts`.

    Returns
    -------
    limits : ndarray, shape (n_rows,), or None
        None where ``k`` is 0: nothing is rejected.

    See Also
    --------
    artefacts : Apply the limits.

    Examples
    --------
    The outlier of 90 hardly moves the limit:

    >>> artefact_limits(np.array([[10.0], [12.0], [11.0], [90.0]]), k=5.0)
    array([16.5])
    """
    if not k:
        return None
    middle = np.median(peak_to_peak, axis=0)
    return np.asarray(middle + k * np.median(np.abs(peak_to_peak - middle), axis=0))
