"""A decoder's values as what a paradigm gets: a score, or a rejection where they are no numbers."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bci_online.messages import Marker, Rejected, Score

__all__ = ["NOT_FINITE", "not_finite_text", "score_of"]

NOT_FINITE: Final = "not_finite"
"""The reason of such a rejection, and the kind of the alarm."""


def score_of(
    marker: Marker,
    time: float,
    values: NDArray[np.float64],
    onset: int,
    without: tuple[str, ...] = (),
) -> Score | Rejected:
    """Return the score of an epoch or window; a rejection if one of its values is not finite.

    Parameters
    ----------
    marker : Marker
        Of the epoch.
    time : float
        Common time of the marker in seconds.
    values : ndarray, shape (n_values,)
        As the decoder returned them.
    onset : int
        Number of the sample that the epoch begins at.
    without : tuple of str
        Sensors that they were computed without.

    Returns
    -------
    outcome : Score or Rejected
        One NaN would spoil the evidence of a whole trial, and look like a trial without a decision.

    See Also
    --------
    not_finite_text : What is said of it.
    bci_online.messages.epochs.Score : For a paradigm.

    Examples
    --------
    >>> marker = Marker("flash/3/target", time=1.0)
    >>> score_of(marker, 1.0, np.array([0.0, np.nan]), onset=250).reason
    'not_finite'
    """
    if all(map(math.isfinite, values.tolist())):
        return Score(marker, time, values, onset, without)
    return Rejected(marker, NOT_FINITE, time)


def not_finite_text(values: NDArray[np.float64], classes: Sequence[str]) -> str:
    """Return what an alarm says of values that are not finite, and what helps.

    Parameters
    ----------
    values : ndarray, shape (n_values,)
        Of one epoch.
    classes : sequence of str
        In their order; a value more is that of idle.

    Returns
    -------
    text : str
        It names the classes.

    See Also
    --------
    score_of : The epoch gives no evidence.

    Examples
    --------
    >>> not_finite_text(np.array([0.0, np.inf]), ("left_hand", "right_hand"))[:52]
    "the decoder's score of right_hand is no number (inf)"
    """
    named = zip((*classes, "idle"), values.tolist(), strict=False)
    lost = {name: value for name, value in named if not np.isfinite(value)}
    kinds = ", ".join(dict.fromkeys(map(str, lost.values())))
    return (
        f"the decoder's score of {', '.join(lost)} is no number ({kinds}): this epoch and others "
        "like it are rejected; mend the network's code, or train the decoder again"
    )
