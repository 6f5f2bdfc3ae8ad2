"""What a score after an answer is worth: as much as the calibration surely showed."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence
from bci_online.errors import RecordingError
from calibration.p300.epochs import EpochSet

__all__ = ["check_answers", "surely_known"]

SURE = 1.96
"""A difference of so many standard errors is there with 97.5 %, on its own side."""


def check_answers(epochs: EpochSet) -> None:
    """Refuse recordings of answers without a wrong one, or without a right one.

    Parameters
    ----------
    epochs : EpochSet
        After answers; those after flashes are not looked at.

    Raises
    ------
    RecordingError
        It says how to record both.

    See Also
    --------
    calibration.p300.answer_collector.AnswerCollector : Collects the answers.

    Examples
    --------
    `calibration.p300.training.train` uses it, and has an example of flashes.

    >>> check_answers.__annotations__["return"] is None
    True
    """
    n_wrong = int(epochs.y.sum())
    if epochs.preprocessing.epoch.after == "flash" or 0 < n_wrong < len(epochs):
        return
    all_of = "wrong" if n_wrong else "right"
    raise RecordingError(
        f"{len(epochs)} answers, all of them {all_of}: error potentials are learnt from right and "
        "wrong ones; bci-calibrate record errp shows both"
    )


def surely_known(evidence: Evidence, is_wrong: NDArray[np.bool_]) -> Evidence:
    """Return densities whose difference is that which so many held-out scores show for sure.

    Parameters
    ----------
    evidence : Evidence
        Densities of held-out scores; targets are wrong answers.
    is_wrong : ndarray of bool, shape (n_scores,)
        Which scores are those of wrong answers; both kinds are there.

    Returns
    -------
    evidence : Evidence
        The difference of the means is drawn towards 0 by its variance. It is 0 where it is not
        surely above 0: then every log-likelihood ratio is 0, and nothing is ever taken back.

    See Also
    --------
    calibration.p300.evidence.densities : Fits them.
    bci_online.paradigms.p300.undoing.UndoingSpeller : Weighs a score by them.

    References
    ----------
    James and Stein (1961): the positive part of ``1 - variance / difference ** 2``.

    Examples
    --------
    >>> is_wrong = np.arange(80) < 20
    >>> found = surely_known(Evidence(target_mean=1.0, nontarget_mean=0.0), is_wrong)
    >>> round(found.target_mean - found.nontarget_mean, 2), round(found.difference_error, 2)
    (0.93, 0.26)
    >>> weak = surely_known(Evidence(target_mean=0.4, nontarget_mean=0.0), is_wrong)
    >>> weak.target_mean == weak.nontarget_mean
    True
    """
    difference = evidence.target_mean - evidence.nontarget_mean
    n_wrong, n_right = int(is_wrong.sum()), int((~is_wrong).sum())
    error = evidence.spread * math.sqrt(1 / n_wrong + 1 / n_right)
    kept = 1 - (error / difference) ** 2 if difference > SURE * error else 0.0
    centre = (evidence.target_mean + evidence.nontarget_mean) / 2
    return msgspec.structs.replace(
        evidence,
        target_mean=centre + kept * difference / 2,
        nontarget_mean=centre - kept * difference / 2,
        difference_error=error,
        nobody=0.0,
    )
