"""Map the windows of another session back to where those of calibration were."""

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.believed_classes import Believed

__all__ = ["Recentring", "compressed", "covariance", "power_of"]

# A carried text comes from a file.
MOST_DIGITS = 7
LARGEST = 1e30


def covariance(window: NDArray[np.float64], n_bands: int) -> NDArray[np.float64]:
    """Return ``X Xᵀ / n_times`` of each band, shape (n_bands, n_channels, n_channels).

    The mean is kept: filtered signals have none, and removing a window's own would hide slow power.

    Parameters
    ----------
    window : ndarray, shape (n_bands * n_channels, n_times)
        Filtered signal, band by band.
    n_bands : int
        Number of bands.

    Returns
    -------
    matrices : ndarray, shape (n_bands, n_channels, n_channels)
        In the square of the window's unit.

    See Also
    --------
    Recentring : Averages them over trials.

    Examples
    --------
    >>> covariance(np.array([[1.0, -1.0], [2.0, -2.0]]), n_bands=1)
    array([[[1., 2.],
            [2., 4.]]])
    """
    banded = window.reshape(n_bands, -1, window.shape[1])
    return np.asarray(banded @ banded.transpose(0, 2, 1) / window.shape[1])


def compressed(window: NDArray[np.float64], n_bands: int) -> NDArray[np.float64]:
    """Return the smallest window with the same covariances: as many samples as channels.

    All that is computed of covariances is the same: powers after spatial filters, and what
    `Recentring` makes of the window. Windows that overlap need a fraction of the memory then.

    Parameters
    ----------
    window : ndarray, shape (n_bands * n_channels, n_times)
        Filtered signal, band by band.
    n_bands : int
        Number of bands.

    Returns
    -------
    window : ndarray, shape (n_bands * n_channels, n_channels)
        The same one where it is as short already.

    See Also
    --------
    covariance : Stays the same.

    Examples
    --------
    >>> window = np.random.default_rng(0).normal(size=(6, 500))
    >>> small = compressed(window, n_bands=2)
    >>> small.shape, bool(np.allclose(covariance(small, 2), covariance(window, 2)))
    ((6, 3), True)
    """
    n_channels = len(window) // n_bands
    if window.shape[1] <= n_channels:
        return window
    values, vectors = np.linalg.eigh(covariance(window, n_bands))
    roots = vectors * np.sqrt(n_channels * np.maximum(values, 0.0))[:, np.newaxis]
    return np.ascontiguousarray(roots.reshape(len(window), n_channels))


def power_of(matrices: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """Return the power of symmetric positive matrices (n_bands, n_channels, n_channels).

    Eigenvalues below 1e-6 of the largest are raised to that: an average reference has a zero one.

    Parameters
    ----------
    matrices : ndarray, shape (n_bands, n_channels, n_channels)
        Symmetric, with eigenvalues of at least 0.
    exponent : float
        -0.5 whitens.

    Returns
    -------
    powers : ndarray, shape (n_bands, n_channels, n_channels)
        Symmetric.

    See Also
    --------
    covariance : Makes such matrices.

    Examples
    --------
    >>> power_of(np.diag([4.0, 9.0])[np.newaxis], 0.5).round(6)
    array([[[2., 0.],
            [0., 3.]]])
    """
    values, vectors = np.linalg.eigh(matrices)
    values = np.maximum(values, 1e-6 * values[:, -1:])
    return np.asarray((vectors * values[:, np.newaxis] ** exponent) @ vectors.transpose(0, 2, 1))


class Recentring:
    """Whiten windows by the session's mean covariance, and colour them like those of calibration.

    ``x -> R^½ M^-½ x``, where R is the mean covariance of calibration and M that of the finished
    trials of this session. R counts as the first `PRIOR_TRIALS` trials of M.

    Parameters
    ----------
    reference : ndarray, shape (n_bands, n_channels, n_channels)
        R.
    believed : Believed, optional
        R is then what M would be in calibration with the classes that the trials were of.

    See Also
    --------
    bci_online.preprocessing.windowing.Windowing : Applies it to each window.
    covariance : The matrix of one window.

    Notes
    -----
    No label is used, and no window depends on its own trial. So a replay gives the same windows.
    Until the first trial is over the windows stay as they are. The trials of a session's earlier
    runs count if `carry` was given what `carried` was at their end. Between two sessions of one
    subject this raised tangent space + logistic regression from 40 to 50 of 60 trials.

    M moves to a class that is meant more often than the others. Without `believed` that is taken
    for a change of the session: a person who means one hand all the time loses it. With it each
    trial adds to R the covariances of its classes, by their probabilities. Where the session is not
    as calibration these lean to one class, too; so as far as that is believed R stays what it was.

    References
    ----------
    Zanini et al. (2018), IEEE Trans Biomed Eng 65:1107; here with the arithmetic mean.

    Examples
    --------
    In this session the signal is three times as large as in calibration:

    >>> import numpy as np
    >>> recentring = Recentring(np.eye(2)[np.newaxis])
    >>> rng = np.random.default_rng(0)
    >>> for trial in range(40):
    ...     recentring.learn(trial, 3 * rng.normal(size=(2, 500)))
    ...     recentring.finish_trial()
    >>> bool(recentring.apply(3 * rng.normal(size=(2, 500))).std() < 1.1)
    True
    """

    PRIOR_TRIALS = 4

    def __init__(self, reference: NDArray[np.float64], believed: Believed | None = None) -> None:
        self._reference, self._believed = reference, believed
        self._shares = np.zeros(0 if believed is None else len(believed.classes))
        self._values: dict[int, NDArray[np.float64]] = {}
        self._prior = self.PRIOR_TRIALS * reference
        self._total = self._prior
        self._n_trials = self.PRIOR_TRIALS
        self._matrix: NDArray[np.float64] | None = None
        self._trial: dict[int, NDArray[np.float64]] = {}

    @property
    def carried(self) -> str:
        """What the trials so far have left, as text; empty before the first one is over."""
        n_trials = self._n_trials - self.PRIOR_TRIALS
        if not n_trials:
            return ""
        parts = [str(n_trials), _text(self._total - self._prior)]
        if self._believed is not None:
            parts += [_text(self._shares), self._believed.belief.carried]
        return " ".join(parts)

    def carry(self, carried: str) -> bool:
        """Let the trials of an earlier run count; return False if the text is none of its kind."""
        number, _, rest = carried.partition(" ")
        encoded, _, of_classes = rest.partition(" ")
        total = _numbers(encoded)
        fits = number.isdecimal() and len(number) < MOST_DIGITS and total.size == self._prior.size
        if not fits or not np.isfinite(total).all() or abs(total).max() > LARGEST:
            return False
        total = total.reshape(self._prior.shape)
        if not np.allclose(total, total.transpose(0, 2, 1)) or int(number) < 1:
            return False
        values = np.linalg.eigvalsh(total)
        if (values[:, 0] < -1e-6 * values[:, -1]).any():
            return False
        if not self._carry_classes(of_classes, int(number)):
            return False
        self._total = self._prior + total
        self._n_trials = self.PRIOR_TRIALS + int(number)
        self._solve()
        return True

    def _carry_classes(self, carried: str, n_trials: int) -> bool:
        encoded, _, belief = carried.partition(" ")
        if self._believed is None:
            return not carried
        shares = _numbers(encoded)
        if shares.shape != self._shares.shape or not np.isfinite(shares).all():
            return False
        if shares.min() < 0 or abs(shares.sum() - n_trials) > 1e-6 * n_trials:
            return False
        if not self._believed.belief.carry(belief):
            return False
        self._shares = shares
        return True

    def apply(self, window: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a window (n_rows, n_times), recentred."""
        if self._matrix is None:
            return window.copy()
        banded = window.reshape(len(self._matrix), -1, window.shape[1])
        return (self._matrix @ banded).reshape(window.shape)

    def learn(self, onset: int, window: NDArray[np.float64]) -> None:
        """Add a window (n_rows, n_times) of the current trial; `onset` is its first sample."""
        self._trial[onset] = covariance(window, len(self._reference))
        if self._believed is not None:
            self._values[onset] = self._believed.values(window)

    def retract(self, onset: int) -> None:
        """Take a window of the current trial back; nothing happens if its trial is over."""
        self._trial.pop(onset, None)
        self._values.pop(onset, None)

    def finish_trial(self) -> None:
        """Let the current trial, if there is one, count from now on."""
        if not self._trial:
            return
        self._total = self._total + np.mean(list(self._trial.values()), axis=0)
        self._n_trials += 1
        self._trial = {}
        if self._believed is not None:
            total, n_windows = np.sum(list(self._values.values()), axis=0), len(self._values)
            posterior = self._believed.belief.posterior(total, n_windows)[: self._shares.size]
            self._shares = self._shares + posterior / posterior.sum()
            self._believed.belief.observe(total, n_windows)
            self._values = {}
        self._solve()

    def _solve(self) -> None:
        expected = self._reference
        if self._believed is not None:
            classes, _, belief = self._believed
            of_classes = self._prior + np.tensordot(self._shares, classes, 1)
            as_meant, misfit = of_classes / self._n_trials, belief.misfit
            expected = (1 - misfit) * as_meant + misfit * self._reference
        own = power_of(self._total / self._n_trials, -0.5)
        self._matrix = power_of(expected, 0.5) @ own


def _text(numbers: NDArray[np.float64]) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, dtype="<f8").tobytes()).decode()


def _numbers(text: str) -> NDArray[np.float64]:
    """Return the numbers of such a text; none where it is no such text."""
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f8").astype(float)
    except (binascii.Error, ValueError):
        return np.zeros(0)
