"""What cuts a signal into what is scored: the interface of epochs and windows."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.markers import Event
from bci_online.messages import Marker, Retracted
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.epoching import Epoching, Served
from bci_online.preprocessing.noisy_channels import NoisyChannels
from bci_online.preprocessing.windowing import Windowing

__all__ = ["Cutting", "cutting_of"]


class Cutting(Protocol):
    """Cuts the epochs or windows that are scored, and brings markers into order.

    See Also
    --------
    bci_online.preprocessing.epoching.Epoching : Cuts epochs.
    bci_online.preprocessing.windowing.Windowing : Cuts windows.
    """

    def add(self, marker: Marker, event: Event, time: float) -> bool:
        """Queue a marker with common time `time`; return False where too many wait already."""
        ...

    def cut(self, signal: ContinuousSignal) -> Iterator[Served]:
        """Serve everything that is complete, in an order that does not depend on arrival."""
        ...

    def finish(self) -> Iterator[Served]:
        """Serve the rest: no more samples will come."""
        ...

    @property
    def due(self) -> float:
        """Common time of the sample with which `cut` may serve the next; infinite for none."""
        ...

    @property
    def carried(self) -> str:
        """What the next run of the session may go on from, as text; empty for nothing."""
        ...

    def carry(self, carried: str) -> bool:
        """Go on from an earlier run; return False if that is not possible."""
        ...

    def retract(self, doubtful: tuple[int, int]) -> Iterator[Retracted]:
        """Take back what touches the sample range `doubtful`."""
        ...


def cutting_of(
    preprocessing: Preprocessing,
    limits: NDArray[np.float64] | None = None,
    spares: Callable[[Sequence[int]], bool] = lambda channels: False,
    noisy: NoisyChannels | None = None,
) -> Cutting:
    """Return what cuts windows after each cue if there is a window, else an epoch after each flash.

    Parameters
    ----------
    preprocessing : Preprocessing
        Says which.
    limits : ndarray, shape (n_rows,), optional
        Peak-to-peak in the stream's unit above which an epoch or window is an artefact.
    spares : callable, optional
        As for `Epoching`.
    noisy : NoisyChannels, optional
        As for `Epoching`.

    Returns
    -------
    cutting : Cutting
        Fresh.

    See Also
    --------
    bci_online.runtime.chain.Chain : Uses it.

    Examples
    --------
    >>> type(cutting_of(Preprocessing(ch_names=("Cz",), sfreq=250.0))).__name__
    'Epoching'
    """
    if preprocessing.window is None:
        return Epoching(preprocessing, limits, spares, noisy)
    return Windowing(preprocessing, limits)
