"""Which classes the trials of a session were of, as far as can be told without labels."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Belief", "Believed"]


class Belief(Protocol):
    """What trials were, judged by values of their windows, as `SessionFit` judges them.

    See Also
    --------
    Believed : Holds it.
    """

    @property
    def misfit(self) -> float:
        """Probability that the session is not as calibration."""
        ...

    @property
    def carried(self) -> str:
        """What the trials so far have left, as text without spaces."""
        ...

    def carry(self, carried: str) -> bool:
        """Let the trials of an earlier run count."""
        ...

    def observe(self, total: NDArray[np.float64], n_windows: int) -> None:
        """Take a trial by the sum of its windows' values."""
        ...

    def posterior(self, total: NDArray[np.float64], n_windows: int) -> NDArray[np.float64]:
        """Return the probability of each class, and of idle, from such a sum."""
        ...


class Believed(NamedTuple):
    """How `Recentring` knows which classes a session's trials were of.

    Parameters
    ----------
    classes : ndarray, shape (n_classes, n_bands, n_channels, n_channels)
        Mean covariance of each class in calibration.
    values : callable
        Returns the values of a window that is not recentred.
    belief : Belief
        Of these values.

    See Also
    --------
    bci_online.preprocessing.recentring.Recentring : Uses it.
    """

    classes: NDArray[np.float64]
    values: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    belief: Belief
