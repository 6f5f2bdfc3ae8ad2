"""Other subjects' recordings beside a new one's: common sensors, one window, one lag each.

Every recording keeps its own sampling rate. An epoch is the causally filtered signal at the same
latencies, so that all epochs are on one grid. Only one label is shared, whether a flash was the
target; rows and columns may be numbered in any way. Two differences are left, and are treated here:
the names of the sensors, and how long after the marker the response comes.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import EpochSpec
from bci_online.errors import RecordingError
from bci_online.sensor_names import sensor_place
from calibration.blas_threads import one_blas_thread
from calibration.p300.epochs import EpochSet
from calibration.p300.pooling.lag_window import MOST_LAG_S, steps_within

__all__ = ["PoolSource", "pool_source", "standardised"]

Array = NDArray[np.float64]


class PoolSource(msgspec.Struct, frozen=True, eq=False, kw_only=True, dict=True):
    """One earlier subject or session, on the new subject's sensors.

    Parameters
    ----------
    name : str
        Of the subject or session, for messages.
    dense : ndarray, shape (n_epochs, n_channels, n_dense)
        From `MOST_LAG_S` before the first latency to as much after the last. Each step of the
        latencies has ``per_step`` steps here.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.
    ch_names : tuple of str
        As the new subject's recording spells them.
    per_step, n_times : int
        Steps of ``dense`` in one step of the latencies, and how many latencies there are.
    step : float
        Of the latencies, in seconds.
    average : bool
        Whether every sensor is referenced to the mean of all sensors.

    See Also
    --------
    pool_source : Make one of epochs.

    Examples
    --------
    >>> source = PoolSource(
    ...     name="sub-02", dense=np.zeros((4, 1, 76)), y=np.array([True, False, True, False]),
    ...     ch_names=("Cz",), per_step=4, n_times=16, step=0.05,
    ... )
    >>> np.diff(source.lags)[0].round(4).item()  # a quarter of a step
    0.0125
    """

    name: str
    dense: Array
    y: NDArray[np.bool_]
    ch_names: tuple[str, ...]
    per_step: int
    n_times: int
    step: float
    average: bool = False

    def __sklearn_clone__(self) -> Self:
        # A source never changes: no fold needs a copy.
        return self

    @cached_property
    def lags(self) -> Array:
        """The lags at which epochs can be taken, in seconds, rising; shape (n_lags,)."""
        fine = self.step / self.per_step
        most = round(MOST_LAG_S / fine)
        lags: Array = np.arange(-most, most + 1, dtype=np.float64) * fine
        return lags

    def at(self, lag: float) -> Array:
        """Return epochs (n_epochs, n_channels, n_times) with every latency `lag` seconds later."""
        first = int(np.argmin(np.abs(self.lags - lag)))
        return self.dense[:, :, first :: self.per_step][:, :, : self.n_times]

    def on(self, ch_names: Sequence[str]) -> "PoolSource":
        """Return the source on some of its sensors."""
        if tuple(ch_names) == self.ch_names:
            return self
        dense = self.dense[:, [self.ch_names.index(name) for name in ch_names]]
        if self.average:
            # The filter is linear, so the reference of these sensors alone can be taken after it.
            dense = dense - dense.mean(axis=1, keepdims=True)
        return msgspec.structs.replace(self, dense=dense, ch_names=tuple(ch_names))

    @cached_property
    def readers(self) -> Array:
        """Weights of scaled epochs that separate targets, at every lag, (n_lags, n_features).

        ``Σ⁻¹(μ₊ − μ₋)`` with one shrunken Σ for all lags: the noise does not depend on the marker.
        """
        from sklearn.covariance import ledoit_wolf

        contrasts = []
        for lag in self.lags:
            scaled, _, _ = standardised(self.at(lag))
            flat = scaled.reshape(len(scaled), -1)
            contrasts.append(flat[self.y].mean(axis=0) - flat[~self.y].mean(axis=0))
        scaled, _, _ = standardised(self.at(0.0))
        flat = scaled.reshape(len(scaled), -1)
        for label in (False, True):
            flat[self.y == label] -= flat[self.y == label].mean(axis=0)
        with one_blas_thread():
            noise, _ = ledoit_wolf(flat, assume_centered=True)
            weights: Array = np.linalg.solve(noise, np.transpose(contrasts)).T
        return weights


def standardised(X: Array) -> tuple[Array, Array, Array]:
    """Centre every feature of one subject's epochs and scale every sensor.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times)
        Epochs of one subject.

    Returns
    -------
    scaled : ndarray, shape of X
        A constant sensor is all zeros.
    center : ndarray, shape (n_channels, n_times)
        The mean epoch, in the unit of X.
    scale : ndarray, shape (n_channels,)
        Standard deviation around it, in the unit of X.

    See Also
    --------
    PoolSource : Its epochs are scaled so.

    Examples
    --------
    >>> scaled, center, scale = standardised(np.array([[[3.0]], [[7.0]]]))
    >>> scaled.ravel().tolist(), center.item(), scale.item()
    ([-1.0, 1.0], 5.0, 2.0)
    """
    center = X.mean(axis=0)
    spread = (X - center).std(axis=(0, 2))
    scale = np.where(spread > 0, spread, 1.0)
    return (X - center) / scale[:, np.newaxis], center, scale


def pool_source(
    name: str, epochs: EpochSet, target: EpochSpec, ch_names: Sequence[str]
) -> PoolSource:
    """Make a source of epochs that `calibration.p300.pooling.lag_window.lag_config` described.

    Parameters
    ----------
    name : str
        Of the subject or session, for messages.
    epochs : EpochSet
        On the wider, finer window.
    target : EpochSpec
        The new subject's latencies.
    ch_names : sequence of str
        The sensors to keep, in the new subject's order and spelling.

    Returns
    -------
    source : PoolSource
        With the sensors in the new subject's order.

    Raises
    ------
    RecordingError
        If a class is missing.

    See Also
    --------
    calibration.p300.pooling.lag_window.lag_config : Describes the epochs.
    standardised : How its epochs are scaled.

    Examples
    --------
    >>> from bci_online.config import EpochSpec, Preprocessing
    >>> from calibration.p300.epochs import EpochSet
    >>> epochs = EpochSet(
    ...     X=np.zeros((2, 2, 76)), y=np.array([True, False]), letter=np.zeros(2, dtype=int),
    ...     run=np.zeros(2, dtype=int), code=np.ones(2, dtype=int), time=np.arange(2.0),
    ...     peak_to_peak=np.zeros((2, 2)), rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("CZ", "PZ"), sfreq=250.0),
    ... )
    >>> pool_source("sub-02", epochs, EpochSpec(), ("Pz", "Cz")).ch_names
    ('Pz', 'Cz')
    """
    if not epochs.y.any() or epochs.y.all():
        raise RecordingError(f"{name}: needs clean flashes of targets and others to be pooled")
    places = {sensor_place(own): at for at, own in enumerate(epochs.preprocessing.ch_names)}
    return PoolSource(
        name=name,
        dense=epochs.X[:, [places[sensor_place(own)] for own in ch_names]],
        y=epochs.y,
        ch_names=tuple(ch_names),
        per_step=steps_within(target),
        n_times=target.latencies.size,
        step=target.step,
        average=epochs.preprocessing.reference == "average",
    )
