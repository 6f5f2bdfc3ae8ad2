"""How scores of flashes vary within a letter and between letters, and letters drawn from that.

The score of a flash is the mean of its class plus three deviations: one of the flash itself, one
that all flashes of the same code share within a letter, and one that all targets of a letter share.
The last two do not average out over repetitions. So the evidence saturates: a rule for stopping
that treats flashes as independent is overconfident after many repetitions, or too slow after few.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from calibration.p300.scored_letters import ScoredLetter, two_class

__all__ = ["FlashModel", "extended", "fit_flash_model", "simulated_letters"]

CODE_PRIOR = (0.02, 10.0)
"""Variance that codes keep, as a share of a flash's own, and the degrees of freedom of this guess.

Both priors were set on other recordings than those on which the model was tested.
"""

LETTER_PRIOR = (0.25, 4.0)
"""Standard deviation between letters, as a share of the classes' difference; as `CODE_PRIOR`."""

SMALLEST = 1e-4
"""Least variance, as a share of its scale: the estimate from few samples may be below 0."""


class FlashModel(msgspec.Struct, frozen=True, kw_only=True):
    """Means and variances of the scores of flashes, each with its uncertainty.

    Parameters
    ----------
    nontarget_mean : float
        Mean score of non-targets.
    difference, difference_error : float
        Mean score of targets less that of non-targets, and its standard error.
    flash, code, letter : float
        Variance of a single flash, of a code within a letter, of a letter's targets (score²).
    flash_dof, code_dof, letter_dof : float
        Degrees of freedom of these variances, those of the priors included.

    See Also
    --------
    fit_flash_model : Estimate the model.
    simulated_letters : Draw letters from it.

    Examples
    --------
    >>> model = FlashModel(
    ...     nontarget_mean=0.0, difference=2.0, difference_error=0.1, flash=1.0, code=0.02,
    ...     letter=0.25, flash_dof=100.0, code_dof=30.0, letter_dof=8.0,
    ... )
    >>> round(model.difference / model.flash**0.5, 1)
    2.0
    """

    nontarget_mean: float
    difference: float
    difference_error: float
    flash: float
    code: float
    letter: float
    flash_dof: float
    code_dof: float
    letter_dof: float


class _Parts(NamedTuple):
    """The analysis of variance of one letter.

    ``within`` and ``between`` are sums of squares within the codes and between the non-target
    codes, with their degrees of freedom. ``per_code`` is the mean of 1 / n over those codes, n
    flashes each. The variance of ``difference`` is ``flash_weight`` times a flash's variance plus
    ``code_weight`` times a code's.
    """

    nontarget_mean: float
    difference: float
    within: float
    within_dof: int
    between: float
    between_dof: int
    per_code: float
    flash_weight: float
    code_weight: float


def fit_flash_model(letters: Sequence[ScoredLetter]) -> FlashModel:
    """Estimate the model from held-out scores by an analysis of variance.

    Parameters
    ----------
    letters : sequence of ScoredLetter
        At least one that has targets and non-targets.

    Returns
    -------
    model : FlashModel
        In the unit of the scores.

    See Also
    --------
    simulated_letters : Draw letters from the model.
    calibration.p300.evidence.fit_evidence : Sets a threshold with it.

    Notes
    -----
    The variances of codes and of letters are means of the estimate and of a prior, weighted by
    degrees of freedom: three letters alone say almost nothing about the variance between letters.
    An estimate below zero enters this mean unchanged: cutting it at zero would bias the mean
    upwards.

    References
    ----------
    Searle, Casella, McCulloch (1992), Variance Components, chapter 3.

    Examples
    --------
    Ten letters of four symbols, five repetitions each. Targets score 2 higher:

    >>> rng = np.random.default_rng(0)
    >>> lit = np.tile(np.eye(4, dtype=bool), (5, 1))
    >>> letters = [
    ...     ScoredLetter(rng.normal(2.0 * lit[:, 0]), lit[:, 0], lit, np.arange(20) // 4, truth=0)
    ...     for _ in range(10)
    ... ]
    >>> model = fit_flash_model(letters)
    >>> round(model.difference), round(model.flash)
    (2, 1)
    """
    parts = [_parts_of(letter) for letter in two_class(letters)]
    within_dof = sum(part.within_dof for part in parts)
    between_dof = sum(part.between_dof for part in parts)
    between = sum(part.between for part in parts) / max(between_dof, 1)
    share, prior_dof = CODE_PRIOR
    if within_dof:
        flash = sum(part.within for part in parts) / within_dof
        found = between - flash * float(np.mean([part.per_code for part in parts]))
        code = (prior_dof * share * flash + between_dof * found) / (prior_dof + between_dof)
    else:
        # With random groups no code flashes twice: only the sum of both variances is seen.
        flash = between / (1 + share)
        code = share * flash
    flash = max(flash, 1e-18)
    code = max(code, SMALLEST * flash)
    differences = np.array([part.difference for part in parts])
    difference = float(differences.mean())
    noise = float(np.mean([flash * part.flash_weight + code * part.code_weight for part in parts]))
    spread, letter_prior_dof = LETTER_PRIOR
    dof = len(parts) - 1
    found = float(differences.var(ddof=1)) - noise if dof else 0.0
    letter = letter_prior_dof * (spread * difference) ** 2 + dof * found
    letter = max(letter / (letter_prior_dof + dof), SMALLEST * difference**2)
    return FlashModel(
        nontarget_mean=float(np.mean([part.nontarget_mean for part in parts])),
        difference=difference,
        difference_error=float(np.sqrt((letter + noise) / len(parts))),
        flash=flash,
        code=code,
        letter=letter,
        flash_dof=within_dof or max(between_dof, 1),
        code_dof=prior_dof + between_dof,
        letter_dof=letter_prior_dof + dof,
    )


def _parts_of(letter: ScoredLetter) -> _Parts:
    code = letter.code
    n = np.bincount(code)
    means = np.bincount(code, letter.scores) / n
    is_target = np.bincount(code, letter.is_target) > 0
    others, targets = means[~is_target], means[is_target]
    n_targets, n_others = n[is_target], n[~is_target]
    return _Parts(
        nontarget_mean=float(others.mean()),
        difference=float(targets.mean() - others.mean()),
        within=float(np.sum((letter.scores - means[code]) ** 2)),
        within_dof=int(np.sum(n - 1)),
        between=float(np.sum((others - others.mean()) ** 2)),
        between_dof=others.size - 1,
        per_code=float(np.mean(1 / n_others)),
        flash_weight=float(
            np.mean(1 / n_targets) / targets.size + np.mean(1 / n_others) / others.size
        ),
        code_weight=1 / targets.size + 1 / others.size,
    )


def simulated_letters(
    model: FlashModel, letter: ScoredLetter, n_letters: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw letters of one subject, each of a random symbol, all flashed as one letter was.

    Parameters
    ----------
    model : FlashModel
        The subject's parameters are drawn from it, within their uncertainty.
    letter : ScoredLetter
        Which symbols each flash lights; its scores and truth are not used.
    n_letters : int
        How many letters.
    rng : Generator
        Draws the subject, the letters and their noise.

    Returns
    -------
    scores : ndarray, shape (n_letters, n_flashes)
        In the unit of the model.
    truth : ndarray of int, shape (n_letters,)
        A column of ``letter.lit``.

    See Also
    --------
    extended : Give the letter the repetitions of a session.
    fit_flash_model : Estimate the model.
    calibration.p300.letter_stopping.log_posteriors : What a speller makes of the scores.

    Examples
    --------
    >>> lit = np.eye(4, dtype=bool)
    >>> letter = ScoredLetter(np.zeros(4), lit[:, 0], lit, np.zeros(4, dtype=int), truth=0)
    >>> model = FlashModel(
    ...     nontarget_mean=0.0, difference=2.0, difference_error=0.1, flash=1.0, code=0.02,
    ...     letter=0.25, flash_dof=100.0, code_dof=30.0, letter_dof=8.0,
    ... )
    >>> rng = np.random.default_rng(0)
    >>> scores, truth = simulated_letters(model, extended(letter, 3), 10, rng)
    >>> scores.shape, truth.shape
    ((10, 12), (10,))
    """
    code = letter.code
    truth = rng.integers(letter.lit.shape[1], size=n_letters)
    difference = model.difference + model.difference_error * rng.standard_normal()
    flash, kept, between = (
        np.sqrt(variance * dof / rng.chisquare(dof))
        for variance, dof in (
            (model.flash, model.flash_dof),
            (model.code, model.code_dof),
            (model.letter, model.letter_dof),
        )
    )
    response = difference + between * rng.standard_normal(n_letters)
    of_code = kept * rng.standard_normal((n_letters, code.max() + 1))
    noise = flash * rng.standard_normal((n_letters, code.size))
    is_target = letter.lit[:, truth].T
    scores = model.nontarget_mean + is_target * response[:, np.newaxis] + of_code[:, code] + noise
    return scores, truth


def extended(letter: ScoredLetter, n_repetitions: int) -> ScoredLetter:
    """Return a letter of so many repetitions: its own, from the first on again and again.

    Parameters
    ----------
    letter : ScoredLetter
        With any number of repetitions.
    n_repetitions : int
        More or fewer than it has.

    Returns
    -------
    letter : ScoredLetter
        With the scores of those repetitions.

    See Also
    --------
    simulated_letters : Draws letters that are flashed like it.

    Examples
    --------
    >>> lit = np.eye(2, dtype=bool)
    >>> letter = ScoredLetter(np.zeros(2), lit[:, 0], lit, np.zeros(2, dtype=int), truth=0)
    >>> extended(letter, 2).repetition.tolist()
    [0, 0, 1, 1]
    """
    n_recorded = int(letter.repetition.max()) + 1
    parts = [np.flatnonzero(letter.repetition == n) for n in range(n_recorded)]
    rows = [parts[number % n_recorded] for number in range(n_repetitions)]
    order = np.concatenate(rows)
    return ScoredLetter(
        letter.scores[order],
        letter.is_target[order],
        letter.lit[order],
        np.repeat(np.arange(n_repetitions), [part.size for part in rows]),
        letter.truth,
    )
