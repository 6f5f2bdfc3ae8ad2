"""The online chain run over recordings: epochs with their labels, letters and runs."""

from collections.abc import Callable, Sequence
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Source
from bci_online.config import Config, Preprocessing
from bci_online.markers import Event, Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import Epoch, Message, Rejected, Retracted, Score
from calibration.chain_runs import Collector, hear

__all__ = ["EpochSet", "Letter", "labelled_epochs"]

NO_LETTER = -1


class Letter(msgspec.Struct, frozen=True):
    """One trial of a recording: what was to be spelled, and with which layout."""

    run: int
    truth: str
    symbols_of_code: dict[int, tuple[str, ...]]


class EpochSet(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Labelled epochs of one or more runs, in order of time within each run.

    Attributes
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times)
        The filtered signal at the latencies.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.
    letter : ndarray of int, shape (n_epochs,)
        Index into `letters`; -1 outside trials.
    run, code : ndarray of int, shape (n_epochs,)
        Recording and stimulus code.
    time : ndarray, shape (n_epochs,)
        Common time of the onset's marker in seconds.
    peak_to_peak : ndarray, shape (n_epochs, n_channels)
        Over each epoch's window.
    letters : tuple of Letter
        All trials, also those without an epoch.
    rejected : dict of str to int
        How many markers got no epoch, by reason.
    preprocessing : Preprocessing
        What made these epochs.
    """

    X: NDArray[np.float64]
    y: NDArray[np.bool_]
    letter: NDArray[np.int64]
    run: NDArray[np.int64]
    code: NDArray[np.int64]
    time: NDArray[np.float64]
    peak_to_peak: NDArray[np.float64]
    letters: tuple[Letter, ...]
    rejected: dict[str, int]
    preprocessing: Preprocessing
    gaps: int = 0
    lost_samples: int = 0
    unknown_codes: int = 0
    untranslated: dict[str, int] = {}
    notes: tuple[str, ...] = ()

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        """Return the chosen epochs; letters keep their indices."""
        arrays = ("X", "y", "letter", "run", "code", "time", "peak_to_peak")
        picked = {name: getattr(self, name)[chosen] for name in arrays}
        return msgspec.structs.replace(self, **picked)

    def __len__(self) -> int:
        return self.y.size


class _Collector(Collector):
    """Keeps every labelled epoch."""

    def __init__(self, run: int, config: Config, letters: list[Letter]) -> None:
        super().__init__()
        self._run = run
        self._layout = config.layout.symbols_of_code
        self._letters = letters
        self._in_letter = NO_LETTER
        self.rows: list[tuple[Epoch, bool, int, int]] = []
        self.n_derived = 0

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep an epoch, or note what the event says of the trial."""
        if isinstance(event, Flash):
            self.unknown_codes += self._in_letter != NO_LETTER and event.code not in self._layout
            is_target = self._label(event)
            if isinstance(outcome, Rejected):
                self.rejected[outcome.reason] += 1
            elif is_target is None:
                self.rejected["unlabelled"] += 1
            elif isinstance(outcome, Epoch):
                self.n_derived += event.target is None
                self.rows.append((outcome, is_target, self._in_letter, event.code))
        elif isinstance(event, Layout):
            self._layout = dict(event.symbols)
        elif isinstance(event, TrialStart):
            self._in_letter = len(self._letters)
            self._letters.append(Letter(self._run, event.symbol, self._layout))
        elif isinstance(event, TrialEnd):
            self._in_letter = NO_LETTER
        return []

    def _label(self, flash: Flash) -> bool | None:
        """Return whether a flash lit the letter to be spelled; None where nobody can know."""
        lit = self._layout.get(flash.code, ())
        truth = "" if self._in_letter == NO_LETTER else self._letters[self._in_letter].truth
        spelled = {symbol for line in self._layout.values() for symbol in line}
        if flash.target is not None or not lit or truth not in spelled:
            return flash.target
        return truth in lit

    def retract(self, retracted: Retracted) -> Retracted:
        """Drop an epoch that turned out to lie over a loss."""
        self.rows = [row for row in self.rows if row[0].marker != retracted.marker]
        self.rejected["gap"] += 1
        return retracted


def labelled_epochs(
    sources: Sequence[tuple[str, Source]],
    config: Config,
    preprocessing: Preprocessing | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> EpochSet:
    """Run the online chain over recordings and keep every labelled epoch.

    A flash whose marker does not say whether it was a target is labelled by its letter and the
    layout, where both are known; a note says of how many.

    Parameters
    ----------
    sources, config, preprocessing, progress
        As for `calibration.chain_runs.hear`; `preprocessing` says what an epoch is,
        where it is given.

    Raises
    ------
    RecordingError
        If a recording cannot be read or none holds a labelled epoch.
    DecoderMismatchError
        If the recordings do not match each other.
    """
    letters: list[Letter] = []
    heard, preprocessing = hear(
        sources, config, preprocessing, progress, lambda run, _: _Collector(run, config, letters)
    )
    rows = [(number, *row) for number, run in enumerate(heard.runs) for row in run.rows]
    if preprocessing is None or not rows:
        marker = "flash/<code>/<target|nontarget> marker"
        raise heard.nothing("flash", "labelled flash", marker)
    notes = list(heard.notes)
    if n_derived := sum(run.n_derived for run in heard.runs):
        derived = "flashes are labelled by their letter and the layout; see that it is theirs"
        notes.append(f"{n_derived} {derived}")
    run_of, epochs, labels, letter, code = zip(*rows, strict=True)
    return EpochSet(
        X=np.stack([epoch.data for epoch in epochs]),
        y=np.array(labels),
        letter=np.array(letter),
        run=np.array(run_of),
        code=np.array(code),
        time=np.array([epoch.time for epoch in epochs]),
        peak_to_peak=np.stack([epoch.peak_to_peak for epoch in epochs]),
        letters=tuple(letters),
        rejected=heard.rejected,
        preprocessing=preprocessing,
        gaps=len(heard.gaps),
        lost_samples=heard.lost_samples,
        unknown_codes=sum(run.unknown_codes for run in heard.runs),
        untranslated=dict(heard.untranslated),
        notes=tuple(notes),
    )
