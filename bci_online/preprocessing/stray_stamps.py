"""Whether stamps beside the line are stray ones, or the beginning of something new."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Verdict", "judged"]


class Verdict(NamedTuple):
    """What the stamps beside the line are.

    Parameters
    ----------
    n_stray : int
        The first so many are stray: they say nothing about time.
    begins : bool
        Whether something new begins behind them: a loss, another clock, a return.

    See Also
    --------
    judged : Gives it.
    """

    n_stray: int
    begins: bool = False


def judged(
    late_s: NDArray[np.float64],
    on_line: NDArray[np.bool_],
    returned: NDArray[np.bool_],
    scatter_s: float,
    later_s: float,
    n_agree: int,
    is_all: bool = False,
) -> Verdict | None:
    """Judge stamps, of which the first lies beside the line.

    Parameters
    ----------
    late_s : ndarray, shape (n,)
        How late the stamps are, in seconds.
    on_line : ndarray of bool, shape (n,)
        Which of them lie on the line.
    returned : ndarray of bool, shape (n,)
        Which of them fit a line from before.
    scatter_s : float
        How much earlier than another a stamp may be that agrees with it.
    later_s : float
        How much later it may be: further samples may be lost soon after the first.
    n_agree : int
        So many stamps must agree.
    is_all : bool
        Whether there is nothing to wait for: what shows nothing by then is stray.

    Returns
    -------
    verdict : Verdict or None
        None while it needs further samples.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Lets samples wait for it.

    Notes
    -----
    The samples are counted, so a stamp that agrees is one that fits the number of samples since the
    other. The stamps vote: one that agrees with the candidate is a vote for it, any other is one
    against it, and where no vote is left the next stamp is the candidate (Boyer and Moore's
    majority vote). So single stray stamps cannot prevent what most stamps say. The stamps of a
    stall come nearer to the line with each chunk, and agree on nothing until they are back.

    The verdict follows from the first stamps that allow one, and not from how many are there.

    Examples
    --------
    >>> nothing = np.zeros(4, dtype=bool)
    >>> late = np.array([3600.0, 0.0, 0.0, 0.0])  # seconds
    >>> judged(late, late == 0.0, nothing, 0.002, 0.6, n_agree=3)
    Verdict(n_stray=1, begins=False)
    >>> judged(np.array([0.5, -9.0, 0.5, 0.5]), nothing, nothing, 0.002, 0.6, n_agree=3) is None
    True
    >>> judged(np.full(4, 0.5), nothing, nothing, 0.002, 0.6, n_agree=3)
    Verdict(n_stray=0, begins=True)
    """
    candidate, votes, back = 0.0, 0, 0
    for n, (late, is_on_line, is_back) in enumerate(
        zip(late_s.tolist(), on_line.tolist(), returned.tolist(), strict=True)
    ):
        if is_on_line:
            return Verdict(n)
        back = back + 1 if is_back else max(0, back - 1)
        if votes and -scatter_s <= late - candidate <= later_s:
            votes += 1
        elif votes:
            votes -= 1
        elif math.isfinite(late):
            candidate, votes = late, 1
        if back >= n_agree:
            return Verdict(int(np.argmax(returned)), begins=True)
        if votes >= n_agree:
            agrees = np.abs(late_s[: n + 1] - candidate) <= scatter_s
            return Verdict(int(np.argmax(agrees)), begins=True)
    return Verdict(late_s.size) if is_all else None
