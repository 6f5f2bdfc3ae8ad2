"""The common time of each sample of a stream, all at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bci_online.acquisition.xdf.clocks import FARTHEST, clock_of_runs, clocks_of, run_starts

__all__ = ["common_times"]


def common_times(
    stamps: ArrayLike, offset_times: Sequence[float], offset_values: Sequence[float]
) -> NDArray[np.float64]:
    """Return the common time of each stamp of a stream, without those that are damaged.

    Parameters
    ----------
    stamps : array_like, shape (n_samples,)
        Raw, in seconds.
    offset_times, offset_values : sequence of float
        The stream's offsets in the order of the file, in seconds.

    Returns
    -------
    common : ndarray, shape (n_sound,)
        In the order of the stamps.

    See Also
    --------
    bci_online.acquisition.xdf.clocks.clock_of_runs : Which offset maps which stamp.

    Examples
    --------
    >>> common_times([8.0, 9.0, np.nan], [7.0], [0.5]).tolist()
    [8.5, 9.5]
    """
    found = np.asarray(stamps, dtype=np.float64)
    sound = found[np.abs(found) < FARTHEST]
    if not sound.size:
        return sound
    clocks = clocks_of(offset_times, offset_values, float(sound[0]))
    starts = run_starts(sound)
    numbers = clock_of_runs(sound, starts, clocks)
    runs = zip(np.split(sound, starts[1:]), numbers, strict=True)
    return np.concatenate([clocks[number].common(run) for run, number in runs])
