"""One training set → decoders along a path of λ. Every estimator here uses this."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from calibration.sparse.datafit.features import Layout, Scaling, scaled_features
from calibration.sparse.datafit.squared_hinge import squared_hinge
from calibration.sparse.decoders.refit import lda, moments, ridge
from calibration.sparse.penalties.mixed_norms import (
    GroupNorm,
    Penalty,
    Ridge,
    SensorTime,
    SparseGroup,
)
from calibration.sparse.problem import Problem, lambda_unit
from calibration.sparse.solvers.path import solve_path


@dataclass(frozen=True)
class Regularizer:
    """The penalty as the user names it, before the sensors are known.

    Attributes
    ----------
    penalty : {"group", "l2", "sparse-group", "sensor-time"}
    q : float
        Exponent of "group".
    l1_ratio : float
        Share of ‖w‖₁ in "sparse-group", in [0, 1).
    kappa : float
        Weight of the time groups in "sensor-time".
    prices : ndarray, shape (n_sensors,), optional
        Weight of each sensor's norm.
    """

    penalty: str
    q: float = 2.0
    l1_ratio: float = 0.1
    kappa: float = 1.0
    prices: np.ndarray | None = None

    def build(self, starts: np.ndarray, weights: np.ndarray, n_subjects: int = 1) -> Penalty:
        """Return Ω with given weights per sensor; ``starts`` are the sensors of one subject.

        With several subjects a sensor's group, and a time's, holds the weights of all of them.
        """
        n_times, starts = int(starts[1]), starts * n_subjects
        if self.penalty == "l2":
            return Ridge(starts)
        if self.penalty == "sparse-group":
            return SparseGroup(starts, (1.0 - self.l1_ratio) * weights, self.l1_ratio)
        if self.penalty == "sensor-time":
            return SensorTime(weights, n_times, self.kappa, n_subjects)
        return GroupNorm(starts, weights, self.q)

    def weights(self, starts: np.ndarray) -> np.ndarray:
        """Return ω_g: the price, times size^(1 − 1/q) where sizes differ (√size for q = 2)."""
        sizes = np.diff(starts).astype(float)
        power = 1.0 - 1.0 / self.q if self.penalty == "group" else 0.5
        fair = sizes**power if np.ptp(sizes) else np.ones(sizes.size)
        return fair if self.prices is None else fair * self.prices


@dataclass(frozen=True)
class Decoder:
    """A linear decoder on scaled features and how it was found.

    After a refit ``before`` has the penalised weights, which ``coef`` no longer has.
    """

    coef: np.ndarray
    bias: float
    sensors: np.ndarray
    lam: float
    gap: float
    n_iter: int
    before: np.ndarray | None = None

    @property
    def penalised(self) -> np.ndarray:
        """The penalised weights, before any refit."""
        return self.coef if self.before is None else self.before


@dataclass(frozen=True)
class TrainingSet:
    """Scaled features of one subject's training trials.

    Attributes
    ----------
    Z : ndarray, shape (n_epochs, n_features)
        Sensor by sensor.
    y : ndarray, shape (n_epochs,)
        −1 or 1.
    weights, s : ndarray, shape (n_epochs,)
        Sample weights without and with the class weights.
    scaling : Scaling
    """

    Z: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    s: np.ndarray
    scaling: Scaling

    @property
    def layout(self) -> Layout:
        """Which column belongs to which sensor."""
        return self.scaling.layout


def training_set(
    X: np.ndarray, y: np.ndarray, weights: np.ndarray, s: np.ndarray, layout: Layout, per: str
) -> TrainingSet:
    """Scale one training set; trials of zero weight are left out."""
    used = s > 0.0
    if not used.all():
        X, y, weights, s = X[used], y[used], weights[used], s[used]
    Z, scaling = scaled_features(X, weights, layout, per)
    return TrainingSet(Z, y, weights, s, scaling)


def sparse_path(
    train: TrainingSet,
    regularizer: Regularizer,
    alphas: Sequence[float] | np.ndarray,
    *,
    strengths: np.ndarray | None = None,
    only: np.ndarray | None = None,
    tol: float,
    max_iter: int,
) -> list[Decoder]:
    """Solve at every fraction of λ_max.

    Parameters
    ----------
    train : TrainingSet
    regularizer : Regularizer
    alphas : sequence of float
        Fractions of λ_max; falling values make the warm starts good.
    strengths : ndarray, shape (n_sensors,), optional
        ‖w*_g‖ of a first solution: the penalty is adaptive, each group's weight divided by its
        strength, and groups without strength are dropped.
    only : ndarray of int, optional
        Sensors that may be chosen; all by default.
    tol, max_iter
        See `calibration.sparse.solvers.path.solve_path`.

    Returns
    -------
    decoders : list of Decoder
        One per alpha.
    """
    layout = train.layout
    kept, weights = kept_sensors(regularizer, layout, strengths, only)
    if kept.size == 0:
        return [empty_decoder(train) for _ in alphas]
    columns, starts = layout.columns_of(kept), layout.within(kept)
    Z = train.Z if kept.size == layout.n_sensors else train.Z[:, columns]
    data = squared_hinge([Z], [train.y], [train.s], starts)
    problem = Problem(data, regularizer.build(starts, weights))
    unit = lambda_unit(problem)
    decoders = []
    for solved in solve_path(problem, [a * unit for a in alphas], tol=tol, max_iter=max_iter):
        coef = np.zeros(layout.starts[-1])
        coef[columns] = solved.w
        sensors = np.flatnonzero(sensor_strengths(coef, layout))
        decoders.append(
            Decoder(coef, float(solved.bias[0]), sensors, solved.lam, solved.gap, solved.n_iter)
        )
    return decoders


def kept_sensors(
    regularizer: Regularizer,
    layout: Layout,
    strengths: np.ndarray | None,
    only: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which sensors take part, and the weight ω_g of each; see `sparse_path`."""
    kept = np.arange(layout.n_sensors) if only is None else np.sort(only)
    weights = regularizer.weights(layout.starts)
    if strengths is None:
        return kept, weights[kept]
    kept = kept[strengths[kept] > 0.0]
    return kept, weights[kept] / strengths[kept]


def sensor_strengths(coef: np.ndarray, layout: Layout) -> np.ndarray:
    """Return ‖w_g‖₂ of every sensor."""
    return np.sqrt(np.add.reduceat(coef * coef, layout.starts[:-1]))


def refitted(train: TrainingSet, decoders: Sequence[Decoder], refit: str | None) -> list[Decoder]:
    """Return the decoders with weights refitted on their sensors (None: as found)."""
    if refit is None:
        return list(decoders)
    known = moments(train.Z, train.y, train.weights, train.s, train.layout)
    fitted: dict[bytes, tuple[np.ndarray, float]] = {}
    result = []
    for found in decoders:
        key = found.sensors.tobytes()
        if key not in fitted and refit == "l2":
            fitted[key] = ridge(train.Z, train.y, train.s, known, found.sensors)
        elif key not in fitted:
            fitted[key] = lda(known, found.sensors, toeplitz=refit == "btlda")
        coef, bias = fitted[key]
        result.append(replace(found, coef=coef, bias=bias, before=found.penalised))
    return result


def fitted_attributes(train: TrainingSet, decoder: Decoder, per: str) -> dict[str, Any]:
    """Return a decoder as an estimator's attributes, in the shape of an epoch."""
    scaling = train.scaling
    coef, intercept = scaling.raw(decoder.coef, decoder.bias)
    spread = scaling.as_epoch(scaling.spread)
    return {
        "coef_": coef,
        "intercept_": intercept,
        "coef_scaled_": scaling.as_epoch(decoder.coef),
        "center_": scaling.as_epoch(scaling.centre),
        "scale_": scaling.spread[train.layout.starts[:-1]] if per == "sensor" else spread,
        "sensors_": decoder.sensors,
        "lambda_": decoder.lam,
        "gap_": decoder.gap,
        "n_iter_": decoder.n_iter,
    }


def empty_decoder(train: TrainingSet) -> Decoder:
    """Return the best constant decoder: no sensor, only a bias."""
    odds = float((train.s @ train.y) / train.s.sum())
    return Decoder(np.zeros(train.Z.shape[1]), odds, np.empty(0, dtype=int), 0.0, 0.0, 0)
