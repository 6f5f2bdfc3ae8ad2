"""Labelled windows of motor imagery with their trials, as arrays."""

from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import REST, Preprocessing
from bci_online.summaries import BadChannel

__all__ = ["NO_CLASS", "ImageryTrial", "WindowSet"]

NO_CLASS = -1


class ImageryTrial(msgspec.Struct, frozen=True):
    """One cue and its common time in seconds, or a rest between cues, which is not ``cued``.

    Parameters
    ----------
    run : int
        Number of the recording.
    label : str
        What the cue asks for.
    time : float
        Common time of the cue, in seconds.
    cued : bool
        False for a rest between cues.

    See Also
    --------
    WindowSet : Holds the trials of recordings.
    """

    run: int
    label: str
    time: float
    cued: bool = True


class WindowSet(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Windows of one or more runs, in order of time within each trial.

    Parameters
    ----------
    X : tuple of ndarray, each of shape (n_rows, n_times)
        The filtered signal in the stream's unit; rows are channels, band by band if there is a
        filter bank. Windows overlap: as a single array every fold would copy a gigabyte.
    y : ndarray of int, shape (n_windows,)
        Index into `classes`; -1 at rest and where the class is unknown.
    trial, run : ndarray of int, shape (n_windows,)
        Index into `trials`, and number of the recording.
    time : ndarray, shape (n_windows,)
        Common time of the first sample in seconds, on the grid of the cue.
    peak_to_peak : ndarray, shape (n_windows, n_rows)
        Of each window, in the stream's unit.
    classes : tuple of str
        What the cues ask for, in alphabetical order.
    trials : tuple of ImageryTrial
        All of them, also those without a window.
    rejected : dict of str to int
        How many windows after cues are missing, by reason.
    preprocessing : Preprocessing
        What made these windows.
    lost : tuple of int
        Trials of known class whose windows were all rejected.
    seconds : float
        How long the recordings are.
    bad_channels : dict of str to BadChannel
        What each bad channel cost.
    gaps, steps, lost_samples : int
        Gaps in the recordings, those where the stamps stepped, and the samples that are missing.
    untranslated : dict of str to int
        Markers that are not in the grammar, and how often each came.
    notes : tuple of str
        What the user should know, one line each.

    See Also
    --------
    calibration.motor_imagery.windows.windows_of : Cut windows from XDF files.
    calibration.p300.epochs.EpochSet : The same for flashes.

    Examples
    --------
    Two trials of two windows:

    >>> windows = WindowSet(
    ...     X=(np.zeros((2, 250)),) * 4, y=np.array([0, 0, 1, 1]), trial=np.array([0, 0, 1, 1]),
    ...     run=np.zeros(4, dtype=int), time=np.array([0.5, 1.0, 8.5, 9.0]),
    ...     peak_to_peak=np.zeros((4, 2)), classes=("left_hand", "right_hand"),
    ...     trials=(ImageryTrial(0, "left_hand", 0.0), ImageryTrial(0, "right_hand", 8.0)),
    ...     rejected={}, preprocessing=Preprocessing(ch_names=("C3", "C4"), sfreq=250.0),
    ... )
    >>> len(windows[np.flatnonzero(windows.trial == 1)])
    2
    """

    X: tuple[NDArray[np.float64], ...]
    y: NDArray[np.int64]
    trial: NDArray[np.int64]
    run: NDArray[np.int64]
    time: NDArray[np.float64]
    peak_to_peak: NDArray[np.float64]
    classes: tuple[str, ...]
    trials: tuple[ImageryTrial, ...]
    rejected: dict[str, int]
    preprocessing: Preprocessing
    lost: tuple[int, ...] = ()
    seconds: float = 0.0
    bad_channels: dict[str, BadChannel] = {}
    gaps: int = 0
    steps: int = 0
    lost_samples: int = 0
    untranslated: dict[str, int] = {}
    notes: tuple[str, ...] = ()

    def __getitem__(self, chosen: NDArray[np.int64]) -> Self:
        """Return the chosen windows; trials keep their numbers."""
        arrays = ("y", "trial", "run", "time", "peak_to_peak")
        picked = {name: getattr(self, name)[chosen] for name in arrays}
        return msgspec.structs.replace(self, X=tuple(self.X[row] for row in chosen), **picked)

    def of_trials(self, trials: NDArray[np.int64]) -> Self:
        """Return the windows of these trials."""
        return self[np.flatnonzero(np.isin(self.trial, trials))]

    def __len__(self) -> int:
        return self.y.size

    @property
    def is_idle(self) -> NDArray[np.bool_]:
        """Whether nothing is to be imagined in a window, and rest is no class, (n_windows,)."""
        if REST in self.classes:
            return np.zeros(len(self), dtype=bool)
        rests = [trial.label == REST for trial in self.trials]
        return np.array(rests, dtype=bool)[self.trial]

    def with_rest(self, trials: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return these cues and the rests before them; with the last cue also the rest after it."""
        cues = np.flatnonzero([trial.cued for trial in self.trials])
        after = np.searchsorted(cues, np.arange(len(self.trials)))
        owner = cues[np.minimum(after, cues.size - 1)]
        return np.flatnonzero(np.isin(owner, trials))
