"""What becomes of samples and markers: gaps, epochs and scores."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.messages.streams import Marker

__all__ = ["Epoch", "Gap", "Rejected", "Retracted", "Score"]


class Gap(msgspec.Struct, frozen=True, tag="gap"):
    """Samples were lost just before sample number ``sample`` (common ``time``).

    ``bridged`` gaps were short enough to interpolate over; after others the filter started anew.
    A ``late`` gap was noticed after samples that follow it had already been used.
    ``reason`` is ``loss`` or ``clock`` (the stream's clock stepped; nothing may be missing).
    """

    sample: int
    n_lost: int
    time: float
    bridged: bool
    late: bool = False
    reason: str = "loss"


class Epoch(msgspec.Struct, frozen=True, eq=False, tag="epoch"):
    """The EEG after one marker.

    ``data`` (n_channels, n_times) holds the filtered signal at the epoch's latencies;
    ``peak_to_peak`` (n_channels,) is over the whole window; ``onset`` is a sample number and
    ``time`` the marker's common time.
    """

    data: NDArray[np.float64]
    marker: Marker
    onset: int
    time: float
    peak_to_peak: NDArray[np.float64]


class Rejected(msgspec.Struct, frozen=True, tag="rejected"):
    """A marker that got no epoch, and why: gap, settling, artefact, out_of_ring, incomplete."""

    marker: Marker
    reason: str
    time: float


class Retracted(msgspec.Struct, frozen=True, tag="retracted"):
    """An epoch that was scored before a loss of samples within it was noticed."""

    marker: Marker
    onset: int
    suspect_trial: int | None = None


class Score(msgspec.Struct, frozen=True, eq=False, tag="score"):
    """The decoder's values (n_classes,) for one marker's epoch."""

    marker: Marker
    time: float
    values: NDArray[np.float64]
    onset: int
