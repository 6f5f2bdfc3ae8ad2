"""`--method auto`: try several methods on the training epochs, and take the simplest good one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, EpochSpec, FilterSpec, Tried
from bci_online.errors import RecordingError
from bci_online.metrics import Z95
from calibration.networks.network_training import NetworkTraining
from calibration.p300.estimators import SUM
from calibration.p300.fitted import Fitted
from calibration.p300.fitting import LinearMethod
from calibration.p300.method_comparison import compared
from calibration.p300.networks import NetworkMethod
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.searched import search_together
from calibration.progress import NO_PROGRESS, Interrupted, TrainingProgress
from calibration.training_request import SensorNumber

__all__ = ["CANDIDATES", "AutomaticMethod", "names_epochs"]

FEW_FILTERS = ("xdawn-lda", "xdawn-bt", "xdawn")

ALL_SENSORS = ("btlda", "lda")

CANDIDATES = (*FEW_FILTERS, *ALL_SENSORS)
"""From the fewest numbers to learn to the most. Of equally good methods the first is taken."""

WIDER = FilterSpec(h_freq=12.0), EpochSpec(step=0.025)
"""A second band with finer latencies; it is tried, too, if the configuration names neither.

Which one is better depends on the subject and the amplifier. The epochs are as long as the
default's, so that each flash has an epoch of both kinds. Only methods with few filters profit.
"""

OF_NETWORKS = FilterSpec(l_freq=1.0, h_freq=16.0), EpochSpec(step=0.02)
"""Epochs for networks, if the configuration names neither a band nor latencies."""


class _Group(NamedTuple):
    """Methods to try on the same epochs: discriminants, or one network."""

    names: tuple[str, ...]
    recorded: RecordedEpochs
    network: NetworkMethod | None = None

    def tried(self, rows: NDArray[np.int64], config: Config) -> "list[_Try]":
        """Score them in inner folds."""
        searched: Sequence[Any]
        if self.network is None:
            searched = search_together(self.names, self.recorded, rows, config)
        else:
            searched = [self.network.search(self.recorded, rows, config)]
        return [
            _Try(name, self.recorded, one) for name, one in zip(self.names, searched, strict=True)
        ]


class _Try(NamedTuple):
    """A method that was scored in inner folds."""

    name: str
    recorded: RecordedEpochs
    searched: Any


class AutomaticMethod(msgspec.Struct, frozen=True, kw_only=True):
    """The method that the training epochs are best for.

    Every candidate is scored in the inner folds of the same epochs. The simplest one is taken
    whose AUC is at most one standard error below that of the best. The error is that of the
    difference, over whole letters. The sum of the best two of different kinds is tried last, and
    taken only if it is surely better than the best. An evaluation repeats the whole choice in each
    outer fold.

    Parameters
    ----------
    sensors : int or "auto", optional
        As for `LinearMethod`; every candidate has the same.
    preferred : tuple of str
        As for `LinearMethod`.
    networks : tuple of NetworkTraining
        Tried, too; with `sensors` they get the chosen sensors.
    progress : TrainingProgress
        Called with each candidate. Once interrupted, it takes the best of those that were tried.

    See Also
    --------
    calibration.p300.fitting.LinearMethod : One candidate.
    calibration.p300.method_comparison.compared : The rule.

    References
    ----------
    Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, 7.10: the rule of
    one standard error.

    Examples
    --------
    >>> AutomaticMethod().name
    'auto'
    """

    sensors: SensorNumber | None = None
    preferred: tuple[str, ...] = ()
    networks: tuple[NetworkTraining, ...] = ()
    progress: TrainingProgress = NO_PROGRESS

    @property
    def name(self) -> str:
        """Name as it is shown."""
        return "auto"

    @property
    def full_name(self) -> str:
        """Name in the decoder's header, before a method is chosen."""
        return self.name

    @property
    def ranks_sensors(self) -> bool:
        """True: every candidate can be measured against the number of sensors."""
        return True

    def shareable(self, recorded: RecordedEpochs, config: Config) -> Self | None:
        """Return the method without its progress; None with networks, which need this process."""
        if self.networks:
            return None
        if not names_epochs(config):
            _variant(recorded, WIDER, None)
        return msgspec.structs.replace(self, progress=NO_PROGRESS)

    def fit(
        self,
        recorded: RecordedEpochs,
        rows: NDArray[np.int64],
        config: Config,
        resamples: int = 0,
        stopping: bool = True,
    ) -> Fitted:
        """Try every candidate on these epochs, and fit the one that is taken.

        Parameters
        ----------
        recorded : RecordedEpochs
            Gives the epochs for a set of sensors, a band and latencies.
        rows : ndarray of int
            The epochs to learn from; no other is used.
        config : Config
            Artefact limit, stopping rule.
        resamples, stopping : int, bool
            As for `LinearMethod.fit`.

        Raises
        ------
        RecordingError
            If the epochs are too few to train on.
        """
        choice = None
        if self.sensors is not None:
            # Not by each candidate: the choice would be the same for all of them.
            ranked = LinearMethod(name="xdawn-lda", sensors=self.sensors, preferred=self.preferred)
            choice = ranked.search(recorded, rows, config, resamples).choice
        tries: list[_Try] = []
        searching = True

        def passed(text: str) -> None:
            self.progress.passed(text)
            if tries and searching and self.progress.interrupted():
                raise Interrupted

        sensors = None if choice is None else choice.sensors
        groups = list(self._groups(recorded, config, sensors, passed))
        n_methods = sum(len(group.names) for group in groups)
        for group in groups:
            try:
                passed(f"{len(tries)} of {n_methods} methods tried, now {', '.join(group.names)}")
                tries += group.tried(rows, config)
            except Interrupted:
                break
        searching = False
        tried = _compared(tries)
        taken = next(number for number, one in enumerate(tried) if one.is_as_good)
        if summed := _sum_of_best(tries, tried):
            tried = _compared([*tries, summed], against=_best(tried))
            # The sum is taken if it surely gains.
            if -tried[-1].behind > Z95 * tried[-1].error:
                taken = len(tries)
                summed = _Group((summed.name,), summed.recorded).tried(rows, config)[0]
            tries.append(summed)
        fitted = tries[taken].searched.fitted(config, stopping)
        choice = fitted.choice if choice is None else choice
        return msgspec.structs.replace(fitted, method=tries[taken].name, tried=tried, choice=choice)

    def _groups(
        self,
        recorded: RecordedEpochs,
        config: Config,
        sensors: tuple[str, ...] | None,
        passed: Callable[[str], None],
    ) -> Iterator[_Group]:
        """Yield the methods on epochs as configured, and on others if none are configured."""
        as_configured = recorded if sensors is None else recorded.on(sensors)
        wider: RecordedEpochs | None = None
        of_networks = as_configured if self.networks else None
        if not names_epochs(config):
            wider = _variant(recorded, WIDER, sensors)
            of_networks = _variant(recorded, OF_NETWORKS, sensors) if self.networks else None
        yield _Group(FEW_FILTERS, as_configured)
        yield _Group(ALL_SENSORS, as_configured)
        if wider is not None:
            yield _Group(FEW_FILTERS, wider)
        if of_networks is None:
            return
        for training in self.networks:
            network = NetworkMethod(training.watched(passed))
            yield _Group((network.name,), of_networks, network)


def names_epochs(config: Config) -> bool:
    """Return whether a configuration names a band or latencies; a training then keeps them.

    Parameters
    ----------
    config : Config
        Of a training.

    Returns
    -------
    named : bool
        False where both are the default's.

    See Also
    --------
    AutomaticMethod : Tries other epochs only where none are named.

    Examples
    --------
    >>> names_epochs(Config())
    False
    """
    return (config.filter, config.epoch) != (FilterSpec(), EpochSpec())


def _variant(
    recorded: RecordedEpochs, how: tuple[FilterSpec, EpochSpec], sensors: tuple[str, ...] | None
) -> RecordedEpochs | None:
    """Return the recordings cut in another way; None if not every flash has such an epoch."""
    try:
        cut = recorded.variant(*how)
    except RecordingError:
        # Beside a loss a flash may have an epoch of one kind only.
        return None
    return cut if sensors is None else cut.on(sensors)


def _compared(tries: Sequence[_Try], against: int | None = None) -> tuple[Tried, ...]:
    return compared([one.name for one in tries], [one.searched for one in tries], against)


def _best(tried: Sequence[Tried]) -> int:
    return int(np.argmax([one.held_out[1] for one in tried]))


def _sum_of_best(tries: Sequence[_Try], tried: Sequence[Tried]) -> _Try | None:
    """Return the sum of the best discriminant and the best of the other kind on its epochs.

    The scores of every fold are standardised already. So their sum is what the summed method would
    score in that fold, up to a factor that hardly differs between folds. This is enough to see
    whether the sum is better.
    """
    best = _best(tried)
    name, recorded, first = tries[best]
    partners = [
        number
        for number, one in enumerate(tries)
        if one.recorded is recorded
        and one.name in CANDIDATES
        and (one.name in FEW_FILTERS) != (name in FEW_FILTERS)
    ]
    if name not in CANDIDATES or not partners:
        return None
    other = tries[max(partners, key=lambda number: tried[number].held_out[1])]
    scores = first.held_out + other.searched.held_out
    summed = msgspec.structs.replace(first, held_out=scores, seconds=0.0)
    return _Try(SUM.join((name, other.name)), recorded, summed)
