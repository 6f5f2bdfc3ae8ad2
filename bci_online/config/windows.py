"""Motor imagery: the grid of windows after each cue."""

import math
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config.section import Section

__all__ = ["EvidenceSpec", "WindowSpec", "window_starts"]


class WindowSpec(Section, frozen=True):
    """Motor imagery: a grid of windows; seconds.

    Parameters
    ----------
    length : float
        Length of a window.
    step : float
        From one window to the next.
    recentre : bool, optional
        Bring each session's mean covariance to that of calibration. Left out: training decides by
        the method (csp-lda and fbcsp do so, networks do not); in decoders from before it is off.

    See Also
    --------
    window_starts : Where they begin.
    bci_online.preprocessing.windowing.Windowing : Cuts them.
    """

    length: Annotated[float, msgspec.Meta(gt=0, le=10, extra={"unit": "s"})] = 2.0
    step: Annotated[float, msgspec.Meta(ge=0.01, le=1, extra={"unit": "s"})] = 0.1
    recentre: bool | None = None


class EvidenceSpec(Section, frozen=True):
    """Motor imagery: where windows lie; seconds.

    Parameters
    ----------
    tmin : float
        Where the first window begins, from the cue.
    tmax : float
        Where the last window ends, from the cue: then the trial times out. The default stands for
        as long as trials last, if they last longer.

    See Also
    --------
    window_starts : Where they begin.
    """

    tmin: Annotated[float, msgspec.Meta(ge=0, le=60, extra={"unit": "s"})] = 0.5
    tmax: Annotated[float, msgspec.Meta(gt=0, le=60, extra={"unit": "s"})] = 4.5


def window_starts(window: WindowSpec, evidence: EvidenceSpec) -> NDArray[np.float64]:
    """Return where windows begin, in seconds from the cue, shape (n_windows,).

    Parameters
    ----------
    window : WindowSpec
        Length and step.
    evidence : EvidenceSpec
        Where windows lie.

    Returns
    -------
    starts : ndarray, shape (n_windows,)
        Rising, in seconds.

    Raises
    ------
    ValueError
        If no window fits.

    See Also
    --------
    bci_online.preprocessing.windowing.Windowing : Cuts windows there.

    Examples
    --------
    >>> window_starts(WindowSpec(length=1.0, step=0.5), EvidenceSpec(tmin=0.5, tmax=2.5))
    array([0.5, 1. , 1.5])
    """
    n_steps = math.floor((evidence.tmax - evidence.tmin - window.length) / window.step + 1e-6)
    if n_steps < 0:
        raise ValueError(
            f"evidence.tmin={evidence.tmin:g}, evidence.tmax={evidence.tmax:g} s must hold a "
            f"window of {window.length:g} s (window.length)"
        )
    return np.arange(n_steps + 1, dtype=np.float64) * window.step + evidence.tmin
