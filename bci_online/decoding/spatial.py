"""A spatial-filter decoder: the power after each spatial filter, weighted per class."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.config.demand import most_filters
from bci_online.decoding.arrays import ArrayDecoder, checked_arrays
from bci_online.errors import DecoderMismatchError

__all__ = ["SpatialDecoder", "log_power", "spatial_values"]


def log_power(filters: NDArray[np.float64], data: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log of the mean power after each spatial filter, shape (n_bands * n_filters,).

    Parameters
    ----------
    filters : ndarray, shape (n_bands, n_filters, n_channels)
        For each band its own.
    data : ndarray, shape (n_bands * n_channels, n_times)
        A window, band by band.

    Returns
    -------
    features : ndarray, shape (n_bands * n_filters,)
        Natural logarithms, band by band.

    See Also
    --------
    spatial_values : Weight them.

    Examples
    --------
    One band, two channels, one filter for each channel:

    >>> data = np.array([[1.0, -1.0], [np.e, -np.e]])
    >>> log_power(np.eye(2)[np.newaxis], data)
    array([0., 2.])
    """
    banded = data.reshape(len(filters), -1, data.shape[1])
    power = np.mean((filters @ banded) ** 2, axis=2)
    # A flat signal has no power: the smallest number that has a logarithm, not minus infinity.
    return np.log(np.maximum(power, np.finfo(float).tiny)).ravel()


def spatial_values(
    data: NDArray[np.float64],
    filters: NDArray[np.float64],
    coef: NDArray[np.float64],
    intercept: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return ``coef @ log_power(filters, data) + intercept``, shape (n_values,).

    Parameters
    ----------
    data : ndarray, shape (n_bands * n_channels, n_times)
        A window, band by band.
    filters : ndarray, shape (n_bands, n_filters, n_channels)
        As for `log_power`.
    coef : ndarray, shape (n_values, n_bands * n_filters)
        Weights of the log powers.
    intercept : ndarray, shape (n_values,)
        What is added at the end.

    Returns
    -------
    values : ndarray, shape (n_values,)
        Log-odds up to a common constant.

    See Also
    --------
    SpatialDecoder : The decoder that uses it.

    Examples
    --------
    >>> data, coef = np.array([[1.0, -1.0], [np.e, -np.e]]), np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> spatial_values(data, np.eye(2)[np.newaxis], coef, np.zeros(2))
    array([0., 2.])
    """
    return np.asarray(coef @ log_power(filters, data) + intercept)


class SpatialDecoder(ArrayDecoder):
    """Scores a window by `spatial_values`.

    Parameters
    ----------
    header : DecoderHeader
        The decoder's header.
    arrays : mapping of str to ndarray
        ``filters`` (n_bands, n_filters, n_channels), ``coef`` (n_values, n_bands * n_filters),
        ``intercept`` (n_values,), and optionally ``limits`` and ``band_rms`` (n_rows,) and
        ``reference`` (n_bands, n_channels, n_channels).

    Raises
    ------
    DecoderMismatchError
        If an array is missing, has another shape than the header says, or is not finite.

    See Also
    --------
    calibration.discriminants.csp_lda.CspLDA : Find such filters and weights.

    Examples
    --------
    More power at C3 than at C4 means the right hand:

    >>> from bci_online.config import FilterSpec, Preprocessing, WindowSpec
    >>> header = DecoderHeader(
    ...     paradigm="motor_imagery", kind="spatial", method="csp-lda",
    ...     classes=("left_hand", "right_hand"),
    ...     preprocessing=Preprocessing(
    ...         sfreq=256.0, ch_names=("C3", "C4"), unit="microvolts",
    ...         filter=FilterSpec(l_freq=8.0, h_freq=30.0), window=WindowSpec(),
    ...     ),
    ... )
    >>> decoder = SpatialDecoder(header, {
    ...     "filters": np.eye(2)[np.newaxis], "intercept": np.zeros(2),
    ...     "coef": np.array([[0.0, 0.0], [1.0, -1.0]]),
    ... })
    >>> decoder.score(np.array([[np.e, -np.e], [1.0, -1.0]]))
    array([0., 2.])
    """

    def __init__(self, header: DecoderHeader, arrays: Mapping[str, NDArray[np.float64]]) -> None:
        n_channels = len(header.preprocessing.ch_names)
        n_bands = len(header.preprocessing.filter.bands)
        known = arrays.get("filters", np.empty(0))
        n_filters = known.shape[1] if known.ndim == 3 else 0
        if n_filters > most_filters(n_channels):
            raise DecoderMismatchError(
                f"decoder array 'filters' has {n_filters} filters a band, at most "
                f"{most_filters(n_channels)} are possible; train it again"
            )
        n_values, n_rows = header.n_values, n_bands * n_channels
        shapes: dict[str, tuple[int, ...]] = {
            "filters": (n_bands, n_filters, n_channels),
            "coef": (n_values, n_bands * n_filters),
            "intercept": (n_values,),
        }
        optional = {
            "limits": (n_rows,),
            "band_rms": (n_rows,),
            "correlation": (n_channels, n_channels),
            "reference": (n_bands, n_channels, n_channels),
            "class_references": (len(header.classes), n_bands, n_channels, n_channels),
        }
        super().__init__(header, checked_arrays(arrays, shapes, optional))

    def score(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return log-odds up to a common constant: one per class, and that of idle if known."""
        own = self.arrays
        return spatial_values(data, own["filters"], own["coef"], own["intercept"])
