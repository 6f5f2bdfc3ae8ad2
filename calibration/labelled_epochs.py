"""The online chain run over recordings: epochs with their labels, letters and runs."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Source
from bci_online.config import Config, Preprocessing, preprocessing_for
from bci_online.errors import RecordingError
from bci_online.markers import Event, Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import Epoch, Gap, Message, Rejected, Retracted, Score, Standing
from bci_online.runtime.chain import Chain

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


class _Collector:
    """A paradigm that decides nothing and keeps every labelled epoch."""

    def __init__(self, run: int, config: Config, letters: list[Letter]) -> None:
        self._run = run
        self._layout = config.layout.symbols_of_code
        self._letters = letters
        self._in_letter = NO_LETTER
        self.unknown_codes = 0
        self.rows: list[tuple[Epoch, bool, int, int]] = []
        self.rejected: Counter[str] = Counter()

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep an epoch, or note what the event says of the trial."""
        if isinstance(event, Flash):
            self.unknown_codes += self._in_letter != NO_LETTER and event.code not in self._layout
            if isinstance(outcome, Rejected):
                self.rejected[outcome.reason] += 1
            elif event.target is None:
                self.rejected["unlabelled"] += 1
            elif isinstance(outcome, Epoch):
                self.rows.append((outcome, event.target, self._in_letter, event.code))
        elif isinstance(event, Layout):
            self._layout = dict(event.symbols)
        elif isinstance(event, TrialStart):
            self._in_letter = len(self._letters)
            self._letters.append(Letter(self._run, event.symbol, self._layout))
        elif isinstance(event, TrialEnd):
            self._in_letter = NO_LETTER
        return []

    def retract(self, retracted: Retracted) -> Retracted:
        """Drop an epoch that turned out to lie over a loss."""
        self.rows = [row for row in self.rows if row[0].marker != retracted.marker]
        self.rejected["gap"] += 1
        return retracted

    def finish(self) -> list[Message]:
        """Nothing is left to say."""
        return []

    def standing(self) -> Standing | None:
        """Return None: nothing is decided."""
        return None


def labelled_epochs(
    sources: Sequence[tuple[str, Source]],
    config: Config,
    preprocessing: Preprocessing | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> EpochSet:
    """Run the online chain over recordings and keep every labelled epoch.

    Parameters
    ----------
    sources : sequence of (str, Source)
        Name (for messages) and source of each run.
    config : Config
        Says what an epoch is, unless `preprocessing` does.
    preprocessing : Preprocessing, optional
        Taken from the first recording if not given; all others must match it.
    progress : callable
        Told the name of each recording before it is opened.

    Raises
    ------
    RecordingError
        If a recording cannot be read or none holds a labelled epoch.
    DecoderMismatchError
        If the recordings do not match each other.
    """
    runs: list[_Collector] = []
    letters: list[Letter] = []
    gaps: list[Gap] = []
    untranslated: Counter[str] = Counter()
    notes: list[str] = []
    for number, (name, source) in enumerate(sources):
        progress(name)
        source.open()
        preprocessing = preprocessing or preprocessing_for(config, source.spec)
        runs.append(_Collector(number, config, letters))
        chain = Chain(preprocessing, source.spec, runs[-1], translate=config.markers.translate)
        notes += [f"{name}: {warning}" for warning in chain.warnings]
        while (reading := source.read()) is not None:
            gaps += [message for message in chain.push(reading) if isinstance(message, Gap)]
        chain.finish()
        source.close()
        untranslated += chain.translator.untranslated
    rows = [(number, *row) for number, run in enumerate(runs) for row in run.rows]
    rejected = sum((run.rejected for run in runs), Counter())
    if preprocessing is None or not rows:
        raise RecordingError(_nothing_found([name for name, _ in sources], rejected, untranslated))
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
        rejected=dict(rejected),
        preprocessing=preprocessing,
        gaps=len(gaps),
        lost_samples=sum(gap.n_lost for gap in gaps),
        unknown_codes=sum(run.unknown_codes for run in runs),
        untranslated=dict(untranslated),
        notes=tuple(notes),
    )


def _nothing_found(
    names: Sequence[str | Path], rejected: Counter[str], untranslated: Counter[str]
) -> str:
    """Explain why there is no epoch, with the way out."""
    where = ", ".join(map(str, names)) or "no recording"
    if rejected:
        reasons = ", ".join(f"{n} {reason}" for reason, n in rejected.most_common())
        return f"{where}: every flash was rejected ({reasons}); look at the recording's gaps"
    if untranslated:
        most = ", ".join(repr(text) for text, _ in untranslated.most_common(5))
        return (
            f"{where}: no labelled flash; {sum(untranslated.values())} markers are not in the "
            f"grammar, such as {most}: translate them with [[markers.translate]] in the config"
        )
    return f"{where}: no flash/<code>/<target|nontarget> marker was found"
