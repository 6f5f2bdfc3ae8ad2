"""The epochs of one subject's recordings, on all sensors or on some of them alone."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, EpochSpec, FilterSpec, Preprocessing
from bci_online.errors import BciError, RecordingError
from bci_online.stimulus_findings import outside_letters
from calibration.chain_runs import sources_of
from calibration.folds import NO_LETTER
from calibration.p300.cut_beside import CutBeside
from calibration.p300.epochs import EpochSet
from calibration.p300.labelled_epochs import labelled_epochs
from calibration.recording_sizes import refuse_other_sizes

__all__ = ["RecordedEpochs", "epochs_beside", "epochs_of"]


class RecordedEpochs:
    """Epochs of one subject's recordings; any set of sensors can be taken from them.

    Parameters
    ----------
    everything : EpochSet
        The epochs of all sensors.
    cut_again : callable
        Given another preprocessing, returns the same epochs made with it.

    See Also
    --------
    epochs_of : Cut epochs from XDF files.
    calibration.p300.epochs.EpochSet : What `all` and `of` return.

    Examples
    --------
    >>> epochs = EpochSet(
    ...     X=np.zeros((4, 2, 3)), y=np.array([True, False, False, True]),
    ...     letter=np.zeros(4, dtype=int), run=np.zeros(4, dtype=int), code=np.array([1, 2, 2, 1]),
    ...     time=np.arange(4.0), peak_to_peak=np.zeros((4, 2)), rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0),
    ... )
    >>> recorded = RecordedEpochs(epochs, cut_again=lambda preprocessing: epochs)
    >>> recorded.all().X.shape, recorded.of(("Pz",)).X.shape
    ((4, 2, 3), (4, 1, 3))
    """

    def __init__(
        self, everything: EpochSet, cut_again: Callable[[Preprocessing], EpochSet]
    ) -> None:
        self._everything = everything
        self._cut_again = cut_again
        # The text is why the epochs cannot be cut so.
        self._variants: dict[tuple[FilterSpec, EpochSpec], RecordedEpochs | str] = {}

    def all(self) -> EpochSet:
        """Return the epochs of all sensors."""
        return self._everything

    def of(self, ch_names: tuple[str, ...]) -> EpochSet:
        """Return the epochs of some sensors, made as if only these had been recorded.

        Raises
        ------
        BciError
            If a sensor is missing, or an average reference cannot be made for these sensors.
        """
        own = self._everything.preprocessing
        if ch_names == own.ch_names:
            return self._everything
        preprocessing = msgspec.structs.replace(own, ch_names=ch_names)
        if own.reference != "recorded" or not set(ch_names) <= set(own.ch_names):
            # An average reference is the average of these sensors: the signal itself changes.
            # And the chain knows which sensors other spellings mean.
            return self._cut_again(preprocessing)
        kept = [own.ch_names.index(name) for name in ch_names]
        return msgspec.structs.replace(
            self._everything,
            X=self._everything.X[:, kept],
            peak_to_peak=self._everything.peak_to_peak[:, kept],
            preprocessing=preprocessing,
        )

    def variant(self, filter: FilterSpec, epoch: EpochSpec) -> "RecordedEpochs":
        """Return the same recordings, cut with another filter and other latencies.

        They are cut once, and kept; what cannot be cut is not tried again.

        Raises
        ------
        RecordingError
            If not every epoch can be cut again with these.
        """
        own = self._everything.preprocessing
        if (filter, epoch) == (own.filter, own.epoch):
            return self
        if (filter, epoch) not in self._variants:
            other = msgspec.structs.replace(own, filter=filter, epoch=epoch)
            try:
                cut = RecordedEpochs(self._cut_again(other), self._cut_again)
            except RecordingError as error:
                self._variants[filter, epoch] = str(error)
            else:
                self._variants[filter, epoch] = cut
        found = self._variants[filter, epoch]
        if isinstance(found, str):
            raise RecordingError(found)
        return found

    def made_with(self, preprocessing: Preprocessing) -> EpochSet:
        """Return the epochs as a decoder with this preprocessing gets them."""
        variant = self.variant(preprocessing.filter, preprocessing.epoch)
        return variant.of(preprocessing.ch_names)

    def on(self, ch_names: tuple[str, ...]) -> "RecordedEpochs":
        """Return the same recordings with some sensors as all there are."""
        return RecordedEpochs(self.of(ch_names), self._cut_again)


def epochs_of(
    paths: Sequence[Path],
    config: Config,
    trials: frozenset[int] = frozenset(),
    opened: Callable[[str], None] = lambda _: None,
    beside: Sequence[CutBeside] = (),
) -> RecordedEpochs:
    """Run recordings through the online chain.

    Parameters
    ----------
    paths : sequence of Path
        XDF files of one subject and one amplifier, in the order they were recorded.
    config : Config
        Streams, markers, filter, latencies.
    trials : frozenset of int
        Only these letters, counted over all recordings from 1; all if empty.
    opened : callable
        Called with the name of each recording.
    beside : sequence of CutBeside
        Keep other epochs of the same flashes.

    Returns
    -------
    recorded : RecordedEpochs
        The epochs of the chosen letters; without letters all epochs.

    Raises
    ------
    BciError
        If a recording cannot be used, two differ in size, or there are fewer letters than `trials`
        names.

    See Also
    --------
    calibration.p300.labelled_epochs.labelled_epochs : The same for any source.
    calibration.motor_imagery.windows.windows_of : The same for imagery.
    calibration.p300.methods.FlashMethod : Learns from them.

    Examples
    --------
    A simulated subject copies two letters:

    >>> import tempfile
    >>> from bci_online.config import Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=1),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz")),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "AB", recording, seed=0)
    ...     recorded = epochs_of([recording], config, trials=frozenset({2}))
    >>> len(recorded.all())
    12
    """
    sources = sources_of(paths, config)
    recorded = labelled_epochs(sources, config, None, opened, beside=beside)
    chosen = _chosen_of(paths, recorded, trials)
    again = _CutAgain(
        paths=tuple(paths), config=config, ch_names=recorded.preprocessing.ch_names,
        run=recorded.run, time=recorded.time, rows=_rows(recorded, trials),
    )  # fmt: skip
    return RecordedEpochs(chosen, again)


def epochs_beside(cut: CutBeside, paths: Sequence[Path], trials: frozenset[int]) -> EpochSet:
    """Return epochs that were cut beside those of a training; if they were not, cut them alone.

    Parameters
    ----------
    cut : CutBeside
        What they are.
    paths, trials : sequence of Path, frozenset of int
        As for `epochs_of`.

    Returns
    -------
    epochs : EpochSet
        Of all channels.

    Raises
    ------
    RecordingError
        If no epoch can be cut so.

    See Also
    --------
    epochs_of : Cuts them beside its own.

    Examples
    --------
    Epochs of 2 s from 1 s before each flash on, of the same flashes:

    >>> import tempfile
    >>> from bci_online.config import Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=1),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz")),
    ... )
    >>> cut = CutBeside(-1.0, EpochSpec(tmin=0.0, tmax=2.0, step=0.1), config)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "AB", recording, seed=0)
    ...     own = epochs_of([recording], config, beside=[cut]).all()
    ...     beside = epochs_beside(cut, [recording], frozenset())
    >>> own.X.shape[:2], beside.X.shape
    ((24, 2), (24, 2, 21))
    """
    found = cut.found()
    if found is None:
        epochs = epochs_of(paths, cut.config, trials).all()
    else:
        epochs = _chosen_of(paths, found, trials)
    return msgspec.structs.replace(epochs, X=epochs.X[:, :, :: cut.every])


def _chosen_of(paths: Sequence[Path], epochs: EpochSet, trials: frozenset[int]) -> EpochSet:
    """Return the epochs of the chosen letters; without letters all."""
    names = [path.name for path in paths]
    refuse_other_sizes(names, epochs.run, epochs.peak_to_peak, epochs.preprocessing.unit)
    rows = _rows(epochs, trials)
    return _with_outside(epochs, trials)[rows]


class _CutAgain(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Runs recordings through the chain again; other processes can have it, unlike a closure.

    ``run``, ``time`` and ``ch_names`` are those of all epochs of the first time, ``rows`` those
    that were taken.
    """

    paths: tuple[Path, ...]
    config: Config
    ch_names: tuple[str, ...]
    run: NDArray[np.int64]
    time: NDArray[np.float64]
    rows: NDArray[np.int64]

    def __call__(self, preprocessing: Preprocessing) -> EpochSet:
        again = labelled_epochs(sources_of(self.paths, self.config), self.config, preprocessing)
        if np.array_equal(again.run, self.run) and np.array_equal(again.time, self.time):
            return again[self.rows]
        where = ", ".join(map(str, self.paths))
        if preprocessing.ch_names != self.ch_names:
            raise RecordingError(
                f"{where}: losses differ between sensors, which an average reference cannot "
                "repair; set eeg.reference = 'recorded'"
            )
        raise RecordingError(
            f"{where}: losses lie so that other flashes have an epoch in this band and at these "
            "latencies; keep the band and the latencies of the other epochs"
        )


def _with_outside(epochs: EpochSet, trials: frozenset[int]) -> EpochSet:
    """Add a note if flashes lie in no letter while others lie in one."""
    n_outside = int(np.count_nonzero(epochs.letter == NO_LETTER))
    if trials or not 0 < n_outside < len(epochs):
        return epochs
    return msgspec.structs.replace(epochs, notes=(*epochs.notes, outside_letters(n_outside).text))


def _rows(epochs: EpochSet, trials: frozenset[int]) -> NDArray[np.int64]:
    """Return the epochs that take part: of the chosen letters, else in a letter if any is."""
    in_letter = epochs.letter != NO_LETTER
    kept = in_letter if in_letter.any() else np.ones(len(epochs), dtype=bool)
    if trials:
        beyond = sorted(trial for trial in trials if trial > len(epochs.letters))
        if beyond:
            n = len(epochs.letters)
            raise BciError(f"--trials: trial {beyond[0]} does not exist, {n} are recorded")
        kept = np.isin(epochs.letter, [trial - 1 for trial in trials])
    return np.flatnonzero(kept)
