"""Other epochs of the same flashes, kept while recordings run through the chain for a training."""

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, EpochSpec, Preprocessing
from bci_online.errors import RecordingError
from bci_online.markers import Event
from bci_online.messages import Epoch, Message, Rejected, Score
from bci_online.preprocessing.artefacts import artefact_limits
from bci_online.preprocessing.cutting import Cutting, cutting_of
from calibration.bad_channels import dead_channels, loud_channels
from calibration.chain_runs import ChainRuns
from calibration.p300.answer_collector import AnswerCollector
from calibration.p300.epochs import EpochSet, Letter, stacked
from calibration.p300.flash_collector import FlashCollector

__all__ = ["CutBeside", "collector_of", "judged"]

MOST_VALUES = 40_000_000


class CutBeside:
    """Epochs that begin at another time and have other latencies than those of a training.

    They are kept in single precision, and forty million values of them at most: they are longer
    than a training's, and checks alone look at them. Hours of recording would be gigabytes.

    Parameters
    ----------
    first_s : float
        When they begin, in seconds after each flash; negative for before.
    latencies : EpochSpec
        Counted from there; they may be coarser than the band allows a training.
    config : Config
        Of the training.

    Attributes
    ----------
    config : Config
        Cuts these epochs alone.
    every : int
        Each such latency of `config` is one of those that were asked for.

    See Also
    --------
    calibration.p300.labelled_epochs.labelled_epochs : Cuts them beside others.
    calibration.p300.recorded_epochs.epochs_of : Takes it.

    Examples
    --------
    >>> cut = CutBeside(-1.0, EpochSpec(tmin=0.0, tmax=2.0, step=0.1), Config())
    >>> cut.config.markers.display_delay, cut.every, cut.found() is None
    (-1.0, 2, True)
    """

    def __init__(self, first_s: float, latencies: EpochSpec, config: Config) -> None:
        self._first_s, self._step_s = first_s, latencies.step
        delay = config.markers.display_delay + first_s
        shifted = msgspec.structs.replace(config.markers, display_delay=delay)
        # A wide band needs finer latencies. They are cut, and those that were asked for are kept.
        self.every = math.ceil(2 * config.filter.h_freq * latencies.step - 1e-9)
        fine = msgspec.structs.replace(latencies, step=latencies.step / self.every)
        self.config = msgspec.structs.replace(config, markers=shifted, epoch=fine)
        self._letters: list[Letter] = []
        self._runs: list[FlashCollector] = []
        self._made: Preprocessing | None = None
        self._found: EpochSet | RecordingError | None = None
        self._n_values, self._one_of = 0, 1

    def between(
        self, X: NDArray[Any], start_s: float, stop_s: float, every: int = 1
    ) -> NDArray[Any]:
        """Return what lies between two times after each flash, the first and the last included.

        Parameters
        ----------
        X : ndarray, shape (..., n_times)
            At the latencies that were asked for.
        start_s, stop_s : float
            In seconds, of such latencies.
        every : int
            Only each such latency.
        """
        first, last = (round((at - self._first_s) / self._step_s) for at in (start_s, stop_s))
        return X[..., first : last + 1 : every]

    def begin(self, made: Preprocessing) -> tuple[Cutting, FlashCollector] | None:
        """Return what cuts and keeps a recording's epochs; None where they cannot be so long."""
        delay, epoch = self.config.markers.display_delay, self.config.epoch
        try:
            self._made = msgspec.structs.replace(made, display_delay=delay, epoch=epoch)
        except ValueError:
            return None
        collector = _Light(len(self._runs), self.config, self._letters, self._is_wanted)
        self._runs.append(collector)
        return cutting_of(self._made), collector

    def _is_wanted(self, epoch: Epoch) -> bool:
        """Return whether to keep an epoch; where all are too many, others are dropped for it."""
        if not self._is_among(epoch):
            return False
        self._n_values += epoch.data.size
        while self._n_values > MOST_VALUES:
            self._one_of *= 2
            for run in self._runs:
                run.rows = [row for row in run.rows if self._is_among(row[0])]
            self._n_values = sum(row[0].data.size for run in self._runs for row in run.rows)
        return self._is_among(epoch)

    def _is_among(self, epoch: Epoch) -> bool:
        # As good as at random, whatever the order of the flashes, and the same each time.
        return epoch.onset * 2654435761 % 2**32 < 2**32 // self._one_of

    def keep(self, found: ChainRuns[FlashCollector]) -> None:
        """Keep what else was found in the recordings, once all have run."""
        if self._made is None:
            return
        try:
            bad, epochs = judged(
                found.with_runs(self._runs), self._letters, self.config, self._made
            )
        except RecordingError as error:
            self._found = error
        else:
            self._found = None if bad else epochs
        # Their epochs are in the set as well.
        self._runs, self._letters = [], []

    def found(self) -> EpochSet | None:
        """Return the epochs; None if they must be cut alone, without channels that are bad.

        Raises
        ------
        RecordingError
            If there is no such epoch.
        """
        if isinstance(self._found, RecordingError):
            raise self._found
        return self._found


class _Light(FlashCollector):
    """Keeps the epochs that are wanted, in single precision."""

    def __init__(
        self, run: int, config: Config, letters: list[Letter], is_wanted: Callable[[Epoch], bool]
    ) -> None:
        super().__init__(run, config, letters)
        self._is_wanted = is_wanted

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        if isinstance(outcome, Epoch):
            if not self._is_wanted(outcome):
                return super().push(event, time, None)
            outcome = msgspec.structs.replace(outcome, data=outcome.data.astype(np.float32))
        return super().push(event, time, outcome)


def collector_of(config: Config) -> type[FlashCollector]:
    """Return what keeps the epochs that a configuration asks for: of flashes, or of answers.

    Parameters
    ----------
    config : Config
        Says what epochs follow.

    Returns
    -------
    collector : type
        Makes a collector for each recording.

    See Also
    --------
    calibration.p300.flash_collector.FlashCollector : Of flashes.
    calibration.p300.answer_collector.AnswerCollector : Of answers.

    Examples
    --------
    >>> collector_of(Config()).__name__
    'FlashCollector'
    """
    return AnswerCollector if config.epoch.after == "feedback" else FlashCollector


def judged(
    found: ChainRuns[FlashCollector],
    letters: list[Letter],
    config: Config,
    made: Preprocessing | None,
) -> tuple[dict[str, str], EpochSet | None]:
    """Return the channels that are dead or far too loud, and the epochs.

    Parameters
    ----------
    found, letters, config, made : ChainRuns, list of Letter, Config, Preprocessing or None
        As for `calibration.p300.epochs.stacked`.

    Returns
    -------
    bad : dict of str to str
        Why, by name.
    epochs : EpochSet or None
        None where a channel is dead: it may leave no epoch.

    Raises
    ------
    RecordingError
        If no channel is dead, and there is no labelled epoch.

    See Also
    --------
    collector_of : What keeps the epochs.

    Examples
    --------
    >>> judged(ChainRuns([]), [], Config(), None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.RecordingError: no recording: no flash/...
    """
    if made is not None:
        bad = dead_channels(found.bad_channels, found.n_samples / made.sfreq)
        if bad:
            return bad, None
    epochs = stacked(found, letters, config, made)
    limits = artefact_limits(epochs.peak_to_peak, config.artefacts.k)
    return loud_channels(epochs.peak_to_peak, limits, epochs.preprocessing), epochs
