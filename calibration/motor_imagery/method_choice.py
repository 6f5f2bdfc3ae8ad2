"""The method of a training on imagery, and its windows; ``--method auto`` tries several."""

from typing import NamedTuple

import numpy as np

from bci_online.config import Config
from bci_online.errors import BciError
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

__all__ = ["Prepared", "prepared", "right_whole"]


class Prepared(NamedTuple):
    """A method with the windows that it learns from.

    Parameters
    ----------
    method : ImageryMethod
        The one that was asked for, or chosen.
    config : Config
        As the method needs it.
    windows : WindowSet
        Of all recordings.
    notes : tuple of str
        What the user should know, one line each.

    See Also
    --------
    prepared : Makes it.
    """

    method: ImageryMethod
    config: Config
    windows: WindowSet
    notes: tuple[str, ...]


def prepared(request: TrainingRequest, progress: TrainingProgress = NO_PROGRESS) -> Prepared:
    """Return the method of a request with its windows; ``auto`` is the best of `CANDIDATES`.

    The candidates are compared by the held-out trials that are right with the evidence of the whole
    trial. All have the same trials and folds. The choice is not made again in the folds of the
    printed figures: of several methods the best one looks a little too good there, and a note says
    so.

    Parameters
    ----------
    request : TrainingRequest
        Checked by `check_request`.
    progress : TrainingProgress
        Called while recordings are read.

    Returns
    -------
    prepared : Prepared
        Evidence reaches as far as the trials of the recordings last.

    Raises
    ------
    BciError
        If a recording cannot be read or trained on.

    See Also
    --------
    calibration.p300.method_choice.AutomaticMethod : The same for flashes.

    Examples
    --------
    >>> Prepared._fields
    ('method', 'config', 'windows', 'notes')
    """
    config = request.config
    seconds = trial_seconds(sources_of(request.recordings, config), config)
    config, notes = with_trial_length(config, seconds)
    if request.method != AUTO or request.network is not None:
        return _with_windows(method_of(request, progress), config, notes, request, progress)
    tried, left_out = _tried(config, request, progress)
    if len(tried) == 1:
        return tried[0]._replace(notes=(*notes, *left_out, *tried[0].notes))
    right = [right_whole(one) for one in tried]
    best = tried[int(np.argmax(right))]
    n_trials = sum(trial.cued for trial in best.windows.trials)
    counts = ", ".join(f"{one.method.name} {n}" for one, n in zip(tried, right, strict=True))
    said = (
        f"auto: of {n_trials} held-out trials {counts} right; {best.method.name} is taken, and "
        "chosen on these trials its figures are a little too good"
    )
    return best._replace(notes=(*notes, *left_out, said, *best.notes))


def _tried(
    config: Config, request: TrainingRequest, progress: TrainingProgress
) -> tuple[list[Prepared], list[str]]:
    """Return the candidates, and what is to be said of those that the recordings do not allow."""
    first, *others = CANDIDATES
    tried, left_out = [_with_windows(first, config, (), request, progress)], []
    for method in others:
        try:
            same = next((one for one in tried if _has_windows_of(one, method, config)), None)
            tried.append(
                _with_windows(method, config, (), request, progress)
                if same is None
                else same._replace(method=method)
            )
        except BciError as error:
            # A bank of bands needs a higher sampling rate than one band does.
            left_out.append(f"auto: {method.name} is left out: {error}")
    return tried, left_out


def _has_windows_of(tried: Prepared, method: ImageryMethod, config: Config) -> bool:
    """Return whether windows that were cut for another method are this one's, too."""
    own, _ = method.configured(config)
    return own == tried.config and method.needs_samples == tried.method.needs_samples


def right_whole(candidate: Prepared) -> int:
    """Return how many held-out trials are right with the evidence of the whole trial.

    Parameters
    ----------
    candidate : Prepared
        It is fitted again in every fold.

    Returns
    -------
    right : int
        Cues for a class that were decided for it.

    See Also
    --------
    calibration.motor_imagery.evaluation.evaluate : All figures.

    Examples
    --------
    `prepared` uses it; the folds are those of the evaluation.

    >>> right_whole.__annotations__["return"]
    <class 'int'>
    """
    method, config, windows, _ = candidate
    right = 0
    for train, test in held_out_folds(windows)[1]:
        decoder = method.fit(windows, train, config, stopping=False)
        for decision in decisions(decoder, windows[test], dynamic=False):
            trial = windows.trials[decision.trial - 1]
            right += trial.cued and decision.value == trial.label
    return right


def _with_windows(
    method: ImageryMethod,
    config: Config,
    notes: tuple[str, ...],
    request: TrainingRequest,
    progress: TrainingProgress,
) -> Prepared:
    own, said = method.configured(config)
    windows = windows_of(
        request.recordings, own, request.trials, progress.opened, method.needs_samples
    )
    return Prepared(method, own, windows, (*notes, *said))
