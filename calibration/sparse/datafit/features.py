"""Epochs → one centred, scaled matrix with columns sensor by sensor, and its weights back."""

from dataclasses import dataclass

import numpy as np

from calibration.given_epochs import as_labels

# A feature within these bounds can be squared, and summed over all trials.
_SQUARABLE = (1e-100, 1e100)
# Beyond, a weight times a feature leaves the range of floats; below is no signal.
_LARGEST, _SMALLEST = 1e300, 1e-300


@dataclass(frozen=True)
class Layout:
    """Which column of the flattened input belongs to which sensor.

    Attributes
    ----------
    shape : tuple of int
        Shape of one epoch: (n_channels, n_times), or (n_features,) for a 2-D input.
    order : ndarray of int, shape (n_features,)
        Columns of the flattened input, sensor by sensor.
    starts : ndarray of int, shape (n_sensors + 1,)
        First entry of each sensor in ``order``, and its length.
    """

    shape: tuple[int, ...]
    order: np.ndarray
    starts: np.ndarray

    @property
    def n_sensors(self) -> int:
        """Number of sensors."""
        return self.starts.size - 1

    def columns_of(self, sensors: np.ndarray) -> np.ndarray:
        """Return the positions, sensor by sensor, of some sensors' features."""
        chosen = [np.arange(self.starts[c], self.starts[c + 1]) for c in sensors]
        return np.concatenate(chosen) if chosen else np.empty(0, dtype=int)

    def within(self, sensors: np.ndarray) -> np.ndarray:
        """Return ``starts`` of a matrix that holds only some sensors."""
        return np.concatenate([[0], np.cumsum(np.diff(self.starts)[sensors])])


def sensor_layout(shape: tuple[int, ...], groups: np.ndarray | None) -> Layout:
    """Return which columns of an input belong to which sensor.

    Parameters
    ----------
    shape : tuple of int
        Shape of X: (n_epochs, n_channels, n_times) or (n_epochs, n_features).
    groups : array-like, shape (n_features,), optional
        Sensor of each column of a 2-D X; sensors are numbered in sorted order of these labels.
        Without them each column is a sensor.

    Returns
    -------
    layout : Layout

    Raises
    ------
    ValueError
        If X is neither 2-D nor 3-D, has an axis of length zero, or ``groups`` is superfluous, of
        another length, or leaves a column out.
    """
    if 0 in shape:
        raise ValueError(f"X must have no axis of length zero, got shape {shape}")
    if len(shape) == 3:
        if groups is not None:
            raise ValueError("groups must be None for a 3-D X, whose second axis is the sensor")
        n_channels, n_times = shape[1:]
        starts = np.arange(n_channels + 1) * n_times
        return Layout((n_channels, n_times), np.arange(n_channels * n_times), starts)
    if len(shape) != 2:
        raise ValueError(
            "X must be (n_epochs, n_channels, n_times) or (n_epochs, n_features), "
            f"got shape {shape}"
        )
    labels = np.arange(shape[1]) if groups is None else as_labels("groups", groups)
    if labels.shape != (shape[1],):
        raise ValueError(
            f"groups must have one label per column of X ({shape[1]}), got shape {labels.shape}"
        )
    _, sensor = np.unique(labels, return_inverse=True)
    starts = np.concatenate([[0], np.cumsum(np.bincount(sensor))])
    return Layout((shape[1],), np.argsort(sensor, kind="stable"), starts)


@dataclass(frozen=True)
class Scaling:
    """Centre and scale of a training set, in the input's unit, sensor by sensor.

    Attributes
    ----------
    layout : Layout
    centre : ndarray, shape (n_features,)
    spread : ndarray, shape (n_features,)
        The same number for all features of a sensor unless each was scaled on its own.
    """

    layout: Layout
    centre: np.ndarray
    spread: np.ndarray

    def raw(self, coef: np.ndarray, bias: float) -> tuple[np.ndarray, float]:
        """Return coef_ (an epoch's shape) and intercept_ for raw input from scaled weights."""
        weights = coef / self.spread
        return self.as_epoch(weights), float(bias - weights @ self.centre)

    def as_epoch(self, values: np.ndarray) -> np.ndarray:
        """Return values given sensor by sensor in the shape of an epoch."""
        flat = np.empty_like(values)
        flat[self.layout.order] = values
        return flat.reshape(self.layout.shape)


def scaled_features(
    X: np.ndarray, weights: np.ndarray, layout: Layout, per: str
) -> tuple[np.ndarray, Scaling]:
    """Centre every feature and divide by one scale per sensor.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times) or (n_epochs, n_features)
        Not changed.
    weights : ndarray, shape (n_epochs,)
        Sample weights.
    layout : Layout
    per : {"sensor", "feature"}
        "sensor": the root mean variance over the sensor's features. The penalty is not
        scale-invariant: without this a channel of three times the amplitude would be penalised
        three times less.

    Returns
    -------
    Z : ndarray, shape (n_epochs, n_features)
        Columns contiguous and sensor by sensor. A constant sensor is all zeros.
    scaling : Scaling

    Raises
    ------
    ValueError
        If a value is beyond ±1e300.
    """
    flat = X.reshape(len(X), -1)
    share = weights / weights.sum()
    Z = np.empty(flat.shape, order="F")
    Z[:] = flat if layout.shape == X.shape[1:] and X.ndim == 3 else flat[:, layout.order]
    units = _units(Z, layout.starts)
    if units is not None:
        Z /= units
    centre = share @ Z
    Z -= centre
    spread = np.array([share @ (column * column) for column in Z.T])
    # A constant column leaves rounding errors only, no signal.
    is_constant = spread <= (1e-12 * centre) ** 2
    Z[:, is_constant] = spread[is_constant] = 0.0
    if per == "sensor":
        sizes = np.diff(layout.starts)
        spread = np.repeat(np.add.reduceat(spread, layout.starts[:-1]) / sizes, sizes)
    spread = np.sqrt(spread)
    spread[spread == 0.0] = 1.0
    Z /= spread
    if units is not None:
        centre, spread = centre * units, spread * units
    return Z, Scaling(layout, centre, spread)


def _units(Z: np.ndarray, starts: np.ndarray) -> np.ndarray | None:
    """Return a power of two per feature that makes squares possible; None where all are usual."""
    tops = np.array([max(column.max(), -column.min()) for column in Z.T])
    if tops.max() > _LARGEST:
        raise ValueError(f"X must lie within ±{_LARGEST:g}, got {tops.max():.3g}")
    tops = np.maximum.reduceat(tops, starts[:-1])
    tops[tops < _SMALLEST] = 0.0
    low, high = _SQUARABLE
    usual = (tops == 0.0) | ((tops > low) & (tops < high))
    if usual.all():
        return None
    powers = np.floor(np.log2(np.where(usual, 1.0, tops)))
    return np.repeat(2.0**powers, np.diff(starts))
