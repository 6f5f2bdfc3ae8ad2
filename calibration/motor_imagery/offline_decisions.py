"""Trials of imagery, decided offline as the online paradigm decides them."""

from collections.abc import Iterator
from copy import copy

import msgspec
import numpy as np

from bci_online.decoding.decoder import Decoder
from bci_online.markers import Cue
from bci_online.messages import Decision, Marker, Rejected, Score
from bci_online.paradigms.motor_imagery.decision import MotorImagery
from bci_online.paradigms.motor_imagery.session_fit import SessionFit
from bci_online.preprocessing.artefacts import artefacts
from bci_online.preprocessing.recentring import Recentring
from bci_online.runtime.session_recentring import recentring_of
from calibration.given_epochs import check_scores
from calibration.motor_imagery.window_set import WindowSet

__all__ = ["decided", "decisions"]


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

    Raises
    ------
    BciError
        If a score is not finite.

    See Also
    --------
    bci_online.paradigms.motor_imagery.decision.MotorImagery : Decides so online.
    calibration.motor_imagery.evaluation.evaluate : Counts the decisions.

    Examples
    --------
    Four trials of one window; the decoder is trained on them:

    >>> from bci_online.config import Config, EvidenceSpec, Preprocessing, WindowSpec
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
    recentring, fit, run = None, None, None
    for number in map(int, np.unique(windows.trial)):
        if windows.trials[number].run != run:
            run = windows.trials[number].run
            recentring = recentring_of(decoder)
            fit = SessionFit.of(decoder.header)
        yield from decided(decoder, windows, number, recentring, dynamic, fit)


def decided(
    decoder: Decoder,
    windows: WindowSet,
    number: int,
    recentring: Recentring | None,
    dynamic: bool = True,
    fit: SessionFit | None = None,
) -> list[Decision]:
    """Decide one trial as the online paradigm does.

    Parameters
    ----------
    decoder : Decoder
        Trained on other trials.
    windows : WindowSet
        Holds the trial.
    number : int
        Of the trial in ``windows.trials``, from 0.
    recentring : Recentring or None
        Of the trial's run; it learns from the trial.
    dynamic : bool
        False decides with the evidence of the whole trial.
    fit : SessionFit, optional
        Of the trial's run; it learns from the trial if that is cued.

    Returns
    -------
    decisions : list of Decision
        One; without a value where nothing was decided.

    Raises
    ------
    BciError
        If a score is not finite.

    See Also
    --------
    decisions : Decides all trials; its example makes decoder and windows.

    Examples
    --------
    A trial without any window is not decided:

    >>> from types import SimpleNamespace
    >>> from bci_online.config import DecoderHeader, EvidenceSpec, Preprocessing, WindowSpec
    >>> from calibration.motor_imagery.window_set import ImageryTrial
    >>> own = Preprocessing(
    ...     ch_names=("C3", "C4"), sfreq=100.0, window=WindowSpec(length=1.0),
    ...     interval=EvidenceSpec(tmin=0.5, tmax=1.5),
    ... )
    >>> header = DecoderHeader(
    ...     method="csp-lda", paradigm="motor_imagery", classes=("left", "right"),
    ...     preprocessing=own,
    ... )
    >>> windows = SimpleNamespace(
    ...     trials=(ImageryTrial(0, "left", 1.0),), trial=np.zeros(0, dtype=int)
    ... )
    >>> [one] = decided(SimpleNamespace(header=header), windows, 0, None)
    >>> one.truth, one.value is None
    ('left', True)
    """
    own, trial = decoder.header.preprocessing, windows.trials[number]
    paradigm = MotorImagery(
        decoder.header.classes,
        decoder.header.evidence,
        own.starts,
        own.scored_s,
        dynamic,
        # Online there is no trial between cues to learn from.
        fit if trial.cued else copy(fit),
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
        data = recentring.smallest(data)
        if windows.trials[windows.trial[row]].cued:
            # Online there is no window between trials to learn from.
            recentring.learn(row, data)
        data = recentring.apply(data)
    values = decoder.score(data)
    # As of the folds inside a training: counted like artefacts they would be missed.
    check_scores(values[np.newaxis])
    return Score(marker, time, values, row)
