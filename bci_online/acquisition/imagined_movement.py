"""Which areas lose power while a simulated subject imagines a movement, and how fast."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["AREAS", "IMAGINED", "RAMP_S", "Imagery", "imagined_shares"]

Array = NDArray[np.float64]

ONSET_S = 0.5
RAMP_S = 0.5
"""So long power falls at the beginning, and rises at the end."""

AREAS = ("C3", "Cz", "C4")
# Loss of power over left hand area, foot area and right hand area for each imagined movement.
IMAGINED = {
    "left_hand": (0.3, 0.1, 1.0), "right_hand": (1.0, 0.1, 0.3), "hands": (1.0, 0.1, 1.0),
    "feet": (0.1, 1.0, 0.1), "tongue": (0.4, 0.1, 0.4), "rest": (0.0, 0.0, 0.0),
}  # fmt: skip
SYNONYMS = {"left": "left_hand", "right": "right_hand", "both_hands": "hands", "foot": "feet"}


def imagined_shares(label: str) -> tuple[float, float, float] | None:
    """Return how much power each of `AREAS` loses with an imagined movement.

    Parameters
    ----------
    label : str
        The movement, such as ``left_hand``.

    Returns
    -------
    shares : tuple of float or None
        From 0 to 1; None if the movement is not known.

    See Also
    --------
    Imagery : One imagined movement.

    Examples
    --------
    >>> imagined_shares("Left")
    (0.3, 0.1, 1.0)
    """
    key = label.strip().lower().replace(" ", "_")
    return IMAGINED.get(SYNONYMS.get(key, key))


class Imagery(NamedTuple):
    """Areas that lose power for some time.

    Parameters
    ----------
    start, end : float
        From when to when, in seconds.
    strength : ndarray, shape (3,)
        Share of the power that each area loses.

    See Also
    --------
    imagined_shares : The shares of a movement.

    Examples
    --------
    >>> Imagery(start=1.0, strength=np.ones(3)).depth(np.array([1.0, 1.75, 2.0])).tolist()
    [0.0, 0.5, 1.0]
    """

    start: float
    strength: Array
    end: float = math.inf

    def depth(self, times: Array) -> Array:
        """Return the depth of the desynchronisation at `times`, from 0 to 1."""
        falling = np.clip((times - self.start - ONSET_S) / RAMP_S, 0, 1)
        rising = np.clip((times - self.end) / RAMP_S, 0, 1)
        return np.asarray(falling * (1 - rising))
