"""What to expect of live spelling: letters right, seconds a letter and bits per minute."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence, Expected, Presentation, Stopping
from bci_online.metrics import itr_bits_per_min, proportion_interval
from calibration.p300.evidence import fit_evidence
from calibration.p300.letter_stopping import log_posteriors, stopped
from calibration.p300.scored_letters import ScoredLetter, in_another_order

__all__ = ["evidence_without", "expected_spelling", "parts_of", "seconds_per_letter"]

N_GROUPS = 5
N_ORDERS = 20
N_DRAWS = 2000


def seconds_per_letter(
    flashes: NDArray[np.float64], presentation: Presentation, window_s: float
) -> NDArray[np.float64]:
    """Return how many seconds letters take, from their numbers of flashes.

    A letter takes the sum of cue, flashes, the response to the last flash, the decision's display
    and the pause. The transport of data adds some hundredths of a second.

    Parameters
    ----------
    flashes : ndarray
        Number of flashes.
    presentation : Presentation
        Times of flashes and pauses.
    window_s : float
        Length of an epoch in seconds.

    Returns
    -------
    seconds : ndarray, same shape as `flashes`
        From the cue to the end of the pause.

    See Also
    --------
    expected_spelling : What held-out letters predict.
    calibration.p300.promise.promise_of : What the model of their scores predicts.

    Examples
    --------
    >>> from bci_online.config import Presentation
    >>> presentation = Presentation(cue_s=2.0, decision_s=1.0, pause_s=1.0)
    >>> one, two = seconds_per_letter(np.array([12.0, 24.0]), presentation, window_s=0.75)
    >>> float(one - (two - one))  # cue, window, decision, pause
    4.75
    """
    soa_s = sum(presentation.frames()) / presentation.refresh_hz
    around = presentation.cue_s + window_s + presentation.decision_s + presentation.pause_s
    return np.asarray(flashes * soa_s + around, dtype=np.float64)


def expected_spelling(
    letters: Sequence[ScoredLetter],
    stopping: Stopping,
    presentation: Presentation,
    window_s: float,
    evidences: Iterable[Evidence] | None = None,
) -> tuple[Expected, ...]:
    """Return what to expect of the stopping rule and of every fixed number of repetitions.

    Parameters
    ----------
    letters : sequence of ScoredLetter
        With held-out scores.
    stopping : Stopping
        The rule: stated error rate, least and most repetitions.
    presentation : Presentation
        Times of flashes and pauses.
    window_s : float
        Length of an epoch in seconds.
    evidences : iterable of Evidence, optional
        What `evidence_without` returns for each of `parts_of`, if other processes fit it.

    Returns
    -------
    expected : tuple of Expected
        The rule first, then 1, 2, … repetitions, as many as every letter has; empty for fewer than
        three letters.

    See Also
    --------
    calibration.p300.scored_letters.scored_letters : The letters.
    calibration.p300.evidence.fit_evidence : The rule that is tried.

    Notes
    -----
    Evidence and threshold are fitted without the letters they are tried on, in at most five groups:
    a threshold looks better on the letters that it was chosen with. Each letter is spelled in
    twenty random orders of its repetitions, but counts once. Intervals of the letters right are
    Wilson's, those of the seconds a bootstrap over letters. Information is Wolpaw's, at the mean
    seconds. A letter without a decision is not right, and its seconds count.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> lit = np.tile(np.eye(4, dtype=bool), (3, 1))
    >>> letters = [
    ...     ScoredLetter(rng.normal(4.0 * lit[:, 0]), lit[:, 0], lit, np.arange(12) // 4, truth=0)
    ...     for _ in range(4)
    ... ]
    >>> expected = expected_spelling(letters, Stopping(), Presentation(), window_s=0.75)
    >>> [one.repetitions for one in expected]
    [0, 1, 2, 3]
    """
    if len(letters) < 3:
        return ()
    rng = np.random.default_rng(0)
    most = min(stopping.max_repetitions, *(np.unique(one.repetition).size for one in letters))
    right = np.zeros((len(letters), 1 + most))
    flashes = np.zeros_like(right)
    undecided = np.zeros(len(letters))
    parts = parts_of(letters)
    if evidences is None:
        evidences = (evidence_without((letters, stopping), part) for part in parts)
    for part, evidence in zip(parts, evidences, strict=True):
        threshold = np.array([evidence.threshold])
        for i in part:
            for _ in range(N_ORDERS):
                made = in_another_order(letters[i], stopping.max_repetitions, rng)
                log_posterior = log_posteriors(made.scores, made, evidence)
                best = log_posterior.argmax(axis=1) == made.truth
                confidence = np.exp(log_posterior.max(axis=1))
                (decided,), (at,) = stopped(confidence, made.repetition, stopping, threshold)
                ends = np.searchsorted(made.repetition, np.arange(1, most + 1)) - 1
                right[i] += decided and best[at], *best[ends]
                flashes[i] += 1 + np.array([at, *ends])
                undecided[i] += not decided
    seconds = seconds_per_letter(flashes / N_ORDERS, presentation, window_s)
    n_symbols = max(letter.lit.shape[1] for letter in letters)
    rule = _expected(right[:, 0], seconds[:, 0], n_symbols, 0, undecided.sum(), rng)
    return rule, *(
        _expected(right[:, n], seconds[:, n], n_symbols, n, 0.0, rng) for n in range(1, most + 1)
    )


def parts_of(letters: Sequence[ScoredLetter]) -> list[NDArray[np.int64]]:
    """Return which letters are tried together on evidence without them.

    Parameters
    ----------
    letters : sequence of ScoredLetter
        All of them.

    Returns
    -------
    parts : list of ndarray of int
        Places of letters; empty for fewer than three.

    See Also
    --------
    expected_spelling : Tries them.

    Examples
    --------
    >>> [part.tolist() for part in parts_of(range(6))]
    [[0, 1], [2], [3], [4], [5]]
    """
    n = len(letters)
    return [] if n < 3 else np.array_split(np.arange(n), min(N_GROUPS, n))


def evidence_without(
    shared: tuple[Sequence[ScoredLetter], Stopping], part: NDArray[np.int64]
) -> Evidence:
    """Return the evidence that all letters but some give.

    Parameters
    ----------
    shared : tuple of sequence of ScoredLetter and Stopping
        All letters, and the rule.
    part : ndarray of int
        Places of the letters that are left out.

    Returns
    -------
    evidence : Evidence
        With its threshold.

    See Also
    --------
    calibration.p300.evidence.fit_evidence : Fits it.

    Examples
    --------
    >>> lit = np.eye(2, dtype=bool)
    >>> one = ScoredLetter(np.array([3.0, 1.0]), lit[:, 0], lit, np.zeros(2, dtype=int), 0)
    >>> evidence_without(([one, one], Stopping()), np.array([1])).target_mean
    3.0
    """
    letters, stopping = shared
    others = [letter for i, letter in enumerate(letters) if i not in part]
    scores = np.concatenate([letter.scores for letter in others])
    is_target = np.concatenate([letter.is_target for letter in others])
    return fit_evidence(scores, is_target, others, stopping)


def _expected(
    right: NDArray[np.float64],
    seconds: NDArray[np.float64],
    n_symbols: int,
    repetitions: int,
    undecided: float,
    rng: np.random.Generator,
) -> Expected:
    n = right.size
    share = float(right.sum()) / (n * N_ORDERS)
    low, high = proportion_interval(share * n, n)
    mean_s = float(seconds.mean())
    draws = seconds[rng.integers(n, size=(N_DRAWS, n))].mean(axis=1)
    soonest, latest = np.percentile(draws, [2.5, 97.5])
    bits = [itr_bits_per_min(n_symbols, p, 1, mean_s) for p in (low, share, high)]
    return Expected(
        repetitions=repetitions,
        letters=n,
        right=(low, share, high),
        undecided=float(undecided) / (n * N_ORDERS),
        seconds=(float(soonest), mean_s, float(latest)),
        bits_per_min=(bits[0], bits[1], bits[2]),
    )
