"""Weights without the penalty's shrinkage, from the chosen sensors alone.

A group penalty shrinks what it keeps; refitting on the chosen sensors gave 0.01–0.03 AUC more at
few sensors. Both refits share the moments of one training set, so that a whole path of sensor
sets costs little more than one.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from calibration.sparse.datafit.features import Layout
from calibration.sparse.datafit.squared_hinge import squared_hinge
from calibration.sparse.penalties.mixed_norms import Ridge
from calibration.sparse.problem import Problem
from calibration.sparse.solvers.path import solve_path

NO_SCATTER = 1e-20
"""Rounding errors of features whose variance is 1."""
# Relative duality gap of a plain SVM.
_EXACT = 1e-11


@dataclass(frozen=True)
class Moments:
    """What shrinkage LDA on any subset of sensors needs of a training set.

    Attributes
    ----------
    layout : Layout
    means : ndarray, shape (2, n_features)
        Of the negative and the positive class.
    scatter : ndarray, shape (n_features, n_features)
        Pooled within-class covariance.
    power : ndarray, shape (n_epochs, n_sensors)
        Squared length of each centred epoch, per sensor.
    weights : ndarray, shape (n_epochs,)
        How often each epoch counts.
    prior : float
        Log-odds of the positive class.
    """

    layout: Layout
    means: np.ndarray
    scatter: np.ndarray
    power: np.ndarray
    weights: np.ndarray
    prior: float


def moments(
    Z: np.ndarray, y: np.ndarray, weights: np.ndarray, s: np.ndarray, layout: Layout
) -> Moments:
    """Measure the moments of a training set.

    Parameters
    ----------
    Z : ndarray, shape (n_epochs, n_features)
        Scaled features, sensor by sensor.
    y : ndarray, shape (n_epochs,)
        −1 or 1.
    weights, s : ndarray, shape (n_epochs,)
        Sample weights without and with the class weights; the latter only set the prior.
    layout : Layout

    Returns
    -------
    moments : Moments
    """
    means = np.stack([np.average(Z[y == k], axis=0, weights=weights[y == k]) for k in (-1, 1)])
    centred = Z - means[(y > 0).astype(int)]
    power = np.add.reduceat(centred * centred, layout.starts[:-1], axis=1)
    prior = float(np.log(s[y > 0].sum() / s[y < 0].sum()))
    centred *= np.sqrt(weights)[:, None]
    return Moments(layout, means, centred.T @ centred / weights.sum(), power, weights, prior)


def shrinkage(known: Moments, sensors: np.ndarray) -> float:
    """Return the Ledoit–Wolf intensity in [0, 1] for the covariance of some sensors.

    References
    ----------
    Ledoit and Wolf (2004), J. Multivariate Analysis 88(2); equals
    `sklearn.covariance.ledoit_wolf_shrinkage` of the class-centred features.
    """
    return _intensity(known, sensors, _scatter_of(known, known.layout.columns_of(sensors)))


def _scatter_of(known: Moments, columns: np.ndarray) -> np.ndarray:
    # Two steps: rows at once are copied in a piece, and scattered pairs are not.
    return known.scatter[columns][:, columns]


def _intensity(known: Moments, sensors: np.ndarray, scatter: np.ndarray) -> float:
    # An epoch of weight two is two epochs: their number is the sum of the weights.
    n, mean = float(known.weights.sum()), np.trace(scatter) / len(scatter)
    squares = float(np.vdot(scatter, scatter))
    lengths = np.sum(known.power[:, sensors], axis=1)
    noise = (float(known.weights @ (lengths * lengths)) / n - squares) / n
    distance = squares - len(scatter) * mean**2
    return max(min(noise / distance, 1.0), 0.0) if distance > 0.0 else 0.0


def lda(known: Moments, sensors: np.ndarray, toeplitz: bool = False) -> tuple[np.ndarray, float]:
    """Return the weights and bias of shrinkage LDA on some sensors.

    ``w = Σ⁻¹(μ₊ − μ₋)``, ``b = log(π₊/π₋) − ½ wᵀ(μ₊ + μ₋)`` with
    ``Σ = (1 − γ) S + γ tr(S)/p I`` and the Ledoit–Wolf γ.

    Parameters
    ----------
    known : Moments
    sensors : ndarray of int
    toeplitz : bool
        Average Σ over equal lags; every sensor then has the same latencies, at equal distances.

    Returns
    -------
    w : ndarray, shape (n_features,)
        Zero outside the chosen sensors.
    bias : float

    Raises
    ------
    ValueError
        If the epochs of each class do not differ on these sensors.
    """
    w = np.zeros(known.means.shape[1])
    if sensors.size == 0:
        return w, known.prior
    columns = known.layout.columns_of(sensors)
    scatter = _scatter_of(known, columns)
    if np.trace(scatter) <= NO_SCATTER * columns.size:
        refit = "btlda" if toeplitz else "lda"
        raise ValueError(
            f"refit={refit!r} needs epochs that differ within a class, got {known.weights.size} "
            "that do not; give more epochs, or refit='l2'"
        )
    # The floor keeps duplicated sensors solvable.
    gamma = max(_intensity(known, sensors, scatter), 1e-9)
    target = gamma * np.trace(scatter) / columns.size
    scatter *= 1.0 - gamma
    scatter[np.diag_indices(columns.size)] += target
    if toeplitz:
        scatter = _by_lag(scatter, sensors.size)
    negative, positive = known.means[:, columns]
    factor = scipy.linalg.cho_factor(scatter.T, lower=True, overwrite_a=True, check_finite=False)
    w[columns] = scipy.linalg.cho_solve(factor, positive - negative)
    return w, known.prior - 0.5 * float(w[columns] @ (positive + negative))


def _by_lag(scatter: np.ndarray, n_sensors: int) -> np.ndarray:
    """Return a covariance, sensor by sensor, in which two sensors at equal lags covary equally.

    The sums are divided by the number of latencies: only so no eigenvalue is negative.
    """
    n_times = len(scatter) // n_sensors
    blocks = scatter.reshape(n_sensors, n_times, n_sensors, n_times).transpose(1, 3, 0, 2).copy()
    for lag in range(n_times):
        start = np.arange(n_times - lag)
        mean = blocks[start, start + lag].sum(axis=0) / n_times
        blocks[start, start + lag] = mean
        blocks[start + lag, start] = mean.T
    return blocks.transpose(2, 0, 3, 1).reshape(scatter.shape)


def ridge(
    Z: np.ndarray, y: np.ndarray, s: np.ndarray, known: Moments, sensors: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the weights and bias of a plain SVM on some sensors.

    Its λ is n_chosen_features/n_epochs of the mean variance of a feature (at most all of it): it
    falls as trials outnumber features. An epoch of weight two counts as two. Ledoit–Wolf's
    intensity is not used here. On white noise it tends to 1, which is harmless in LDA but would
    shrink an SVM's weights to zero.
    """
    w = np.zeros(Z.shape[1])
    columns = known.layout.columns_of(sensors)
    starts = known.layout.within(sensors)
    data = squared_hinge([Z[:, columns]], [y], [s], starts)
    if sensors.size == 0:
        return w, float(data.biases(np.zeros(y.size), np.zeros(1))[0])
    power = float(np.mean(np.diag(known.scatter)[columns]))
    # Without scatter only the classes differ: the variance of a scaled feature, between them, is 1.
    power = power if power > NO_SCATTER else 1.0
    lam = min(columns.size / float(known.weights.sum()), 1.0) * power
    # One Newton step more costs little here, and weights then equal repeated epochs in all digits.
    solution = solve_path(Problem(data, Ridge(starts)), [lam], tol=_EXACT, dtype=np.float64)[0]
    w[columns] = solution.w
    return w, float(solution.bias[0])
