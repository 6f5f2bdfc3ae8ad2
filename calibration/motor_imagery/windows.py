"""Labelled windows of motor imagery and of rest, cut by the online chain."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bci_online.acquisition.source import NotedSource
from bci_online.config import REST, Config, Preprocessing
from bci_online.errors import BciError
from bci_online.markers import Cue, Event, TrialEnd
from bci_online.messages import Epoch, Marker, Message, Rejected, Retracted, Score
from bci_online.preprocessing.window_covariances import compressed
from bci_online.preprocessing.windowing import Windowing
from calibration.chain_runs import run_chains, sources_of
from calibration.collector import Collector
from calibration.motor_imagery.window_set import NO_CLASS, ImageryTrial, WindowSet
from calibration.recording_sizes import refuse_other_sizes

__all__ = ["labelled_windows", "windows_of"]

UNKNOWN = ("unknown", "?")

REBOUND_S = 1.0
"""Seconds from imagery to the first window of rest: before, beta power rebounds."""


class _Collector(Collector):
    """Keeps every window, of imagery and of the rests between."""

    def __init__(
        self,
        run: int,
        trials: list[ImageryTrial],
        preprocessing: Preprocessing,
        needs_samples: bool,
    ) -> None:
        super().__init__()
        self._n_bands = 0 if needs_samples else len(preprocessing.filter.bands)
        self._run = run
        self._window_s = preprocessing.scored_s
        self._first_s = float(preprocessing.starts[0])
        self._trials = trials
        self._rest: Marker | None = None
        self._settled = 0.0
        self.rows: list[tuple[int, Epoch]] = []

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep a window; begin a trial with its cue, and a rest with its first window."""
        if isinstance(event, Cue) and outcome is None:
            self._end_rest(time)
            self._trials.append(ImageryTrial(self._run, event.label, time))
        elif outcome is not None:
            if not isinstance(event, Cue) and outcome.marker != self._rest:
                self._rest = outcome.marker
                began = outcome.time - self._first_s
                # Less a microsecond, for rounding.
                self._settled = began + REBOUND_S - 1e-6
                self._trials.append(ImageryTrial(self._run, REST, began, cued=False))
            if isinstance(outcome, Rejected):
                if isinstance(event, Cue):
                    self.reject(outcome)
            elif isinstance(outcome, Epoch) and not self._rebounds(event, outcome):
                self.rows.append((len(self._trials) - 1, self._kept(outcome)))
        return []

    def _kept(self, window: Epoch) -> Epoch:
        if not self._n_bands:
            return window
        return msgspec.structs.replace(window, data=compressed(window.data, self._n_bands))

    def _rebounds(self, event: Event, window: Epoch) -> bool:
        return isinstance(event, TrialEnd) and window.time < self._settled

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
    sources: Sequence[tuple[str, NotedSource]],
    config: Config,
    preprocessing: Preprocessing | None = None,
    progress: Callable[[str], None] = lambda _: None,
    needs_samples: bool = True,
) -> WindowSet:
    """Run the online chain over recordings and keep every window.

    Parameters
    ----------
    sources : sequence of (str, NotedSource)
        Name (for messages) and source of each recording.
    config : Config
        Says what a window is where `preprocessing` is None.
    preprocessing : Preprocessing, optional
        What every recording must match.
    progress : callable
        Called with the name of each recording before it is opened.
    needs_samples : bool
        False: windows are kept as `compressed` makes them.

    Returns
    -------
    windows : WindowSet
        Of imagery, and of the rests between trials.

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

    Examples
    --------
    >>> labelled_windows([], Config(paradigm="motor_imagery"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.RecordingError: no recording: no ...
    """
    trials: list[ImageryTrial] = []
    found, preprocessing = run_chains(
        sources,
        config,
        preprocessing,
        progress,
        lambda run, made: _Collector(run, trials, made, needs_samples),
        # Rest is cut like imagery: a decision there would be a false activation.
        lambda made: Windowing(made, rests=True),
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
        bad_channels=found.bad_channels,
        preprocessing=preprocessing,
        lost=tuple(n for n, known in enumerate(class_of) if known != NO_CLASS and n not in seen),
        seconds=found.n_samples / preprocessing.sfreq,
        gaps=len(found.gaps),
        steps=found.steps,
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
    needs_samples: bool = True,
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
    needs_samples : bool
        As for `labelled_windows`.

    Returns
    -------
    windows : WindowSet
        Of the chosen cues, and of the rests before them.

    Raises
    ------
    BciError
        If a recording cannot be used, two differ in size, or there are not that many cues.

    See Also
    --------
    calibration.p300.recorded_epochs.epochs_of : The same for flashes.
    calibration.motor_imagery.evaluation.evaluate : Figures of a method.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.config import Presentation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(paradigm="motor_imagery", presentation=Presentation(trials_per_class=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     seconds = write_recording(config, "", Path(folder) / "run.xdf")
    ...     windows = windows_of([Path(folder) / "run.xdf"], config)
    >>> windows.classes, sorted(set(windows.y.tolist()))  # -1: rest
    (('left_hand', 'right_hand'), [-1, 0, 1])
    """
    windows = labelled_windows(
        sources_of(paths, config), config, progress=opened, needs_samples=needs_samples
    )
    names, unit = [path.name for path in paths], windows.preprocessing.unit
    refuse_other_sizes(names, windows.run, windows.peak_to_peak, unit)
    if not trials:
        return windows
    cues = [number for number, trial in enumerate(windows.trials) if trial.cued]
    if max(trials) > len(cues):
        raise BciError(f"--trials: trial {max(trials)} does not exist, {len(cues)} are recorded")
    chosen = np.array([cues[trial - 1] for trial in sorted(trials)])
    picked = windows[np.flatnonzero(np.isin(windows.trial, windows.with_rest(chosen)))]
    return msgspec.structs.replace(
        picked,
        lost=tuple(number for number in windows.lost if number in chosen),
        # It is not known when the other trials ended: all trials share the time equally.
        seconds=windows.seconds * chosen.size / len(cues),
    )
