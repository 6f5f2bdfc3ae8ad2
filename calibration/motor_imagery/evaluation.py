"""Figures of held-out imagery: everything is redone without the trials that are decided."""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from bci_online.config import REST, Config
from bci_online.decoding.decoder import Decoder
from bci_online.errors import RecordingError
from bci_online.markers import Cue
from bci_online.messages import Decision, Marker, Rejected, Score
from bci_online.metrics import itr_bits_per_min, proportion_interval
from bci_online.paradigms.motor_imagery.decision import MotorImagery
from bci_online.paradigms.motor_imagery.results import imagery_results
from bci_online.preprocessing.artefacts import artefacts
from bci_online.preprocessing.recentring import Recentring
from calibration.motor_imagery.methods import ImageryMethod
from calibration.motor_imagery.trial_folds import held_out_folds
from calibration.motor_imagery.window_set import WindowSet

__all__ = ["Outcome", "decisions", "evaluate"]


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
        The former by the latter, and its 95 % interval; None without rest.
    rest_cues, rest_cues_kept : int
        Cues for rest if rest is no class, and those after which nothing was decided.
    confusion : dict
        Number of trials by the class of the cue and the decided class.

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


def evaluate(
    windows: WindowSet,
    method: ImageryMethod,
    config: Config,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Outcome:
    """Train and test a method on splits by run or by trial.

    Parameters
    ----------
    windows : WindowSet
        As `windows_of` returns them.
    method : ImageryMethod
        It is fitted again in every fold.
    config : Config
        Artefact limit, stopping rule.
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
    decisions : The decisions that are counted.
    calibration.p300.evaluation.evaluate : The same for flashes.

    Examples
    --------
    Twenty trials of three windows. In each class another channel is louder:

    >>> from bci_online.config import EvidenceSpec, Preprocessing, WindowSpec
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
    >>> outcome = evaluate(windows, CSP_LDA, Config(paradigm="motor_imagery"))
    >>> outcome.split, outcome.right_whole, outcome.trials
    ('trial', 20, 20)
    """
    split, folds = held_out_folds(windows)
    whole: list[Decision] = []
    stopped: list[Decision] = []
    rest: list[Decision] = []
    for done, (train, test) in enumerate(folds):
        progress(done, len(folds))
        try:
            decoder = method.fit(windows, train, config)
        except RecordingError as error:
            raise RecordingError(f"fold {done + 1} of {len(folds)} by {split}: {error}") from None
        tested = windows[test]
        whole += [d for d in decisions(decoder, tested, dynamic=False) if _asked(windows, d)]
        for decision in decisions(decoder, tested):
            if _asked(windows, decision):
                stopped.append(decision)
            elif windows.trials[decision.trial - 1].label == REST:
                rest.append(decision)
    for number in windows.lost:
        # No decoder sees any window of these: each is a timeout, as it would be online.
        whole += _decided(decoder, windows, number, None, dynamic=False)
        stopped += _decided(decoder, windows, number, None)
    progress(len(folds), len(folds))
    return _figures(windows, split, len(folds), whole, stopped, rest)


def _asked(windows: WindowSet, decision: Decision) -> bool:
    """Return whether a decision belongs to a cue for one of the classes."""
    trial = windows.trials[decision.trial - 1]
    return trial.cued and trial.label in windows.classes


def decisions(decoder: Decoder, windows: WindowSet, dynamic: bool = True) -> Iterator[Decision]:
    """Decide each trial as the online paradigm does, with recentring in each run if it is on.

    Parameters
    ----------
    decoder : Decoder
        Trained on other trials.
    windows : WindowSet
        In order of time. Rest between trials is decided like a trial.
    dynamic : bool
        False decides with the evidence of the whole trial.

    Yields
    ------
    decision : Decision
        Its ``trial`` counts from 1 in ``windows.trials``.

    See Also
    --------
    bci_online.paradigms.motor_imagery.decision.MotorImagery : Decides so online.
    evaluate : Counts the decisions; its example makes windows.

    Examples
    --------
    Four trials of one window; the decoder is trained on them:

    >>> from bci_online.config import EvidenceSpec, Preprocessing, WindowSpec
    >>> from calibration.motor_imagery.methods import CSP_LDA
    >>> from calibration.motor_imagery.window_set import ImageryTrial
    >>> classes, n = ("left_hand", "right_hand"), np.arange(4)
    >>> X = np.random.default_rng(0).normal(size=(4, 2, 100))
    >>> X[n, n % 2] *= 3.0
    >>> windows = WindowSet(
    ...     X=tuple(X), y=n % 2, trial=n, run=np.zeros(4, dtype=int), time=8.0 * n + 0.5,
    ...     peak_to_peak=np.ones((4, 2)), classes=classes, rejected={},
    ...     trials=tuple(ImageryTrial(0, classes[i % 2], 8.0 * i) for i in n),
    ...     preprocessing=Preprocessing(
    ...         ch_names=("C3", "C4"), sfreq=100.0, window=WindowSpec(length=1.0),
    ...         interval=EvidenceSpec(tmin=0.5, tmax=1.5),
    ...     ),
    ... )
    >>> decoder = CSP_LDA.fit(windows, n, Config(paradigm="motor_imagery"), stopping=False)
    >>> [decision.trial for decision in decisions(decoder, windows, dynamic=False)]
    [1, 2, 3, 4]
    """
    window = decoder.header.preprocessing.window
    recentring, run = None, None
    for number in map(int, np.unique(windows.trial)):
        if windows.trials[number].run != run:
            run = windows.trials[number].run
            recentres = window is not None and window.recentre
            recentring = Recentring(decoder.arrays["reference"]) if recentres else None
        yield from _decided(decoder, windows, number, recentring, dynamic)


def _decided(
    decoder: Decoder,
    windows: WindowSet,
    number: int,
    recentring: Recentring | None,
    dynamic: bool = True,
) -> list[Decision]:
    own, trial = decoder.header.preprocessing, windows.trials[number]
    paradigm = MotorImagery(
        decoder.header.classes, decoder.header.evidence, own.starts, own.scored_s, dynamic
    )
    cue = Cue(trial.label)
    messages = paradigm.push(cue, trial.time, None)
    marker = Marker(cue.text(), trial.time)
    for row in map(int, np.flatnonzero(windows.trial == number)):
        outcome = _outcome(decoder, windows, row, marker, recentring)
        messages += paradigm.push(cue, float(windows.time[row]), outcome)
    if recentring is not None:
        recentring.finish_trial()
    found = [m for m in messages + paradigm.finish() if isinstance(m, Decision)]
    return [msgspec.structs.replace(decision, trial=number + 1) for decision in found]


def _outcome(
    decoder: Decoder, windows: WindowSet, row: int, marker: Marker, recentring: Recentring | None
) -> Score | Rejected:
    time, data = float(windows.time[row]), windows.X[row]
    if artefacts(windows.peak_to_peak[row], decoder.limits):
        return Rejected(marker, "artefact", time)
    if recentring is not None:
        if windows.trials[windows.trial[row]].cued:
            # Online there is no window between trials to learn from.
            recentring.learn(row, data)
        data = recentring.apply(data)
    return Score(marker, time, decoder.score(data), row)


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
