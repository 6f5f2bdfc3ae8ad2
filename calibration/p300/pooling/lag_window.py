"""Wider and finer epochs of a source, from which epochs at each lag are taken."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, EpochSpec

__all__ = ["MOST_LAG_S", "lag_config", "lag_window", "steps_within"]

Array = NDArray[np.float64]

MOST_LAG_S = 0.15
FINEST_S = 0.01


def lag_config(
    config: Config, target: Config, sfreq: float, ch_names: tuple[str, ...] = ()
) -> Config:
    """Return a source's configuration with the new subject's filter and a wider, finer window.

    Parameters
    ----------
    config : Config
        The source's own: streams, markers, delays.
    target : Config
        The new subject's: filter, latencies, reference.
    sfreq : float
        The source's, in Hz.
    ch_names : tuple of str
        As the source's recording spells them; all its channels if empty.

    Returns
    -------
    config : Config
        With finer latencies, from `MOST_LAG_S` before the new subject's first to after the last.

    See Also
    --------
    calibration.p300.pooling.sources.pool_source : Makes a source of the epochs that are cut so.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> wide = lag_config(Config(), Config(), sfreq=250.0).epoch
    >>> wide.latencies.size > 4 * Config().epoch.latencies.size
    True
    """
    fine = target.epoch.step / steps_within(target.epoch)
    margin = round(MOST_LAG_S / fine) * fine
    # A smaller display delay moves the window, also to before the flash. It moves by whole samples,
    # else the epoch would begin at another sample.
    early = math.ceil(margin * sfreq - 1e-6) / sfreq
    tmin = max(target.epoch.tmin + early - margin, 0.0)
    tmax = tmin + float(target.epoch.latencies[-1] - target.epoch.tmin) + 2 * margin
    delay = config.markers.display_delay - early
    eeg = msgspec.structs.replace(config.eeg, reference=target.eeg.reference)
    if ch_names:
        eeg = msgspec.structs.replace(eeg, channels=ch_names, exclude=())
    return msgspec.structs.replace(
        config,
        filter=target.filter,
        epoch=EpochSpec(tmin=tmin, tmax=tmax, step=fine),
        eeg=eeg,
        markers=msgspec.structs.replace(config.markers, display_delay=delay),
    )


def lag_window(epoch: EpochSpec) -> tuple[Array, int]:
    """Return the latencies of a source's dense epochs, and how many there are in one step.

    Parameters
    ----------
    epoch : EpochSpec
        The new subject's latencies.

    Returns
    -------
    latencies : ndarray, shape (n_dense,)
        In seconds from the flash, from `MOST_LAG_S` before the first one to after the last one.
    per_step : int
        As in `calibration.p300.pooling.sources.PoolSource`.

    See Also
    --------
    lag_config : Has recordings cut so.

    Examples
    --------
    >>> latencies, per_step = lag_window(EpochSpec())
    >>> latencies[[0, 1, -1]].round(2).tolist(), per_step
    ([-0.15, -0.14, 0.9], 5)
    """
    per_step = steps_within(epoch)
    fine = epoch.step / per_step
    most = round(MOST_LAG_S / fine)
    steps = np.arange(-most, (epoch.latencies.size - 1) * per_step + most + 1)
    latencies: Array = epoch.tmin + fine * steps.astype(np.float64)
    return latencies, per_step


def steps_within(epoch: EpochSpec) -> int:
    """Return how many fine steps one step of the latencies has.

    Parameters
    ----------
    epoch : EpochSpec
        The new subject's latencies.

    Returns
    -------
    per_step : int
        A lag is a whole number of fine steps.

    See Also
    --------
    lag_window : All fine latencies.

    Examples
    --------
    >>> steps_within(EpochSpec(step=0.05))
    5
    """
    return max(1, round(epoch.step / FINEST_S))
