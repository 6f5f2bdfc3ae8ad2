"""The sampling rate that a stream's own stamps show."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["MeasuredRate", "measured_rate"]

FEWEST_BLOCKS = 5
FEWEST_SAMPLES = 32
# Stamps of bursts scatter within a block. Where half of the blocks differ more, nothing is regular.
MOST_SPREAD = 0.1
# Of hours of signal the steps of these stretches say as much as all of them, in less memory.
N_STRETCHES, STRETCH_N = 16, 1 << 16


class MeasuredRate(NamedTuple):
    """What stamps show.

    Parameters
    ----------
    sfreq : float
        Samples per second in the median second.
    steps_sfreq : float
        One over the median step between two stamps; infinite where most samples share a stamp.
    is_regular : bool
        Whether most seconds hold about as many samples.

    See Also
    --------
    measured_rate : Measures it.

    Examples
    --------
    >>> rate = measured_rate(np.arange(4000) / 200)
    >>> rate.differs(256.0), rate.differs(203.0)
    (True, False)
    """

    sfreq: float
    steps_sfreq: float
    is_regular: bool

    def differs(self, stated: float) -> bool:
        """Return whether another rate is stated, by more than 2 %.

        A stream that loses samples all the time sends fewer than it states, too. There single steps
        are still as long as stated, so these are losses and not another rate.
        """
        off, off_by_steps = (abs(rate / stated - 1) for rate in (self.sfreq, self.steps_sfreq))
        return off > 0.02 and off_by_steps > off / 2


def measured_rate(stamps: NDArray[np.float64]) -> MeasuredRate | None:
    """Return the rate of a stream's samples.

    Parameters
    ----------
    stamps : ndarray, shape (n_samples,)
        Raw, in seconds. Gaps and steps of the clock do not matter while they are few.

    Returns
    -------
    rate : MeasuredRate or None
        None for fewer than five blocks of about a second.

    See Also
    --------
    bci_online.acquisition.stream_survey.StreamSurvey : Compares it with the stated one.

    Examples
    --------
    >>> measured_rate(np.arange(4000) / 200).sfreq
    200.0
    """
    finite = np.isfinite(stamps)
    if not finite.all():
        stamps = stamps[finite]
    steps = _some_steps(stamps)
    usual = steps[np.abs(steps) < 1.0]
    if not usual.size or usual.mean() <= 0:
        return None
    n_block = max(FEWEST_SAMPLES, round(1 / float(usual.mean())))
    blocks = np.diff(stamps[::n_block])
    if blocks.size < FEWEST_BLOCKS:
        return None
    median = float(np.median(blocks))
    if median <= 0:
        return None
    step = float(np.median(steps))
    spread = float(np.median(np.abs(blocks - median))) / median
    return MeasuredRate(n_block / median, 1 / step if step > 0 else np.inf, spread < MOST_SPREAD)


def _some_steps(stamps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the steps between stamps (n,): all, or those of stretches spread over them."""
    if stamps.size <= N_STRETCHES * STRETCH_N:
        return np.diff(stamps)
    starts = np.linspace(0, stamps.size - STRETCH_N, N_STRETCHES).astype(int)
    return np.concatenate([np.diff(stamps[start : start + STRETCH_N]) for start in starts])
