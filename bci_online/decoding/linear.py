"""A linear decoder: one weight per sensor and latency."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.decoding.arrays import ArrayDecoder, checked_arrays

__all__ = ["LinearDecoder", "linear_scores"]


def linear_scores(
    X: NDArray[np.float64],
    coef: NDArray[np.float64],
    center: NDArray[np.float64],
    scale: NDArray[np.float64],
    intercept: float,
) -> NDArray[np.float64]:
    """Return ``sum(coef * (x - center) / scale) + intercept`` of each epoch x.

    Parameters
    ----------
    X : ndarray, shape (..., n_channels, n_times)
        One epoch or many.
    coef, center : ndarray, shape (n_channels, n_times)
        Weights, and what is subtracted first.
    scale : ndarray, shape (n_channels,)
        What each channel is divided by.
    intercept : float
        What is added at the end.

    Returns
    -------
    scores : ndarray, shape (...)
        For one epoch an array without axes.

    See Also
    --------
    LinearDecoder : The decoder that uses it.

    Examples
    --------
    >>> coef, center, scale = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0]]), np.array([2.0])
    >>> linear_scores(np.array([[[2.0, 3.0]], [[0.0, 1.0]]]), coef, center, scale, 0.5)
    array([3.5, 0.5])
    """
    scaled = (X - center) / scale[:, np.newaxis]
    # Not tensordot: BLAS threads that are not pinned cost 0.1 ms an epoch on a busy computer.
    return np.asarray(np.einsum("...ct,ct->...", scaled, coef) + intercept)


class LinearDecoder(ArrayDecoder):
    """Scores an epoch by `linear_scores`.

    Parameters
    ----------
    header : DecoderHeader
        The decoder's header.
    arrays : mapping of str to ndarray
        ``coef`` and ``center`` (n_channels, n_times), ``scale`` (n_channels,), ``intercept`` (1,),
        and optionally ``limits`` and ``band_rms`` (n_channels,), ``correlation`` (n_channels,
        n_channels), and, both of scaled epochs, ``class_means`` (2, n_channels, n_times) and
        ``lags`` (n_times, n_channels, n_channels), as `covariance_of_lags` takes them.

    Raises
    ------
    DecoderMismatchError
        If an array is missing, has another shape than the header says, or is not finite.

    See Also
    --------
    bci_online.decoding.decoder_file.make_decoder : Choose the class by the header.

    Examples
    --------
    One sensor, three latencies, weights of 1:

    >>> from bci_online.config import EpochSpec, Preprocessing
    >>> preprocessing = Preprocessing(
    ...     sfreq=256.0, ch_names=("Cz",), unit="microvolts", epoch=EpochSpec(tmax=0.6, step=0.3)
    ... )
    >>> decoder = LinearDecoder(
    ...     DecoderHeader(method="lda", preprocessing=preprocessing),
    ...     {"coef": np.ones((1, 3)), "center": np.zeros((1, 3)),
    ...      "scale": np.ones(1), "intercept": np.array([-1.0])},
    ... )
    >>> decoder.score(np.array([[1.0, 2.0, 3.0]]))
    array([0., 5.])
    """

    def __init__(self, header: DecoderHeader, arrays: Mapping[str, NDArray[np.float64]]) -> None:
        n_channels = len(header.preprocessing.ch_names)
        n_times = header.preprocessing.epoch.latencies.size
        shapes: dict[str, tuple[int, ...]] = {
            "coef": (n_channels, n_times),
            "center": (n_channels, n_times),
            "scale": (n_channels,),
            "intercept": (1,),
        }
        optional = {
            "limits": (n_channels,),
            "band_rms": (n_channels,),
            "correlation": (n_channels, n_channels),
            "class_means": (2, n_channels, n_times),
            "lags": (n_times, n_channels, n_channels),
        }
        super().__init__(header, checked_arrays(arrays, shapes, optional))

    def score(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (0, score); a score above 0 means the second class.

        Parameters
        ----------
        data : ndarray, shape (n_channels, n_times)
            One epoch.

        Returns
        -------
        values : ndarray, shape (2,)
        """
        own = self.arrays
        score = linear_scores(data, own["coef"], own["center"], own["scale"], own["intercept"][0])
        return np.array([0.0, float(score)])
