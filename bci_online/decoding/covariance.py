"""A decoder of covariances: each epoch's own, as a point of a tangent space or as log-variances."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bci_online.config import CovarianceName, DecoderHeader
from bci_online.decoding.arrays import ArrayDecoder, checked_arrays
from bci_online.errors import DecoderMismatchError

__all__ = ["MOST_ROWS", "CovarianceDecoder", "covariance_features", "epoch_covariance"]

Floats = NDArray[np.float64]

MOST_ROWS = 256
"""Of the matrices; one of 256 rows takes 20 ms an epoch."""


SHARE = 0.01
"""Of the identity in a window's covariance: after an average reference it has no inverse else."""


def epoch_covariance(rows: Floats, estimator: CovarianceName) -> Floats:
    """Return the covariance of the rows of an epoch.

    Parameters
    ----------
    rows : ndarray, shape (n_rows, n_times)
        Their means are taken off, except for ``window``.
    estimator : {"scm", "cov", "oas", "lwf", "window"}
        Divided by n_times; by n_times - 1; drawn to the identity by the approximating oracle; by
        Ledoit and Wolf's share; or by one in a hundred, with the means in it. The last one is the
        same for a window and for what `compressed` makes of it.

    Returns
    -------
    covariance : ndarray, shape (n_rows, n_rows)
        In the squared unit of the rows.

    References
    ----------
    Chen et al. (2010), IEEE Trans Signal Process 58:5016, and Ledoit & Wolf (2004), J Multivariate
    Analysis 88:365; both as scikit-learn has them.

    See Also
    --------
    covariance_features : What a decoder takes from it.

    Examples
    --------
    >>> epoch_covariance(np.array([[1.0, -1.0], [2.0, -2.0]]), "scm").tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    n_rows, n_times = rows.shape
    if estimator == "window":
        found = rows @ rows.T / n_times
        return np.asarray((1 - SHARE) * found + SHARE * np.trace(found) / n_rows * np.eye(n_rows))
    centred = rows - rows.mean(axis=1, keepdims=True)
    found = centred @ centred.T / n_times
    if estimator == "scm":
        return np.asarray(found)
    if estimator == "cov":
        return np.asarray(found * n_times / (n_times - 1))
    mean = np.trace(found) / n_rows
    squares = np.sum(found**2)
    if estimator == "oas":
        error = squares / n_rows**2 + mean**2
        distance = (n_times + 1) * (squares / n_rows**2 - mean**2 / n_rows)
    else:
        error = (np.sum(np.sum(centred**2, axis=0) ** 2) / n_times - squares) / n_times
        distance = squares - n_rows * mean**2
    share = 1.0 if distance <= 0 else float(np.clip(error / distance, 0.0, 1.0))
    return np.asarray((1 - share) * found + share * mean * np.eye(n_rows))


def covariance_features(
    data: Floats, estimator: CovarianceName, arrays: Mapping[str, Floats]
) -> Floats:
    """Return the features of one epoch.

    Parameters
    ----------
    data : ndarray, shape (n_channels, n_times)
        One epoch.
    estimator : {"scm", "cov", "oas", "lwf"}
        As for `epoch_covariance`.
    arrays : mapping of str to ndarray
        As `CovarianceDecoder` takes them.

    Returns
    -------
    features : ndarray, shape (n_features,)
        With ``whitening`` the upper triangle of the logarithm of the whitened covariance, its
        off-diagonal values times √2; with ``projection`` the logarithms of the variances; with
        ``centres`` the squared Riemannian distances to them, which are the sums of the squared
        logarithms of the covariance's eigenvalues after each one's whitening.

    See Also
    --------
    CovarianceDecoder : Weights them.

    Examples
    --------
    >>> arrays = {"filters": np.eye(2), "whitening": np.eye(2)}
    >>> data = np.array([[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]])
    >>> (covariance_features(data, "scm", arrays) + 0.0).tolist()  # of the identity
    [0.0, 0.0, 0.0]
    """
    rows = arrays["filters"] @ data
    if "prototypes" in arrays:
        rows = np.concatenate([arrays["prototypes"], rows])
    found = epoch_covariance(rows, estimator)
    if "projection" in arrays:
        variances = np.einsum("fr,rs,fs->f", arrays["projection"], found, arrays["projection"])
        return np.asarray(np.log(np.maximum(variances, np.finfo(float).tiny)))
    if "centres" in arrays:
        values = np.linalg.eigvalsh(arrays["centres"] @ found @ arrays["centres"])
        return np.asarray(np.sum(np.log(np.maximum(values, np.finfo(float).tiny)) ** 2, axis=1))
    values, vectors = np.linalg.eigh(arrays["whitening"] @ found @ arrays["whitening"])
    # A flat channel has no logarithm: the smallest number that has one, not minus infinity.
    logarithm = (vectors * np.log(np.maximum(values, np.finfo(float).tiny))) @ vectors.T
    upper = np.triu_indices(len(found))
    return np.asarray(logarithm[upper] * np.where(upper[0] == upper[1], 1.0, np.sqrt(2.0)))


class CovarianceDecoder(ArrayDecoder):
    """Scores an epoch by weights of `covariance_features`.

    Parameters
    ----------
    header : DecoderHeader
        The decoder's header; ``covariance`` names the estimator.
    arrays : mapping of str to ndarray
        ``filters`` (n_filters, n_channels), ``coef`` (n_values, n_features), ``intercept``
        (n_values,), one of ``whitening`` (n_rows, n_rows), ``projection`` (n_outputs, n_rows) and
        ``centres`` (n_centres, n_rows, n_rows), each the whitening of one centre, and optionally
        ``prototypes`` (n_prototypes, n_times), which stand above the filtered epoch, ``limits``,
        ``band_rms``, ``correlation`` and ``reference`` (1, n_channels, n_channels).

    Raises
    ------
    DecoderMismatchError
        If an array is missing, has another shape than it must, or is not finite.

    See Also
    --------
    calibration.pipelines.to_decoder : Makes one of a fitted pipeline.
    calibration.discriminants.riemannian : Makes two of imagery's windows.

    Examples
    --------
    More variance in the second of two channels means the second class:

    >>> from bci_online.config import EpochSpec, Preprocessing
    >>> own = Preprocessing(ch_names=("C3", "C4"), sfreq=250.0, epoch=EpochSpec(tmax=0.3, step=0.1))
    >>> decoder = CovarianceDecoder(
    ...     DecoderHeader(method="mine", kind="covariance", preprocessing=own),
    ...     {"filters": np.eye(2), "projection": np.eye(2), "intercept": np.zeros(2),
    ...      "coef": np.array([[0.0, 0.0], [-1.0, 1.0]])},
    ... )
    >>> decoder.score(np.array([[1.0, -1.0, 1.0, -1.0], [2.0, -2.0, 2.0, -2.0]])).round(2).tolist()
    [0.0, 1.39]
    """

    def __init__(self, header: DecoderHeader, arrays: Mapping[str, Floats]) -> None:
        n_channels, n_times = len(header.preprocessing.row_names), header.preprocessing.n_epoch
        sizes = {name: array.shape[0] for name, array in arrays.items() if array.ndim == 2}
        n_filters = sizes.get("filters", 0)
        n_rows = sizes.get("prototypes", 0) + n_filters
        kinds = [name for name in ("whitening", "projection", "centres") if name in arrays]
        if not 1 <= n_rows <= MOST_ROWS or len(kinds) != 1:
            raise DecoderMismatchError(
                f"a decoder of covariances needs from 1 to {MOST_ROWS} rows, got {n_rows}, and "
                "one of 'whitening', 'projection' and 'centres'; make it again"
            )
        n_outputs = len(arrays[kinds[0]])
        of_kind: dict[str, tuple[int, tuple[int, ...]]] = {
            "whitening": (n_rows * (n_rows + 1) // 2, (n_rows, n_rows)),
            "projection": (n_outputs, (n_outputs, n_rows)),
            "centres": (n_outputs, (n_outputs, n_rows, n_rows)),
        }
        n_features, shape = of_kind[kinds[0]]
        shapes: dict[str, tuple[int, ...]] = {
            "filters": (n_filters, n_channels),
            "coef": (header.n_values, n_features),
            "intercept": (header.n_values,),
            kinds[0]: shape,
        }
        optional = {
            "prototypes": (n_rows - n_filters, n_times),
            "limits": (n_channels,),
            "band_rms": (n_channels,),
            "correlation": (n_channels, n_channels),
            "reference": (1, n_channels, n_channels),
            "class_references": (len(header.classes), 1, n_channels, n_channels),
        }
        super().__init__(header, checked_arrays(arrays, shapes, optional))

    def score(self, data: Floats) -> Floats:
        """Return one value for each class; their differences are log-odds."""
        features = covariance_features(data, self.header.covariance, self.arrays)
        return np.asarray(self.arrays["coef"] @ features + self.arrays["intercept"])
