"""How long a session will take, before it begins."""

import numpy as np

from bci_online.config import Config
from bci_online.paradigms.p300.matrix import SymbolMatrix

__all__ = ["imagery_session_s", "speller_session_s"]


def speller_session_s(
    config: Config, n_letters: int, n_repetitions: int, *, decides: bool
) -> float:
    """Return the length of a session of letters in seconds, with every repetition flashed.

    Parameters
    ----------
    config : Config
        Layout, presentation, and the length of an epoch.
    n_letters : int
        Number of letters.
    n_repetitions : int
        Repetitions of each.
    decides : bool
        Whether a decision is awaited and shown after each letter; a calibration has none.

    Returns
    -------
    seconds : float
        From the start marker to the last pause.

    See Also
    --------
    imagery_session_s : The same in motor imagery.

    Examples
    --------
    Twelve flashes of 167 ms, 1.5 s for the cue and a pause of 2.5 s; then a decision after 0.75 s,
    which is shown for 1.5 s:

    >>> round(speller_session_s(Config(), n_letters=1, n_repetitions=1, decides=False), 1)
    6.0
    >>> round(speller_session_s(Config(), n_letters=1, n_repetitions=1, decides=True), 1)
    8.2
    """
    shown = config.presentation
    matrix = SymbolMatrix(config, "", free=False)
    (repetition,) = matrix.repetitions(1, np.random.default_rng(0))
    flashes_s = n_repetitions * len(repetition.codes) * sum(shown.frames()) / shown.refresh_hz
    decision_s = config.epoch.tmax + shown.decision_s if decides else 0.0
    return n_letters * (shown.cue_s + flashes_s + decision_s + shown.pause_s)


def imagery_session_s(config: Config, *, feedback: bool) -> float:
    """Return the length of a session of cued imagery in seconds.

    Parameters
    ----------
    config : Config
        Classes, trials of each, and the times of a trial.
    feedback : bool
        Whether an outcome is shown.

    Returns
    -------
    seconds : float
        From the start marker to the last pause.

    See Also
    --------
    speller_session_s : The same of a speller.

    Examples
    --------
    Forty trials of 6 s, with a pause of 2.5 s after each:

    >>> imagery_session_s(Config(), feedback=False)
    340.0
    """
    times, shown = config.imagery, config.presentation
    outcome_s = times.outcome if feedback else 0.0
    trial_s = times.end + outcome_s + (times.shortest_pause + times.longest_pause) / 2
    return len(shown.classes) * shown.trials_per_class * trial_s
