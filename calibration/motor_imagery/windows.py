"""The online chain run over recordings of motor imagery: windows with their trials."""

from collections.abc import Callable, Sequence
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Source
from bci_online.config import Config, Preprocessing
from bci_online.markers import Cue, Event, TrialStart
from bci_online.messages import Epoch, Message, Rejected, Retracted, Score
from bci_online.paradigms.motor_imagery.decision import REST
from bci_online.preprocessing.windowing import Windowing
from calibration.chain_runs import Collector, hear

__all__ = ["ImageryTrial", "WindowSet", "labelled_windows"]

NO_CLASS = -1
UNKNOWN = ("unknown", "?")


class ImageryTrial(msgspec.Struct, frozen=True):
    """What one cue asked for, and its common time; or the rest before it, which is not ``cued``."""

    run: int
    label: str
    time: float
    cued: bool = True

    @property
    def is_rest(self) -> bool:
        """Whether the subject was to imagine nothing."""
        return self.label == REST


class WindowSet(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Windows of one or more runs, in order of time within each trial.

    Attributes
    ----------
    X : tuple of ndarray, each of shape (n_rows, n_times)
        The filtered signal; rows are channels, band by band where there is a bank. No array of all
        of them: windows overlap, and every fold would copy a gigabyte.
    y : ndarray of int, shape (n_windows,)
        Index into `classes`; -1 at rest and where nobody knows.
    trial, run : ndarray of int, shape (n_windows,)
        Index into `trials`, and recording.
    time : ndarray, shape (n_windows,)
        Common time of the first sample, on the grid of the cue.
    peak_to_peak : ndarray, shape (n_windows, n_rows)
        Of each window.
    classes : tuple of str
        What cues ask for, in alphabetical order.
    trials : tuple of ImageryTrial
        All of them, also those without a window.
    rejected : dict of str to int
        How many windows behind cues there are none of, by reason.
    lost : tuple of int
        Trials of known class of which every window was rejected.
    seconds : float
        What was recorded for them.
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
        """Return the chosen windows; trials keep their indices."""
        arrays = ("y", "trial", "run", "time", "peak_to_peak")
        picked = {name: getattr(self, name)[chosen] for name in arrays}
        return msgspec.structs.replace(self, X=tuple(self.X[row] for row in chosen), **picked)

    def __len__(self) -> int:
        return self.y.size

    def with_rest(self, trials: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return trials, and with each the rest before it where that was recorded."""
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
        """Drop the windows of the rest before a cue that reach beyond it."""
        while self.rows and not self._trials[self.rows[-1][0]].cued:
            if self.rows[-1][1].time + self._window_s <= time:
                return
            self.rows.pop()

    def retract(self, retracted: Retracted) -> Retracted:
        """Drop a window that turned out to lie over a loss."""
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
        As for `calibration.chain_runs.hear`; `preprocessing` says what a window is,
        where it is given.

    Raises
    ------
    RecordingError
        If a recording cannot be read or none holds a window behind a cue.
    DecoderMismatchError
        If the recordings do not match each other.
    """
    trials: list[ImageryTrial] = []
    heard, preprocessing = hear(
        sources,
        config,
        preprocessing,
        progress,
        lambda run, made: _Collector(run, trials, made.scored_s),
        # Rest is watched like imagery: what would be decided there is a false activation.
        lambda made: Windowing(made, opened_by=(Cue, TrialStart)),
    )
    rows = [row for run in heard.runs for row in run.rows]
    classes = _classes(trials, config)
    index = {label: place for place, label in enumerate(classes)}
    class_of = [index.get(t.label, NO_CLASS) if t.cued else NO_CLASS for t in trials]
    if preprocessing is None or all(class_of[number] == NO_CLASS for number, _ in rows):
        raise heard.nothing("window", "cue", "cue/<class> marker with a window behind it")
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
        rejected=heard.rejected,
        preprocessing=preprocessing,
        lost=tuple(n for n, known in enumerate(class_of) if known != NO_CLASS and n not in seen),
        seconds=heard.n_samples / preprocessing.sfreq,
        gaps=len(heard.gaps),
        lost_samples=heard.lost_samples,
        untranslated=dict(heard.untranslated),
        notes=tuple(heard.notes),
    )


def _classes(trials: Sequence[ImageryTrial], config: Config) -> tuple[str, ...]:
    """Return what cues ask for; rest is a class where the configuration names it as one."""
    left_out = set(UNKNOWN) | ({REST} - set(config.presentation.classes))
    return tuple(sorted({trial.label for trial in trials if trial.cued} - left_out))
