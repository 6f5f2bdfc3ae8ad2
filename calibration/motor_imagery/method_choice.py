"""The method of a training on imagery, and its windows; ``--method auto`` tries several."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, Tried
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from bci_online.errors import BciError
from bci_online.metrics import proportion_interval
from calibration.chain_runs import sources_of
from calibration.method_names import AUTO
from calibration.motor_imagery.methods import CANDIDATES, ImageryMethod, method_of
from calibration.motor_imagery.offline_decisions import decisions
from calibration.motor_imagery.trial_folds import held_out_folds
from calibration.motor_imagery.trial_length import trial_seconds, with_trial_length
from calibration.motor_imagery.window_set import WindowSet
from calibration.motor_imagery.windows import windows_of
from calibration.progress import NO_PROGRESS, TrainingProgress
from calibration.training_request import TrainingRequest

__all__ = ["Choice", "Prepared", "prepared"]


class Prepared(NamedTuple):
    """A method with the windows that it learns from.

    Parameters
    ----------
    method : ImageryMethod
        Fits a decoder.
    config : Config
        As the method needs it.
    windows : WindowSet
        Of all recordings.
    notes : tuple of str
        What the user should know, one line each.

    See Also
    --------
    Choice : Several of them.
    prepared : Makes both.

    Examples
    --------
    >>> Prepared._fields
    ('method', 'config', 'windows', 'notes')
    """

    method: ImageryMethod
    config: Config
    windows: WindowSet
    notes: tuple[str, ...] = ()

    def trained(
        self, trials: NDArray[np.int64], stopping: bool = True
    ) -> tuple[Decoder, WindowSet]:
        """Return a decoder that has learnt from these trials, and all windows cut for it."""
        rows = np.flatnonzero(np.isin(self.windows.trial, trials))
        return self.method.fit(self.windows, rows, self.config, stopping), self.windows

    def right(self, trials: NDArray[np.int64]) -> dict[int, bool]:
        """Return whether each of these trials is right when held out, with its whole evidence."""
        known, found = self.windows.of_trials(trials), {}
        for train, test in held_out_folds(known)[1]:
            decoder, _ = self.trained(np.unique(known.trial[train]), stopping=False)
            for decision in decisions(decoder, known[test], dynamic=False):
                trial = known.trials[decision.trial - 1]
                if trial.cued and trial.label in known.classes:
                    found[decision.trial - 1] = decision.value == trial.label
        return found


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Several methods, of which the training trials choose one.

    Every candidate decides the same held-out trials, each with the evidence of the whole trial. The
    first one is taken that is right at most one standard error less often than the best. The error
    is that of the paired difference. An evaluation makes the whole choice again in each fold.

    Parameters
    ----------
    candidates : tuple of Prepared
        From the simplest on.
    progress : TrainingProgress
        Called with each candidate. Once interrupted, the best is taken of those that were tried.
    notes : tuple of str
        What the user should know, one line each.

    See Also
    --------
    prepared : Makes one.
    calibration.p300.method_choice.AutomaticMethod : The same for flashes.

    References
    ----------
    Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, 7.10: the rule of
    one standard error.

    Examples
    --------
    `prepared` makes one with all that the recordings allow:

    >>> Choice(candidates=()).notes
    ()
    """

    candidates: tuple[Prepared, ...]
    progress: TrainingProgress = NO_PROGRESS
    notes: tuple[str, ...] = ()

    @property
    def windows(self) -> WindowSet:
        """Those of the first candidate; all have the same trials."""
        return self.candidates[0].windows

    def trained(self, trials: NDArray[np.int64]) -> tuple[Decoder, WindowSet]:
        """Return the decoder of the best candidate on these trials, and windows cut for it."""
        if len(self.candidates) == 1:
            return self.candidates[0].trained(trials)
        tries: list[dict[int, bool]] = []
        seconds: list[float] = []
        for number, one in enumerate(self.candidates):
            if tries and self.progress.interrupted():
                break
            said = f"{number} of {len(self.candidates)} methods tried, now {one.method.name}"
            self.progress.passed(said)
            started = time.perf_counter()
            tries.append(one.right(trials))
            seconds.append(time.perf_counter() - started)
        tried = _compared(self.candidates, tries, seconds)
        taken = next(number for number, one in enumerate(tried) if one.is_as_good)
        decoder, windows = self.candidates[taken].trained(trials)
        header = msgspec.structs.replace(decoder.header, tried=tried)
        return make_decoder(header, dict(decoder.arrays)), windows

    def notes_of(self, method: str) -> tuple[str, ...]:
        """Return what the user should know if a method is taken."""
        own = next((one.notes for one in self.candidates if one.method.name == method), ())
        return (*self.notes, *own)


def prepared(request: TrainingRequest, progress: TrainingProgress = NO_PROGRESS) -> Choice:
    """Return the method of a request with its windows; for ``auto`` all of `CANDIDATES`.

    Parameters
    ----------
    request : TrainingRequest
        Checked by `check_request`.
    progress : TrainingProgress
        Called while recordings are read, and with each method that is tried.

    Returns
    -------
    choice : Choice
        Of one method or several. Evidence reaches as far as the trials of the recordings last.

    Raises
    ------
    BciError
        If a recording cannot be read or trained on.

    See Also
    --------
    calibration.p300.methods.method_of : The same for flashes.

    Examples
    --------
    >>> prepared.__annotations__["return"].__name__
    'Choice'
    """
    config = request.config
    seconds = trial_seconds(sources_of(request.recordings, config), config)
    config, notes = with_trial_length(config, seconds)
    if request.method != AUTO or request.network is not None:
        named = _with_windows(method_of(request, progress), config, request, progress)
        return Choice(candidates=(named,), progress=progress, notes=notes)
    first, *others = CANDIDATES
    candidates, left_out = [_with_windows(first, config, request, progress)], []
    for method in others:
        try:
            same = next((one for one in candidates if _has_windows_of(one, method, config)), None)
            candidates.append(
                _with_windows(method, config, request, progress)
                if same is None
                else same._replace(method=method)
            )
        except BciError as error:
            # A bank of bands needs a higher sampling rate than one band does.
            left_out.append(f"auto: {method.name} is left out: {error}")
    return Choice(candidates=tuple(candidates), progress=progress, notes=(*notes, *left_out))


def _compared(
    candidates: Sequence[Prepared], tries: Sequence[dict[int, bool]], seconds: Sequence[float]
) -> tuple[Tried, ...]:
    """Return what the tries are worth on the trials that all of them decided."""
    common = sorted(set.intersection(*map(set, tries)))
    rights = [np.array([right[trial] for trial in common], dtype=float) for right in tries]
    best = max(rights, key=np.sum)
    found = []
    # After an interruption there are fewer tries than candidates.
    for one, right, spent in zip(candidates, rights, seconds, strict=False):
        low, high = proportion_interval(int(right.sum()), right.size)
        found.append(
            Tried(
                method=one.method.name,
                h_freq=one.config.filter.h_freq,
                step=one.config.window.step,
                held_out=(low, float(right.mean()), high),
                behind=float(np.mean(best - right)),
                # McNemar's: of two equal methods. A lead of one trial is within it.
                error=float(np.sqrt(np.sum((best - right) ** 2)) / right.size),
                seconds=spent,
            )
        )
    return tuple(found)


def _has_windows_of(other: Prepared, method: ImageryMethod, config: Config) -> bool:
    """Return whether windows that were cut for another method are this one's, too."""
    own, _ = method.configured(config)
    return own == other.config and method.needs_samples == other.method.needs_samples


def _with_windows(
    method: ImageryMethod, config: Config, request: TrainingRequest, progress: TrainingProgress
) -> Prepared:
    own, notes = method.configured(config)
    windows = windows_of(
        request.recordings, own, request.trials, progress.opened, method.needs_samples
    )
    return Prepared(method, own, windows, notes)
