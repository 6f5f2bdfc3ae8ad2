"""Labelled windows of motor imagery, cut by the online chain, with their trials."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Source
from bci_online.config import Config, Preprocessing
from bci_online.errors import BciError
from bci_online.markers import Cue, Event, TrialStart
from bci_online.messages import Epoch, Message, Rejected, Retracted, Score
from bci_online.paradigms.motor_imagery.decision import REST
from bci_online.preprocessing.windowing import Windowing
from calibration.chain_runs import Collector, run_chains, sources_of

__all__ = ["ImageryTrial", "WindowSet", "labelled_windows", "windows_of"]

NO_CLASS = -1
UNKNOWN = ("unknown", "?")


class ImageryTrial(msgspec.Struct, frozen=True):
    """One cue and its common time in seconds, or the rest before a cue, which is not ``cued``.

    Parameters
    ----------
    run : int
        Number of the recording.
    label : str
        What the cue asks for.
    time : float
        Common time of the cue, in seconds.
    cued : bool
        False for the rest before a cue.

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

    Attributes
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
    gaps, lost_samples : int
        Gaps in the recordings, and the samples that are missing.
    untranslated : dict of str to int
        Markers that are not in the grammar, and how often each came.
    notes : tuple of str
        What the user should know, one line each.

    See Also
    --------
    windows_of : Cut windows from XDF files.
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
    gaps: int = 0
    lost_samples: int = 0
    untranslated: dict[str, int] = {}
    notes: tuple[str, ...] = ()

    def __getitem__(self, chosen: NDArray[np.int64]) -> Self:
        """Return the chosen windows; trials keep their numbers."""
        arrays = ("y", "trial", "run", "time", "peak_to_peak")
        picked = {name: getattr(self, name)[chosen] for name in arrays}
        return msgspec.structs.replace(self, X=tuple(self.X[row] for row in chosen), **picked)

    def __len__(self) -> int:
        return self.y.size

    def with_rest(self, trials: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return these trials, each with the rest before it if that was recorded."""
        before = [n - 1 for n in trials.tolist() if n and not self.trials[n - 1].cued]
        return np.union1d(trials, np.array(before, dtype=int))


class _Collector(Collector):
    """Keeps every window, of imagery and of rest before it."""

    def __init__(self, run: int, trials: list[ImageryTrial], window_s: float) -> None:
        super().__init__()
        self._run = run
        self._window_s = window_s
        self._trials = trials
        self.rows: list[tuple[int, Epoch]] = []

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep a window, or begin a trial."""
        if isinstance(outcome, Rejected):
            self.rejected[outcome.reason] += isinstance(event, Cue)
        elif isinstance(outcome, Epoch):
            self.rows.append((len(self._trials) - 1, outcome))
        elif isinstance(event, Cue | TrialStart):
            if isinstance(event, Cue):
                self._end_rest(time)
                self._trials.append(ImageryTrial(self._run, event.label, time))
            else:
                self._trials.append(ImageryTrial(self._run, REST, time, cued=False))
        return []

    def _end_rest(self, time: float) -> None:
        """Drop the windows of rest that reach beyond the cue after it."""
        while self.rows and not self._trials[self.rows[-1][0]].cued:
            if self.rows[-1][1].time + self._window_s <= time:
                return
            self.rows.pop()

    def retract(self, retracted: Retracted) -> Retracted:
        """Drop a window that lies over a loss found later."""
        self.rows = [row for row in self.rows if row[1].onset != retracted.onset]
        self.rejected["gap"] += 1
        return retracted


def labelled_windows(
    sources: Sequence[tuple[str, Source]],
    config: Config,
    preprocessing: Preprocessing | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> WindowSet:
    """Run the online chain over recordings and keep every window.

    Parameters
    ----------
    sources, config, preprocessing, progress
        As for `run_chains`; `preprocessing` says what a window is, if it is given.

    Returns
    -------
    windows : WindowSet
        Of imagery, and of the rest before it.

    Raises
    ------
    RecordingError
        If a recording cannot be read or none holds a window after a cue.
    DecoderMismatchError
        If the recordings do not match each other.

    See Also
    --------
    windows_of : The same for XDF files; has an example.
    bci_online.preprocessing.windowing.Windowing : Cuts the windows.
    """
    trials: list[ImageryTrial] = []
    found, preprocessing = run_chains(
        sources,
        config,
        preprocessing,
        progress,
        lambda run, made: _Collector(run, trials, made.scored_s),
        # Rest is cut like imagery: a decision there would be a false activation.
        lambda made: Windowing(made, opened_by=(Cue, TrialStart)),
    )
    rows = [row for run in found.runs for row in run.rows]
    classes = _classes(trials, config)
    index = {label: place for place, label in enumerate(classes)}
    class_of = [index.get(t.label, NO_CLASS) if t.cued else NO_CLASS for t in trials]
    if preprocessing is None or all(class_of[number] == NO_CLASS for number, _ in rows):
        raise found.nothing("window", "cue", "cue/<class> marker with a window after it")
    number_of, epochs = zip(*rows, strict=True)
    seen = set(number_of)
    return WindowSet(
        X=tuple(epoch.data for epoch in epochs),
        y=np.array([class_of[number] for number in number_of]),
        trial=np.array(number_of),
        run=np.array([trials[number].run for number in number_of]),
        time=np.array([epoch.time for epoch in epochs]),
        peak_to_peak=np.stack([epoch.peak_to_peak for epoch in epochs]),
        classes=classes,
        trials=tuple(trials),
        rejected=found.rejected,
        preprocessing=preprocessing,
        lost=tuple(n for n, known in enumerate(class_of) if known != NO_CLASS and n not in seen),
        seconds=found.n_samples / preprocessing.sfreq,
        gaps=len(found.gaps),
        lost_samples=found.lost_samples,
        untranslated=dict(found.untranslated),
        notes=tuple(found.notes),
    )


def _classes(trials: Sequence[ImageryTrial], config: Config) -> tuple[str, ...]:
    """Return what cues ask for; rest is a class only if the configuration names it."""
    left_out = set(UNKNOWN) | ({REST} - set(config.presentation.classes))
    return tuple(sorted({trial.label for trial in trials if trial.cued} - left_out))


def windows_of(
    paths: Sequence[Path],
    config: Config,
    trials: frozenset[int] = frozenset(),
    opened: Callable[[str], None] = lambda _: None,
) -> WindowSet:
    """Run recordings through the online chain, and keep the windows of some cues.

    Parameters
    ----------
    paths : sequence of Path
        XDF files of one subject and one amplifier, in the order they were recorded.
    config : Config
        Streams, markers, filter, windows.
    trials : frozenset of int
        Only these cues, counted over all recordings from 1; all if empty.
    opened : callable
        Called with the name of each recording.

    Returns
    -------
    windows : WindowSet
        Of the chosen cues, and of the rest before them.

    Raises
    ------
    BciError
        If a recording cannot be used, or has not that many cues.

    See Also
    --------
    calibration.p300.recorded_epochs.epochs_of : The same for flashes.
    calibration.motor_imagery.evaluation.evaluate : Figures of a method.
    """
    windows = labelled_windows(sources_of(paths, config), config, progress=opened)
    if not trials:
        return windows
    cues = [number for number, trial in enumerate(windows.trials) if trial.cued]
    if max(trials) > len(cues):
        raise BciError(f"--trials: {max(trials)} is beyond the {len(cues)} recorded")
    chosen = np.array([cues[trial - 1] for trial in sorted(trials)])
    picked = windows[np.flatnonzero(np.isin(windows.trial, windows.with_rest(chosen)))]
    return msgspec.structs.replace(
        picked,
        lost=tuple(number for number in windows.lost if number in chosen),
        # Nothing says when the other trials ended: all share the time alike.
        seconds=windows.seconds * chosen.size / len(cues),
    )
