"""What a session may expect of a decoder: letters right, seconds a letter, and errors."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, Evidence, Presentation, Promise, Stopping
from bci_online.metrics import Z95
from bci_online.paradigms.p300.nobody import LEAST
from calibration.p300.evidence import FEWEST_LETTERS
from calibration.p300.expectations import seconds_per_letter
from calibration.p300.fitting import LinearMethod
from calibration.p300.flash_model import FlashModel, fit_flash_model
from calibration.p300.letter_stopping import draw_decisions
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.scored_letters import ScoredLetter, two_class
from calibration.stopping import rate_interval

__all__ = ["promise_of", "promise_of_recording"]

N_GROUPS = 5
"""Held-out scores come from so many groups of letters at most; see `calibration.folds`."""

HALF_LEARNT = 4.0
"""Letters that give half of the squared distance between classes that endless letters give.

With n letters it is n / (n + 4) of that. For 60 simulated subjects the distance of the final
decoder is 1.14, 1.05, 1.04, 1.03 and 1.02 times that of the folds after 3, 4, 5, 8 and 20 letters;
this formula gives 1.13, 1.08, 1.05, 1.04 and 1.02.
"""


def promise_of(
    letters: Sequence[ScoredLetter],
    evidence: Evidence,
    stopping: Stopping,
    presentation: Presentation,
    window_s: float,
) -> Promise | None:
    """Return what is promised for a session whose subject looks at the letters.

    Parameters
    ----------
    letters : sequence of ScoredLetter
        The held-out scores that `evidence` was fitted on.
    evidence : Evidence
        With its threshold.
    stopping : Stopping
        Least and most repetitions.
    presentation : Presentation
        Times of flashes and pauses.
    window_s : float
        Length of an epoch in seconds.

    Returns
    -------
    promise : Promise or None
        None for fewer than three letters: with two, the spread between letters is a guess.

    See Also
    --------
    calibration.p300.letter_stopping.draw_decisions : The simulated subjects behind it.
    calibration.p300.expectations.expected_spelling : What the held-out letters themselves say.

    Notes
    -----
    A parametric bootstrap. Forty subjects are drawn from `fit_flash_model` within the uncertainty
    of its parameters, and each spells fifty letters with this evidence. The spread between the
    drawn subjects, without that of their few letters, gives the intervals. Two things differ from
    the calibration. The final decoder learns from all letters, the folds from fewer: see
    `HALF_LEARNT`. And each letter that the subject looks at lowers the prior that nobody looks, to
    its bound.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, section 6.5. Thompson,
    Warschausky, Huggins (2013), J. Neural Eng. 10:016006, predict accuracy from the variance of
    latencies instead.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> lit = np.tile(np.eye(4, dtype=bool), (8, 1))
    >>> letters = [
    ...     ScoredLetter(rng.normal(3.0 * lit[:, 0]), lit[:, 0], lit, np.arange(32) // 4, truth=0)
    ...     for _ in range(5)
    ... ]
    >>> evidence = Evidence(target_mean=3.0, nontarget_mean=0.0, threshold=0.95)
    >>> promise = promise_of(letters, evidence, Stopping(), Presentation(), window_s=0.75)
    >>> promise.letters, promise.right[0] > 0.9
    (5, True)
    >>> promise_of(letters[:2], evidence, Stopping(), Presentation(), window_s=0.75) is None
    True
    """
    usable = two_class(letters)
    if len(usable) < FEWEST_LETTERS:
        return None
    drawn = draw_decisions(
        msgspec.structs.replace(evidence, nobody=min(evidence.nobody, LEAST)),
        _of_the_final_decoder(fit_flash_model(usable), len(usable)),
        usable,
        stopping,
        np.array([evidence.threshold]),
    )
    decided, wrong = drawn.decided[..., 0], drawn.wrong[..., 0]
    missed = (~decided | wrong).sum(axis=1)
    least, share, most = _rate(missed, np.full(missed.size, decided.shape[1]))
    most_flashes = stopping.max_repetitions * max(_flashes_per_repetition(one) for one in usable)
    return Promise(
        letters=len(usable),
        right=(1 - most, 1 - share, 1 - least),
        seconds=_triple(
            seconds_per_letter(
                _mean_interval(drawn.flashes[..., 0], most_flashes), presentation, window_s
            )
        ),
        error=_rate(wrong.sum(axis=1), decided.sum(axis=1)),
    )


def promise_of_recording(recording: Path, config: Config, n_letters: int) -> Promise | None:
    """Return what the first letters of a recording promise; it may still grow.

    Parameters
    ----------
    recording : Path
        XDF file.
    config : Config
        Of the session.
    n_letters : int
        How many letters are complete.

    Returns
    -------
    promise : Promise or None
        What a shrinkage LDA on all sensors promises; it trains fast.

    Raises
    ------
    RecordingError
        If the letters are too few or too disturbed to train on.

    See Also
    --------
    promise_of : Of a fitted decoder.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.config import Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=4),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz", "PO7", "PO8"), p300_uv=12.0),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "ABCD", recording, seed=0)
    ...     promise = promise_of_recording(recording, config, n_letters=3)
    >>> promise.letters
    3
    """
    recorded = epochs_of([recording], config)
    rows = np.flatnonzero(recorded.all().letter < n_letters)
    fitted = LinearMethod(name="lda").fit(recorded, rows, config)
    return promise_of(
        fitted.letters,
        fitted.evidence,
        config.stopping,
        config.presentation,
        fitted.preprocessing.epoch.tmax,
    )


def _of_the_final_decoder(model: FlashModel, n_letters: int) -> FlashModel:
    """Return the model of a decoder that was trained on all letters, from that of its folds."""
    in_fold = n_letters * (1 - 1 / min(N_GROUPS, n_letters))
    more = (n_letters / (n_letters + HALF_LEARNT)) / (in_fold / (in_fold + HALF_LEARNT))
    return msgspec.structs.replace(model, difference=model.difference * float(np.sqrt(more)))


def _rate(n: NDArray[np.int64], of: NDArray[np.int64]) -> tuple[float, float, float]:
    low, high = rate_interval(n, of)
    rate = float(n.sum() / max(of.sum(), 1))
    # Where nearly all subjects have none, the mean may lie beyond the interval of the others.
    return min(low, rate), rate, max(high, rate)


def _mean_interval(flashes: NDArray[np.int64], most: float) -> NDArray[np.float64]:
    """Return where 95 % of the subjects' mean numbers of flashes lie, with their mean: (3,)."""
    means = flashes.mean(axis=1)
    mean = float(means.mean())
    # As in `rate_interval`. Means of few letters vary more than the subjects do, so the variance
    # within subjects is taken off. The common mean has an error of its own, which is added.
    relative = flashes.var(axis=1, ddof=1) / flashes.shape[1] / means**2
    between = float(np.log(means).var(ddof=1)) - float(relative.mean())
    spread = np.sqrt(max(between, 0.0) + float(relative.mean()) / means.size)
    return np.minimum(mean * np.exp(Z95 * spread * np.array([-1.0, 0.0, 1.0])), most)


def _flashes_per_repetition(letter: ScoredLetter) -> float:
    return letter.scores.size / np.unique(letter.repetition).size


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    low, middle, high = values.tolist()
    return low, middle, high
