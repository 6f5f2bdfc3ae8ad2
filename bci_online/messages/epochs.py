"""What becomes of samples and markers: gaps, epochs and scores."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.messages.streams import Marker

__all__ = ["Epoch", "Gap", "Rejected", "Retracted", "Score"]


class Gap(msgspec.Struct, frozen=True, tag="gap"):
    """Samples were lost, or the stream's clock stepped.

    Parameters
    ----------
    sample : int
        The number of the first sample after the gap.
    n_lost : int
        How many samples were lost. Negative where samples that counted as lost came after all.
    time : float
        Common time of that sample in seconds.
    bridged : bool
        True: the gap was short enough to interpolate over. False: the filter started again.
    late : bool
        Whether it was noticed after samples that follow it had already been used.
    reason : str
        ``loss``; ``clock``: the stream's clock stepped, and nothing needs to be missing; ``stall``:
        the sender stalled, and the samples that counted as lost came after all.
    step_s : float
        By how many seconds the stamps stepped, where an offset explains no part of it.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Finds the losses.
    bci_online.preprocessing.continuous_signal.ContinuousSignal : Bridges them.

    Examples
    --------
    >>> Gap(sample=500, n_lost=3, time=2.0, bridged=True).late
    False
    """

    sample: int
    n_lost: int
    time: float
    bridged: bool
    late: bool = False
    reason: str = "loss"
    step_s: float = 0.0


class Epoch(msgspec.Struct, frozen=True, eq=False, tag="epoch"):
    """The EEG after one marker.

    Parameters
    ----------
    data : ndarray, shape (n_channels, n_times)
        The filtered signal at the epoch's latencies, in the stream's unit. A window whose decoder
        needs covariances alone has as few columns as have the same ones.
    marker : Marker
        The marker that it belongs to.
    onset : int
        Number of the sample that it begins at.
    time : float
        Common time of the marker in seconds.
    peak_to_peak : ndarray, shape (n_channels,)
        Largest minus smallest value over the whole window, in the stream's unit.
    without : tuple of int
        Channels that cannot be used within it.

    See Also
    --------
    bci_online.preprocessing.epoching.Epoching : Cuts one after each flash.
    bci_online.preprocessing.windowing.Windowing : Cuts windows after each cue.

    Examples
    --------
    >>> marker = Marker("flash/3/target", time=1.0)
    >>> epoch = Epoch(np.zeros((2, 5)), marker, onset=250, time=1.0, peak_to_peak=np.zeros(2))
    >>> epoch.marker.text, epoch.data.shape
    ('flash/3/target', (2, 5))
    """

    data: NDArray[np.float64]
    marker: Marker
    onset: int
    time: float
    peak_to_peak: NDArray[np.float64]
    without: tuple[int, ...] = ()


class Rejected(msgspec.Struct, frozen=True, tag="rejected", omit_defaults=True):
    """A marker that has no epoch, and why.

    Parameters
    ----------
    marker : Marker
        The marker.
    reason : str
        ``gap``, ``settling``, ``channel``, ``artefact``, ``out_of_ring`` or ``incomplete``; of a
        decoder whose score is no number ``not_finite``.
    time : float
        Common time of the marker in seconds.
    channels : tuple of str
        The channels that are the reason, with ``channel`` and ``artefact``.

    See Also
    --------
    Epoch : What it would have become.
    bci_online.preprocessing.onsets.rejection : Finds the reason.

    Examples
    --------
    >>> Rejected(Marker("flash/3/target", time=1.0), "artefact", time=1.0).reason
    'artefact'
    """

    marker: Marker
    reason: str
    time: float
    channels: tuple[str, ...] = ()


class Retracted(msgspec.Struct, frozen=True, tag="retracted"):
    """An epoch that was scored before a loss of samples within it was noticed.

    Parameters
    ----------
    marker : Marker
        The marker of the epoch.
    onset : int
        Number of the sample that it began at.
    suspect_trial : int, optional
        The trial that had already been decided with it; None where there is none.

    See Also
    --------
    bci_online.preprocessing.cutting.Cutting : Takes epochs back.
    bci_online.paradigms.paradigm.Paradigm : Removes their evidence.

    Examples
    --------
    >>> Retracted(Marker("flash/3/target", time=1.0), onset=250).suspect_trial is None
    True
    """

    marker: Marker
    onset: int
    suspect_trial: int | None = None


class Score(msgspec.Struct, frozen=True, eq=False, tag="score"):
    """The decoder's values for one marker's epoch.

    Parameters
    ----------
    marker : Marker
        The marker of the epoch.
    time : float
        Common time of the marker in seconds.
    values : ndarray, shape (n_values,)
        One value for each class, or a single one between two classes; at the end that of idle, if
        the decoder knows it.
    onset : int
        Number of the sample that the epoch begins at.
    without : tuple of str
        Sensors that the values were computed without, because they failed.

    See Also
    --------
    bci_online.decoding.decoder.Decoder : Computes the values.
    bci_online.paradigms.paradigm.Paradigm : Decides from them.

    Examples
    --------
    >>> Score(Marker("flash/3/target", time=1.0), 1.0, np.array([0.7]), onset=250).values
    array([0.7])
    """

    marker: Marker
    time: float
    values: NDArray[np.float64]
    onset: int
    without: tuple[str, ...] = ()
