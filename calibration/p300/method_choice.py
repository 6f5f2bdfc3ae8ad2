"""`--method auto`: try several methods on the training epochs, and take the simplest good one."""

import time
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, EpochSpec, FilterSpec, Tried
from bci_online.errors import RecordingError
from bci_online.metrics import auc
from calibration.bootstrap import bootstrap_aucs
from calibration.folds import units
from calibration.p300.fitted import FittedDecoder
from calibration.p300.fitting import LinearMethod, Searched
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.training_request import SensorNumber

__all__ = ["CANDIDATES", "AutomaticMethod", "compared"]

FEW_FILTERS = ("xdawn-lda", "xdawn-bt", "xdawn")

CANDIDATES = (*FEW_FILTERS, "btlda", "lda")
"""From the fewest numbers to learn to the most; of equally good ones the first is taken."""

WIDER = FilterSpec(h_freq=12.0), EpochSpec(step=0.025)
"""A second band with finer latencies, tried beside that of a configuration that names none.

Which one is better depends on the subject and the amplifier. The epochs are as long as the
default's, so that each flash has an epoch of both kinds. Only methods on few filters gain by it.
"""

N_DRAWS = 200

Variants = list[tuple[RecordedEpochs, tuple[str, ...]]]
"""Epochs, and the methods to try on them."""


class AutomaticMethod(msgspec.Struct, frozen=True, kw_only=True):
    """The method that the training epochs are best for.

    Every candidate is scored in the inner folds of the same epochs. Taken is the simplest whose
    AUC is at most one standard error behind the best one's; the error is that of the difference,
    over whole letters. In an evaluation the whole choice is made again in each outer fold.

    Parameters
    ----------
    sensors : int or "auto", optional
        As for `LinearMethod`; every candidate has the same.
    preferred : tuple of str
        As for `LinearMethod`.

    See Also
    --------
    calibration.p300.fitting.LinearMethod : One candidate.
    compared : The rule.

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

    def fit(
        self,
        recorded: RecordedEpochs,
        rows: NDArray[np.int64],
        config: Config,
        resamples: int = 0,
    ) -> FittedDecoder:
        """Try every candidate on these epochs, and fit the one that is taken.

        Parameters
        ----------
        recorded : RecordedEpochs
            Gives the epochs for a set of sensors, a band and latencies.
        rows : ndarray of int
            The epochs to learn from; no other is used.
        config : Config
            Artefact limit, stopping rule.
        resamples : int
            As for `LinearMethod.fit`.

        Raises
        ------
        RecordingError
            If the epochs are too few to train on.
        """
        every, sensors = _variants(recorded, config), None
        if self.sensors is not None:
            # Once, and not by each candidate: all of them have the path of gsvm-2.
            ranked = LinearMethod(name="lda", sensors=self.sensors, preferred=self.preferred)
            sensors = ranked.search(recorded, rows, config, resamples).choice
            every = [(variant.on(sensors.sensors), names) for variant, names in every]
        methods, searched, seconds = [], [], []
        for variant, names in every:
            for name in names:
                started = time.perf_counter()
                searched.append(LinearMethod(name=name).search(variant, rows, config))
                methods.append(name)
                seconds.append(time.perf_counter() - started)
        tried = compared(methods, searched, seconds)
        taken = next(number for number, one in enumerate(tried) if one.is_as_good)
        fitted = searched[taken].fitted(config)
        choice = fitted.choice if sensors is None else sensors
        return msgspec.structs.replace(fitted, method=methods[taken], tried=tried, choice=choice)


def _variants(recorded: RecordedEpochs, config: Config) -> Variants:
    """Return the epochs as configured; and those of `WIDER` if nothing else was asked for."""
    as_configured: Variants = [(recorded, CANDIDATES)]
    if (config.filter, config.epoch) != (FilterSpec(), EpochSpec()):
        return as_configured
    try:
        return [*as_configured, (recorded.variant(*WIDER), FEW_FILTERS)]
    except RecordingError:
        # A loss can lie so that a flash has an epoch of one kind only.
        return as_configured


def compared(
    methods: Sequence[str], searched: Sequence[Searched], seconds: Sequence[float]
) -> tuple[Tried, ...]:
    """Return what each method's held-out scores are worth, and how far it is behind the best.

    Parameters
    ----------
    methods : sequence of str
        Names, as many as searches.
    searched : sequence of Searched
        Of the same recordings. Epochs that are an artefact for one of them count for none.
    seconds : sequence of float
        How long each search took.

    Returns
    -------
    tried : tuple of Tried
        In the same order.

    See Also
    --------
    calibration.bootstrap.bootstrap_aucs : The draws of the standard error.

    Examples
    --------
    Two methods that score the same four letters; the second one is right about every flash:

    >>> from bci_online.config import Preprocessing
    >>> from calibration.p300.epochs import EpochSet
    >>> from calibration.p300.sensor_choice import Choice
    >>> y = np.arange(40) % 4 == 0
    >>> epochs = EpochSet(
    ...     X=np.zeros((40, 1, 2)), y=y, letter=np.arange(40) // 10, run=np.zeros(40, dtype=int),
    ...     code=np.ones(40, dtype=int), time=np.arange(40.0), peak_to_peak=np.zeros((40, 1)),
    ...     rejected={}, letters=(), preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> noise = np.random.default_rng(0).normal(size=40)
    >>> scores = [y + noise, y + 0.1 * noise]
    >>> searched = [
    ...     Searched(epochs=epochs, model=None, limits=None, choice=Choice(sensors=("Cz",)),
    ...              held_out=held_out)
    ...     for held_out in scores
    ... ]
    >>> [tried.is_as_good for tried in compared(["poor", "good"], searched, [1.0, 1.0])]
    [False, True]
    """
    keys = [list(zip(one.epochs.run, one.epochs.time, strict=True)) for one in searched]
    common = set(keys[0]).intersection(*keys[1:])
    rows = [np.array([key in common for key in own]) for own in keys]
    scores = np.stack([one.held_out[kept] for one, kept in zip(searched, rows, strict=True)])
    seen = np.isfinite(scores).all(axis=0)
    epochs, scores = searched[0].epochs[np.flatnonzero(rows[0])[seen]], scores[:, seen]
    aucs = np.array([auc(epochs.y, own) for own in scores])
    draws = bootstrap_aucs(epochs.y, scores, units(epochs), N_DRAWS)
    best = int(aucs.argmax())
    # Without letters to draw there is no error, and only the best is as good as the best.
    low, high, errors = aucs, aucs, np.zeros_like(aucs)
    if np.isfinite(draws).any():
        low, high = np.nanpercentile(draws, [2.5, 97.5], axis=0)
        errors = np.nanstd(draws[:, [best]] - draws, axis=0)
    return tuple(
        Tried(
            method=name,
            h_freq=one.epochs.preprocessing.filter.h_freq,
            step=one.epochs.preprocessing.epoch.step,
            auc=(float(low[n]), float(aucs[n]), float(high[n])),
            behind=float(aucs[best] - aucs[n]),
            error=float(errors[n]),
            seconds=seconds[n],
        )
        for n, (name, one) in enumerate(zip(methods, searched, strict=True))
    )
