"""Weights that are solved again where sensors cannot be used, from means and a covariance."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError

from bci_online.decoding.decoder import Decoder, used_channels
from bci_online.decoding.lagged_covariance import LaggedCovariance

__all__ = ["Resolved", "ResolvedWeights"]

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
    bci_online.decoding.lagged_covariance.LaggedCovariance : Solves with the covariance.

    Notes
    -----
    The lost part of a score is replaced by its expectation, given the sensors that are left. With
    the covariance S of epochs within a class, lost features d and the rest r, the weights are
    ``w_r + inv(S_rr) S_rd w_d``. For a linear discriminant ``w = inv(S) (m1 - m0)`` these are
    exactly the weights of the discriminant on the rest, with the same S. For weights of any other
    origin (spatial filters, a sum of two, a support vector machine) they are the best linear
    prediction of the old score. Only S is not exact: it depends on the lag between two latencies
    alone, and its shrinkage is that of all sensors.

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
        # A sensor without weights may be anything; it must not be given some.
        self._used = np.flatnonzero(used_channels(decoder))
        lags = arrays["lags"][:, self._used][:, :, self._used]
        self._shape = arrays["coef"].shape
        self._means = arrays["class_means"][:, self._used]
        self._weights = arrays["coef"][self._used]
        self._intercept = float(arrays["intercept"][0])
        self._covariance = LaggedCovariance(lags)
        self._distance, self._variance = self._figures(self._weights)
        if self._variance <= 0 or self._distance <= 0:
            raise ValueError("the means of the classes do not differ")

    def without(self, channels: Sequence[int]) -> Resolved | None:
        """Return the decoder without these sensors; None where nothing is left to decode with.

        Parameters
        ----------
        channels : sequence of int
            Places of the sensors that cannot be used.
        """
        own, lost = self._weights, np.isin(self._used, channels)
        if lost.all():
            return None
        coef = own
        if lost.any():
            is_left = np.broadcast_to(~lost[:, np.newaxis], own.shape)
            with_lost = self._covariance.times(np.where(is_left, 0.0, own))
            try:
                coef = np.where(is_left, own, 0.0) + self._covariance.solve(with_lost, is_left)
            except LinAlgError:
                return None
        distance, variance = self._figures(coef)
        if variance <= 0 or distance <= 0:
            return None
        slope = distance / variance / (self._distance / self._variance)
        middle = self._means.mean(axis=0)
        full = np.zeros(self._shape)
        full[self._used] = slope * coef
        worth = distance / np.sqrt(variance) / (self._distance / np.sqrt(self._variance))
        intercept = self._intercept + float(np.vdot(own - slope * coef, middle))
        return Resolved(full, intercept, min(1.0, float(worth)))

    def _figures(self, coef: Floats) -> tuple[float, float]:
        """Return how far the means of the classes are apart in scores, and the variance of these.

        Weights are of the used sensors.
        """
        variance = float(np.vdot(coef, self._covariance.times(coef)))
        return float(np.vdot(coef, self._means[1] - self._means[0])), variance
