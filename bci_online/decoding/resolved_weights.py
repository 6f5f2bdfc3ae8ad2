"""Weights that are solved again where sensors cannot be used, from means and a covariance."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from bci_online.decoding.decoder import Decoder, used_channels

__all__ = ["Resolved", "ResolvedWeights", "covariance_of_lags"]

Floats = NDArray[np.float64]


class Resolved(NamedTuple):
    """A linear decoder without some sensors.

    Parameters
    ----------
    coef : ndarray, shape (n_channels, n_times)
        Weights of scaled epochs; 0 for sensors that are left out.
    intercept : float
        Scores are worth what the decoder's evidence says.
    worth : float
        Distance of the class means in standard deviations of the score, as a share of that with all
        sensors. n flashes say as much as ``n * worth ** 2`` flashes with all sensors do.

    See Also
    --------
    ResolvedWeights : Solves it.
    """

    coef: Floats
    intercept: float
    worth: float


class ResolvedWeights:
    """Solves the weights of a linear decoder again on the sensors that are left.

    Parameters
    ----------
    decoder : Decoder
        A linear one, with the arrays ``class_means`` and ``lags``.

    Raises
    ------
    ValueError
        If its covariance has no inverse, or its means do not differ.

    See Also
    --------
    bci_online.runtime.lost_sensors.LostSensors : Uses it in a chain.
    bci_online.covariances.lag_covariances : Makes the covariance.

    Notes
    -----
    The lost part of a score is replaced by its expectation, given the sensors that are left. With
    the covariance S of epochs within a class, lost features d and the rest r, the weights are
    ``w_r + inv(S_rr) S_rd w_d``. For a linear discriminant ``w = inv(S) (m1 - m0)`` these are
    exactly the weights of the discriminant on the rest, with the same S. For weights of any other
    origin (spatial filters, a sum of two, a support vector machine) they are the best linear
    prediction of the old score. Only S is not exact: it depends on the lag between two latencies
    alone, and its shrinkage is that of all sensors.

    With the inverse P of S the second term is ``-P_rd inv(P_dd) w_d``, and the score loses the
    variance ``w_d' inv(P_dd) w_d``. So S is factored once, and a loss costs the columns of P that
    are the lost sensors', and one small system. All of P would take four times as long to start.

    The score is moved and scaled so that the decoder's densities give each score the log-likelihood
    ratio that it now has: letters with and without the sensor add up.

    Examples
    --------
    Two sensors with the same response and half of their noise in common. Alone, each is worth more
    than its own weight says:

    >>> from types import SimpleNamespace
    >>> from bci_online.config import DecoderHeader, EpochSpec, Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=100.0, epoch=EpochSpec(tmax=0.1, step=0.1))
    >>> lags = np.stack([np.array([[1.0, 0.5], [0.5, 1.0]]), np.zeros((2, 2))])
    >>> means = np.stack([np.zeros((2, 2)), np.ones((2, 2))])
    >>> arrays = {"coef": np.full((2, 2), 2 / 3), "intercept": np.zeros(1), "lags": lags,
    ...           "class_means": means}
    >>> header = DecoderHeader(method="lda", preprocessing=own)
    >>> weights = ResolvedWeights(SimpleNamespace(header=header, arrays=arrays))
    >>> alone = weights.without((1,))
    >>> alone.coef.round(3).tolist(), round(alone.worth, 3)
    ([[1.0, 1.0], [0.0, 0.0]], 0.866)
    """

    def __init__(self, decoder: Decoder) -> None:
        arrays = decoder.arrays
        self._shape = arrays["coef"].shape
        # A sensor without weights may be anything; it must not be given some.
        self._used = np.repeat(used_channels(decoder), self._shape[1])
        covariance = covariance_of_lags(arrays["lags"])[np.ix_(self._used, self._used)]
        self._means = arrays["class_means"].reshape(2, -1)[:, self._used]
        self._weights = arrays["coef"].ravel()[self._used]
        self._intercept = float(arrays["intercept"][0])
        self._variance = float(self._weights @ covariance @ self._weights)
        self._distance = float(self._weights @ (self._means[1] - self._means[0]))
        try:
            self._factor = cho_factor(covariance, overwrite_a=True, check_finite=False)
        except LinAlgError:
            raise ValueError("the covariance of the epochs has no inverse") from None
        self._columns: dict[int, Floats] = {}
        if self._variance <= 0 or self._distance <= 0:
            raise ValueError("the means of the classes do not differ")

    def without(self, channels: Sequence[int]) -> Resolved | None:
        """Return the decoder without these sensors; None where nothing is left to decode with.

        Parameters
        ----------
        channels : sequence of int
            Places of the sensors that cannot be used.
        """
        is_lost = np.zeros(self._shape, dtype=bool)
        is_lost[list(channels)] = True
        lost = is_lost.ravel()[self._used]
        if lost.all():
            return None
        own = self._weights
        coef = np.where(lost, 0.0, own)
        variance = self._variance
        if lost.any():
            precision = np.concatenate(
                [self._precision_of(one) for one in sorted(set(channels))], 1
            )
            shares = np.linalg.solve(precision[lost], own[lost])
            coef[~lost] -= precision[~lost] @ shares
            variance -= float(own[lost] @ shares)
        distance = float(coef @ (self._means[1] - self._means[0]))
        if variance <= 0 or distance <= 0:
            return None
        slope = distance / variance / (self._distance / self._variance)
        middle = self._means.mean(axis=0)
        full = np.zeros(self._shape)
        full.ravel()[self._used] = slope * coef
        worth = distance / np.sqrt(variance) / (self._distance / np.sqrt(self._variance))
        intercept = self._intercept + float(own @ middle) - slope * float(coef @ middle)
        return Resolved(full, intercept, min(1.0, float(worth)))

    def _precision_of(self, channel: int) -> Floats:
        """Return the columns of the covariance's inverse that are a channel's, if it is used."""
        if channel not in self._columns:
            is_own = np.zeros(self._shape, dtype=bool)
            is_own[channel] = True
            places = np.flatnonzero(is_own.ravel()[self._used])
            unit = np.zeros((self._weights.size, places.size))
            unit[places, np.arange(places.size)] = 1.0
            self._columns[channel] = cho_solve(self._factor, unit, overwrite_b=True)
        return self._columns[channel]


def covariance_of_lags(lags: Floats) -> Floats:
    """Return the covariance whose blocks depend on the lag between two latencies.

    Parameters
    ----------
    lags : ndarray, shape (n_times, n_channels, n_channels)
        Entry (lag, i, j) is the covariance of channel i at one latency with channel j at the one
        `lag` steps later.

    Returns
    -------
    covariance : ndarray, shape (n_channels * n_times, n_channels * n_times)
        In the order of channels, then time.

    See Also
    --------
    ResolvedWeights : Inverts it.

    Examples
    --------
    >>> covariance_of_lags(np.array([[[2.0]], [[1.0]]])).tolist()
    [[2.0, 1.0], [1.0, 2.0]]
    """
    n_times, n_channels, _ = lags.shape
    both = np.concatenate([lags[:0:-1].transpose(0, 2, 1), lags])
    lag = np.subtract.outer(np.arange(n_times), np.arange(n_times)).T
    blocks = both[lag + n_times - 1].transpose(2, 0, 3, 1)
    return np.ascontiguousarray(blocks).reshape(n_channels * n_times, -1)
