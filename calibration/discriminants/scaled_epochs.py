"""Epochs with scaled channels, and what several discriminants on the same epochs have in common."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.covariances import shrinkage_share
from calibration.discriminants.class_means import class_means
from calibration.discriminants.lower_products import lower_products
from calibration.discriminants.xdawn_filters import xdawn_filters

__all__ = ["EpochPool", "ScaledEpochs"]

Floats = NDArray[np.float64]


class EpochPool:
    """Epochs of two classes, of which several parts are learnt from.

    What all epochs have in common is computed once. The products of a part's features are those of
    all epochs less those of the epochs that it lacks: for a fold that leaves out a fifth this takes
    a quarter of the time, and differs by rounding alone.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times)
        In any unit.
    y : ndarray, shape (n_epochs,)
        Two labels.

    Attributes
    ----------
    classes : ndarray, shape (2,)
        The labels; the second is the target's.
    origin : ndarray, shape (n_times * n_channels,)
        The mean epoch, in the order of time, then channels.
    features : ndarray, shape (n_epochs, n_times * n_channels)
        Epochs less the origin, in that order.
    is_target : ndarray of bool, shape (n_epochs,)

    Raises
    ------
    ValueError
        If X has another number of axes, or y does not hold two labels.

    See Also
    --------
    ScaledEpochs : A part.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(40, 2, 3)) * [[[1.0], [50.0]]]
    >>> pool = EpochPool(X, np.arange(40) % 2)
    >>> pool.part(np.arange(30)).values.shape
    (30, 2, 3)
    """

    def __init__(self, X: Floats, y: NDArray[Any]) -> None:
        if X.ndim != 3:
            raise ValueError(f"X must be (n_epochs, n_channels, n_times), got shape {X.shape}")
        self.classes = np.unique(y)
        if self.classes.size != 2:
            raise ValueError(f"y must hold two labels, got {self.classes}")
        self.X = X
        self.is_target = np.asarray(y == self.classes[1])
        mean = X.mean(axis=0)
        self.origin = np.ascontiguousarray(mean.T).ravel()
        self.features = np.ascontiguousarray((X - mean).transpose(0, 2, 1)).reshape(len(X), -1)

    @cached_property
    def squares(self) -> Floats:
        """The squared features."""
        return np.square(self.features)

    @cached_property
    def rounding(self) -> Floats:
        """A variance of each feature that is nothing but rounding, where a part has no other."""
        return np.asarray(1e-13 * self.squares.mean(axis=0) + 1e-26 * self.origin**2)

    @cached_property
    def products(self) -> tuple[Floats, Floats]:
        """The features of each class multiplied with each other, summed; the lower triangle."""
        others, targets = (self.features[self.is_target == one] for one in (False, True))
        return lower_products(others), lower_products(targets)

    @cached_property
    def sums(self) -> tuple[Floats, Floats]:
        """Features and squared features of each class, summed over all epochs, (2, n_features)."""
        member = np.stack([~self.is_target, self.is_target]).astype(float)
        return member @ self.features, member @ self.squares

    @cached_property
    def scratch(self) -> tuple[Floats, Floats]:
        """Room for two matrices of products: new memory would take longer than the arithmetic."""
        size = self.origin.size
        return np.empty((size, size), order="F"), np.empty((size, size), order="F")

    def scores(self, coef: Floats, intercept: Floats) -> Floats:
        """Return the scores of all epochs by discriminants of these weights, one row for each."""
        weights = coef.transpose(0, 2, 1).reshape(len(coef), -1)
        return np.asarray((self.features @ weights.T + (weights @ self.origin + intercept)).T)

    def part(self, rows: NDArray[np.int64]) -> "ScaledEpochs":
        """Return some of the epochs; no row comes twice."""
        return self.parts([rows])[0]

    def parts(self, rows: Sequence[NDArray[np.int64]]) -> "list[ScaledEpochs]":
        """Return several parts, which take figures of single epochs in one product."""
        parts = [ScaledEpochs(self, one) for one in rows]
        norms = _Norms(
            self, [part.spread2 for part in parts], [part.feature_means for part in parts]
        )
        for number, part in enumerate(parts):
            part.norms = norms, number
        return parts

    def whole(self) -> "ScaledEpochs":
        """Return all epochs as one part."""
        return self.part(np.arange(len(self.X)))


class _Norms:
    """Each epoch's squared norm, centred and scaled as each class of each part.

    One product for all: each by itself would wait for the memory of all epochs. No part is kept:
    parts that knew each other would stay in memory until Python looks for such circles.
    """

    def __init__(self, pool: EpochPool, spreads2: list[Floats], means: list[Floats]) -> None:
        self._of = pool, spreads2, means

    @cached_property
    def found(self) -> Floats:
        """The norms (n_parts, n_epochs, 2)."""
        pool, spreads2, feature_means = self._of
        inverse, means = 1 / np.concatenate(spreads2), np.concatenate(feature_means)
        norms = pool.squares @ inverse.T
        norms -= 2 * (pool.features @ (means * inverse).T)
        norms += np.sum(means**2 * inverse, axis=1)
        return norms.reshape(len(pool.X), len(spreads2), 2).swapaxes(0, 1)


class ScaledEpochs:
    """Epochs of two classes whose channels have the same scale.

    Shrinkage draws a covariance towards a multiple of the identity, which would depend on the
    units of the channels. What more than one discriminant needs is computed once, when the first
    one asks for it.

    Parameters
    ----------
    pool : EpochPool
        All epochs.
    rows : ndarray of int, shape (n_epochs,)
        Those that take part.

    Attributes
    ----------
    classes : ndarray, shape (2,)
        The labels; the second is the target's.
    center : ndarray, shape (n_channels, n_times)
        The mean epoch.
    scale : ndarray, shape (n_channels,)
        What each channel is divided by.
    is_target : ndarray of bool, shape (n_epochs,)
    feature_means, spread2 : ndarray, shape (2, n_times * n_channels)
        Of each class's features; the variance is the channel's where a feature has none.
    norms : tuple of _Norms and int
        Those of the parts that are learnt from together, and which of them this one is.

    Raises
    ------
    ValueError
        If the part does not hold two labels.

    See Also
    --------
    EpochPool : Makes one.
    calibration.discriminants.linear.LinearDiscriminant : Is fitted on them.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(40, 2, 3)) * [[[1.0], [50.0]]]
    >>> epochs = EpochPool(X, np.arange(40) % 2).whole()
    >>> (epochs.values - epochs.values.mean(axis=0)).std(axis=(0, 2)).round(6).tolist()
    [1.0, 1.0]
    """

    def __init__(self, pool: EpochPool, rows: NDArray[np.int64]) -> None:
        self._pool, self._rows = pool, rows
        self.classes = pool.classes
        self.is_target = pool.is_target[rows]
        if self.is_target.all() or not self.is_target.any():
            there = pool.classes[np.unique(self.is_target.astype(int))]
            raise ValueError(f"y must hold two labels, got {there}")
        self._counts = np.bincount(self.is_target, minlength=2)
        lacking = np.ones(len(pool.X), dtype=bool)
        lacking[rows] = False
        ways = [np.flatnonzero(lacking & (pool.is_target == one)) for one in (False, True)]
        self._lacking = ways
        self.feature_means, mean_squares = (
            np.stack(
                [total - each[rows].sum(axis=0) for total, rows in zip(totals, ways, strict=True)]
            )
            / self._counts[:, np.newaxis]
            for totals, each in zip(pool.sums, (pool.features, pool.squares), strict=True)
        )
        weights = self._counts / self._counts.sum()
        mean = weights @ self.feature_means
        variance = weights @ mean_squares - mean**2
        n_channels, n_times = pool.X.shape[1:]
        variance, least = (
            each.reshape(n_times, n_channels).mean(axis=0) for each in (variance, pool.rounding)
        )
        self.center = (pool.origin + mean).reshape(n_times, n_channels).T
        self.scale = np.sqrt(np.where(variance > least, variance, 1.0))
        self._variance = mean_squares - self.feature_means**2
        self._varies = self._variance > pool.rounding
        fixed = np.tile(self.scale**2, n_times)
        self.spread2 = np.where(self._varies, self._variance, fixed)
        self.norms: tuple[_Norms, int]
        self._filtered: dict[tuple[int, float], tuple[Floats, Floats]] = {}

    @cached_property
    def values(self) -> Floats:
        """The scaled epochs (n_epochs, n_channels, n_times); the mean is still in them."""
        return np.asarray(self._pool.X[self._rows] / self.scale[:, np.newaxis])

    @property
    def means(self) -> Floats:
        """The mean of each class in the unit of the epochs (2, n_channels, n_times)."""
        n_channels, n_times = self._pool.X.shape[1:]
        means = self._pool.origin + self.feature_means
        return means.reshape(2, n_times, n_channels).transpose(0, 2, 1)

    @cached_property
    def means_and_residuals(self) -> tuple[Floats, Floats]:
        """The mean of each class, and the epochs without it; see `class_means`."""
        return class_means(self.values, self.is_target)

    def filtered(self, n_filters: int, identity: float) -> tuple[Floats, Floats]:
        """Return Xdawn's filters (n_filters, n_channels), and the epochs after them."""
        if (n_filters, identity) not in self._filtered:
            filters = xdawn_filters(self.values, self.is_target, n_filters, identity)
            self._filtered[n_filters, identity] = filters, filters @ self.values
        return self._filtered[n_filters, identity]

    def covariance_within(self) -> Floats:
        """Return the covariance within the classes, each weighted by its share of the epochs.

        Each class's is shrunk after each feature was scaled to variance 1, as in scikit-learn's
        discriminant analysis with ``shrinkage="auto"``. It is in the unit of the epochs, and in the
        order of time, then channels; its lower triangle alone is filled.
        """
        of_all, part = self.norms
        norms = of_all.found[part, self._rows]
        inverse = 1 / self.spread2
        traces = np.sum(self._varies * self._variance * inverse, axis=1)
        other, squared = self._pool.scratch
        within = np.empty_like(other)
        for number, covariance in enumerate((within, other)):
            self._fill(covariance, number)
            np.square(covariance, out=squared)
            # Of the other triangle nothing is computed.
            twice = 2 * float(inverse[number] @ squared @ inverse[number])
            squares = twice - float(inverse[number] ** 2 @ np.diag(squared))
            own = norms[self.is_target == bool(number), number]
            share = shrinkage_share(squares, traces[number], len(covariance), own)
            weight = self._counts[number] / len(self.is_target)
            covariance *= weight * (1 - share)
            identity = weight * share * traces[number] / len(covariance) * self.spread2[number]
            covariance[np.diag_indices(len(covariance))] += identity
        within += other
        return within

    def _fill(self, covariance: Floats, number: int) -> None:
        """Compute the covariance of a class, without the epochs that the part lacks."""
        count, lacking = self._counts[number], self._lacking[number]
        if lacking.size > count:
            covariance[:] = 0
            own = self._pool.features[self._rows[self.is_target == bool(number)]]
            lower_products(own - self.feature_means[number], covariance, 1 / count, 0.0)
            return
        covariance[:] = self._pool.products[number]
        # The mean times the root of their number is one more epoch to take away.
        away = np.empty((lacking.size + 1, self.feature_means.shape[1]))
        away[:-1] = self._pool.features[lacking]
        away[-1] = np.sqrt(count) * self.feature_means[number]
        lower_products(away, covariance, -1 / count, 1 / count)
