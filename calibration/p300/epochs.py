"""Labelled epochs of flashes, with their letters and runs."""

from collections import Counter
from collections.abc import Sequence
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, Preprocessing
from bci_online.messages import Epoch
from bci_online.paradigms.p300.flash_sequences import (
    flashed_objects,
    missing_flashes,
    shifted_codes,
)
from bci_online.paradigms.p300.label_check import told_by_labels
from bci_online.paradigms.p300.layout_fit import contradiction
from bci_online.preprocessing.artefacts import artefacts
from bci_online.stimulus_findings import costly
from bci_online.summaries import BadChannel
from calibration.chain_runs import ChainRuns
from calibration.p300.flash_collector import FlashCollector, Letter

__all__ = ["EpochSet", "Letter", "stacked"]


class EpochSet(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Labelled epochs of one or more runs, in order of time within each run.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times)
        The filtered signal at the latencies, in the stream's unit.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.
    letter : ndarray of int, shape (n_epochs,)
        Index into `letters`; -1 outside trials.
    run, code : ndarray of int, shape (n_epochs,)
        Recording and stimulus code.
    time : ndarray, shape (n_epochs,)
        Common time of the onset's marker in seconds.
    peak_to_peak : ndarray, shape (n_epochs, n_channels)
        Over each epoch's window, in the stream's unit.
    letters : tuple of Letter
        All trials, also those without an epoch.
    rejected : dict of str to int
        How many markers got no epoch, by reason.
    preprocessing : Preprocessing
        What made these epochs.
    gaps, steps, lost_samples : int
        Gaps in the recordings, those where the stamps stepped, and the samples that are missing.
    bad_channels : dict of str to BadChannel
        What each bad channel cost.
    unknown_codes : int
        Flashes of codes that the layout does not have.
    n_derived : int
        Labels that follow from letter and layout, in all recordings.
    untranslated : dict of str to int
        Markers that are not in the grammar, and how often each came.
    notes : tuple of str
        What the user should know, one line each.

    See Also
    --------
    calibration.p300.labelled_epochs.labelled_epochs : Cut epochs from recordings.
    calibration.p300.recorded_epochs.RecordedEpochs : The same epochs on fewer sensors.

    Examples
    --------
    Four flashes of one letter, on two sensors and three latencies:

    >>> epochs = EpochSet(
    ...     X=np.zeros((4, 2, 3)), y=np.array([True, False, False, True]),
    ...     letter=np.zeros(4, dtype=int), run=np.zeros(4, dtype=int), code=np.array([1, 2, 2, 1]),
    ...     time=np.arange(4.0), peak_to_peak=np.zeros((4, 2)), rejected={},
    ...     letters=(Letter(0, "A", {1: ("A",), 2: ("B",)}),),
    ...     preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0),
    ... )
    >>> len(epochs), epochs[epochs.y].X.shape
    (4, (2, 2, 3))
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
    steps: int = 0
    lost_samples: int = 0
    bad_channels: dict[str, BadChannel] = {}
    unknown_codes: int = 0
    n_derived: int = 0
    untranslated: dict[str, int] = {}
    notes: tuple[str, ...] = ()

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        """Return the chosen epochs; letters keep their numbers."""
        rows = np.arange(len(self))
        if np.array_equal(rows[chosen], rows):
            # Not a copy: the signals around all flashes of half an hour are 100 MB.
            return self
        arrays = ("X", "y", "letter", "run", "code", "time", "peak_to_peak")
        picked = {name: getattr(self, name)[chosen] for name in arrays}
        return msgspec.structs.replace(self, **picked)

    def __len__(self) -> int:
        return self.y.size

    def within(self, limits: NDArray[np.float64] | None) -> Self:
        """Return the epochs that are no artefacts by `limits`; the others count as rejected."""
        kept = self[np.flatnonzero(~artefacts(self.peak_to_peak, limits))]
        if n_left_out := len(self) - len(kept):
            rejected = Counter(self.rejected) + Counter(artefact=n_left_out)
            kept = msgspec.structs.replace(kept, rejected=dict(rejected.most_common()))
        return kept


def stacked(
    found: ChainRuns[FlashCollector],
    letters: Sequence[Letter],
    config: Config,
    preprocessing: Preprocessing | None,
) -> EpochSet:
    """Return what the collectors of recordings kept as one set.

    Parameters
    ----------
    found : ChainRuns
        One collector for each recording.
    letters : sequence of Letter
        Of all recordings.
    config : Config
        Says which layout the labels must fit.
    preprocessing : Preprocessing or None
        What made the epochs; None if there is no recording.

    Returns
    -------
    epochs : EpochSet
        In order of time within each recording.

    Raises
    ------
    RecordingError
        If there is no labelled epoch.

    See Also
    --------
    calibration.p300.labelled_epochs.labelled_epochs : Runs the recordings; has an example.

    Examples
    --------
    >>> stacked(ChainRuns([]), [], Config(), None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.RecordingError: no recording: no flash/...
    """
    rows = [(number, *row) for number, run in enumerate(found.runs) for row in run.rows]
    if preprocessing is None or not rows:
        found.notes[:0] = _of_order(found)
        if config.epoch.after == "feedback":
            marker = "feedback/<hit|miss> marker, as bci-calibrate record errp makes them,"
            raise found.nothing("answer", "labelled answer", marker)
        marker = "flash/<code>/<target|nontarget> marker"
        raise found.nothing("flash", "labelled flash", marker)
    notes = _notes(found, len(rows))
    letters = [_told(number, letter, rows) for number, letter in enumerate(letters)]
    labelled = [one for run in found.runs for one in run.labels.values()]
    if finding := contradiction(labelled, config.layout):
        notes.insert(0, finding.text)
        # All letters count as unknown. One that agrees proves nothing: on the matrix's diagonal it
        # fits both numberings.
        letters = [msgspec.structs.replace(letter, truth="") for letter in letters]
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
        rejected=found.rejected,
        bad_channels=found.bad_channels,
        preprocessing=preprocessing,
        gaps=len(found.gaps),
        steps=found.steps,
        lost_samples=found.lost_samples,
        unknown_codes=sum(run.unknown_codes for run in found.runs),
        n_derived=sum(run.n_derived for run in found.runs),
        untranslated=dict(found.untranslated),
        notes=tuple(notes),
    )


def _told(number: int, letter: Letter, rows: Sequence[tuple[int, Epoch, bool, int, int]]) -> Letter:
    """Return a letter with the symbol that its labels tell, where its markers do not name one."""
    known = {symbol for line in letter.symbols_of_code.values() for symbol in line}
    if letter.truth in known:
        return letter
    flashes = [(code, is_target) for _, _, is_target, of, code in rows if of == number]
    truth = told_by_labels(flashes, letter.symbols_of_code)
    return msgspec.structs.replace(letter, truth=truth) if truth else letter


def _of_order(found: ChainRuns[FlashCollector]) -> list[str]:
    """Return what the order of the flashes shows to be wrong."""
    sequences = [one for run in found.runs for one in run.sequences]
    of_order = (
        shifted_codes(sequences),
        flashed_objects(sequences),
        missing_flashes(sequences),
    )
    return [finding.text for finding in of_order if finding is not None]


def _notes(found: ChainRuns[FlashCollector], n_rows: int) -> list[str]:
    """Return what a user should know of recordings that hold `n_rows` labelled epochs."""
    notes = [*_of_order(found), *found.notes]
    if n_derived := sum(run.n_derived for run in found.runs):
        derived = "flashes are labelled by their letter and the layout; check that the layout fits"
        notes.append(f"{n_derived} {derived}")
    notes += filter(None, (run.cut_off() for run in found.runs))
    n_cut = n_rows + sum(found.rejected.values())
    return notes + [finding.text for finding in costly(found.causes("flash"), n_cut)]
