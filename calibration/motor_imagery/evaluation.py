"""Figures of held-out imagery: everything is redone without the trials that are decided."""

from collections.abc import Callable
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import REST
from bci_online.decoding.decoder import Decoder
from bci_online.errors import RecordingError
from bci_online.messages import Decision
from bci_online.metrics import itr_bits_per_min, proportion_interval
from bci_online.paradigms.motor_imagery.results import imagery_results
from calibration.motor_imagery.offline_decisions import decided, decisions
from calibration.motor_imagery.trial_folds import held_out_folds
from calibration.motor_imagery.window_set import NO_CLASS, WindowSet

__all__ = ["Outcome", "Trainable", "evaluate"]


class Trainable(Protocol):
    """A method, or the choice of one, with the windows of all recordings.

    See Also
    --------
    calibration.motor_imagery.method_choice.Prepared : One method.
    calibration.motor_imagery.method_choice.Choice : The best of several.
    """

    @property
    def windows(self) -> WindowSet:
        """Their trials are what is held out in turn."""
        ...

    def trained(self, trials: NDArray[np.int64]) -> tuple[Decoder, WindowSet]:
        """Return a decoder that has learnt from these trials alone, and windows cut for it."""
        ...


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What held-out trials say about a method.

    Parameters
    ----------
    split : {"run", "trial"}
        How the folds were made.
    n_folds, trials : int
        How many folds and held-out trials there are.
    right_whole : int
        Trials that are right with the evidence of the whole trial.
    whole_ci : tuple of float
        95 % interval of their share.
    right, decided : int
        Trials that are right, and that get a decision, with the stopping rule. The others time out,
        which counts as wrong.
    right_ci : tuple of float
        95 % interval of the share that is right.
    seconds : float, optional
        Median time from cue to decision.
    itr_bits_per_min : float
        Over the whole time of the recordings.
    n_false, rest_min : int, float
        Decisions for a class at rest, and the minutes of rest in which one could come: between
        trials, and after cues for rest if rest is no class.
    false_per_min, false_ci : float, tuple of float, optional
        False activations per minute of rest, with the 95 % interval; None without rest.
    rest_cues, rest_cues_kept : int
        Cues for rest if rest is no class, and those after which nothing was decided.
    confusion : dict
        Number of trials by the class of the cue and the decided class.
    without_windows : int
        Trials of which the method has no window; each is a timeout, as it would be online.

    See Also
    --------
    evaluate : Returns one; has an example.
    calibration.p300.evaluation.Outcome : The same for flashes.
    """

    split: str
    n_folds: int
    trials: int
    right_whole: int
    whole_ci: tuple[float, float]
    right: int
    right_ci: tuple[float, float]
    decided: int
    seconds: float | None
    itr_bits_per_min: float
    n_false: int
    rest_min: float
    false_per_min: float | None
    false_ci: tuple[float, float] | None
    rest_cues: int
    rest_cues_kept: int
    confusion: dict[str, dict[str, int]]
    without_windows: int = 0


def evaluate(
    prepared: Trainable, progress: Callable[[int, int], None] = lambda done, of: None
) -> Outcome:
    """Train and test on splits by run or by trial.

    Parameters
    ----------
    prepared : Trainable
        It is trained again in every fold; a choice between methods is made again, too.
    progress : callable
        Called with the number of folds that are done, and the number of all.

    Returns
    -------
    outcome : Outcome
        Right decisions of held-out trials, with 95 % intervals.

    Raises
    ------
    RecordingError
        If a fold cannot be trained on.

    See Also
    --------
    calibration.motor_imagery.offline_decisions.decisions : The decisions that are counted.
    calibration.p300.evaluation.evaluate : The same for flashes.

    Examples
    --------
    Twenty trials of three windows. In each class another channel is louder:

    >>> from bci_online.config import Config, EvidenceSpec, Preprocessing, WindowSpec
    >>> from calibration.motor_imagery.method_choice import Prepared
    >>> from calibration.motor_imagery.methods import CSP_LDA
    >>> from calibration.motor_imagery.window_set import ImageryTrial
    >>> classes = ("left_hand", "right_hand")
    >>> trial = np.repeat(np.arange(20), 3)
    >>> X = np.random.default_rng(0).normal(size=(60, 2, 100))
    >>> X[np.arange(60), trial % 2] *= 3.0
    >>> windows = WindowSet(
    ...     X=tuple(X), y=trial % 2, trial=trial, run=np.zeros(60, dtype=int), rejected={},
    ...     time=8.0 * trial + np.tile([0.5, 1.0, 1.5], 20), peak_to_peak=np.ones((60, 2)),
    ...     trials=tuple(ImageryTrial(0, classes[n % 2], 8.0 * n) for n in range(20)),
    ...     preprocessing=Preprocessing(
    ...         ch_names=("C3", "C4"), sfreq=100.0, window=WindowSpec(length=1.0, step=0.5),
    ...         interval=EvidenceSpec(tmin=0.5, tmax=2.5),
    ...     ),
    ...     classes=classes, seconds=160.0,
    ... )
    >>> outcome = evaluate(Prepared(CSP_LDA, Config(paradigm="motor_imagery"), windows))
    >>> outcome.split, outcome.right_whole, outcome.trials
    ('trial', 20, 20)
    """
    windows = prepared.windows
    split, folds = held_out_folds(windows)
    whole: list[Decision] = []
    stopped: list[Decision] = []
    rest: list[Decision] = []
    n_without = 0
    for done, (train, test) in enumerate(folds):
        progress(done, len(folds))
        try:
            decoder, own = prepared.trained(np.unique(windows.trial[train]))
        except RecordingError as error:
            raise RecordingError(f"fold {done + 1} of {len(folds)} by {split}: {error}") from None
        tested = own.of_trials(np.unique(windows.trial[test]))
        whole += [d for d in decisions(decoder, tested, dynamic=False) if _asked(windows, d)]
        for decision in decisions(decoder, tested):
            if _asked(windows, decision):
                stopped.append(decision)
            elif windows.trials[decision.trial - 1].label == REST:
                rest.append(decision)
        # Another method may need more samples, and so lack windows of a trial.
        held_out = windows.trial[test][windows.y[test] != NO_CLASS]
        lost = [*np.setdiff1d(held_out, tested.trial), *(windows.lost if done == 0 else ())]
        for number in map(int, lost):
            whole += decided(decoder, own, number, None, dynamic=False)
            stopped += decided(decoder, own, number, None)
        n_without += len(lost)
    progress(len(folds), len(folds))
    figures = _figures(windows, split, len(folds), whole, stopped, rest)
    return msgspec.structs.replace(figures, without_windows=n_without)


def _asked(windows: WindowSet, decision: Decision) -> bool:
    """Return whether a decision belongs to a cue for one of the classes."""
    trial = windows.trials[decision.trial - 1]
    return trial.cued and trial.label in windows.classes


def _figures(
    windows: WindowSet,
    split: str,
    n_folds: int,
    whole: list[Decision],
    stopped: list[Decision],
    rest: list[Decision],
) -> Outcome:
    """Return the figures of decisions with whole-trial evidence, with stopping, and at rest."""
    right_whole = sum(decision.value == decision.truth for decision in whole)
    right = sum(decision.value == decision.truth for decision in stopped)
    window = windows.preprocessing.window
    results = imagery_results(
        stopped, rest, windows.classes, 0.0 if window is None else window.step
    )
    after_cues = [d for d in rest if windows.trials[d.trial - 1].cued]
    n = len(stopped)
    accuracy = right / n if n else 0.0
    return Outcome(
        split=split,
        n_folds=n_folds,
        trials=n,
        right_whole=right_whole,
        whole_ci=proportion_interval(right_whole, len(whole)),
        right=right,
        right_ci=proportion_interval(right, n),
        decided=results.n_decided,
        seconds=results.seconds,
        itr_bits_per_min=itr_bits_per_min(len(windows.classes), accuracy, n, windows.seconds),
        n_false=results.n_false,
        rest_min=results.rest_min,
        false_per_min=results.false_per_min,
        false_ci=results.false_ci,
        rest_cues=len(after_cues),
        rest_cues_kept=sum(d.value is None for d in after_cues),
        confusion=results.confusion,
    )
