"""When the responses to flashes come, by the scores at shifted onsets."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence
from bci_online.messages import Status
from bci_online.paradigms.p300.response_likelihood import CodeMeans, response_likelihood

__all__ = ["LAGS", "Alignment", "Misalignment"]

LAGS = np.arange(-30, 31) * 0.02
"""Shifts of the onsets that are tried, in seconds."""

LEAST_S = 0.06
"""A shorter shift is not named: subjects' latencies vary as much from day to day."""

NEAR_S = 0.04
"""Responses that are no farther from the expected time come as expected."""

EVIDENCE = 7.0
"""How much better a shift must explain the letters, as a logarithm."""


class Misalignment(msgspec.Struct, frozen=True):
    """Responses come at another time than before.

    Parameters
    ----------
    lag, before : float
        When they come now and when they came before, in seconds after the time of calibration.
    letter : int
        The first letter that shows it.

    See Also
    --------
    Alignment : Finds it.

    Examples
    --------
    >>> Misalignment(lag=0.1, before=0.0, letter=4).alarm(60.0).text.partition(":")[0]
    'since letter 4 responses come 100 ms later than in calibration'
    """

    lag: float
    before: float
    letter: int

    def alarm(self, time: float) -> Status:
        """Return the alarm: by how much responses are shifted, since when, and what helps."""
        away = self.lag - self.before
        how = f"{abs(1000 * away):.0f} ms {'later' if away > 0 else 'earlier'}"
        than = "than before" if self.before else "than in calibration"
        text = (
            f"since letter {self.letter} responses come {how} {than}: flashes' markers and the "
            "signal do not agree in time; correct the marker stream's clock, or measure "
            "markers.display_delay and markers.amplifier_delay again and recalibrate"
        )
        return Status("alarm", text, time, kind="misaligned")


class Alignment:
    """Follows when responses come, and says when that time changes.

    Parameters
    ----------
    evidence : Evidence
        What scores of targets and of other flashes are.

    See Also
    --------
    bci_online.runtime.lagged_scores.LaggedScores : The scores.
    response_likelihood : What scores say of a response.

    Notes
    -----
    At each shift the likelihood of a letter is that of a response as strong as in calibration, over
    all symbols. The sums over the last letter and over the last two are looked at.

    Examples
    --------
    Responses come 0.2 s later than in calibration; the symbol is not known:

    >>> evidence = Evidence(
    ...     target_mean=1.5, nontarget_mean=0.0, code_spread=0.1, letter_spread=0.2,
    ...     difference_error=0.1,
    ... )
    >>> rng = np.random.default_rng(0)
    >>> lines = [(str(code),) for code in range(12)] * 5
    >>> scores = rng.normal(size=(60, LAGS.size))
    >>> scores[3::12, np.flatnonzero(np.isclose(LAGS, 0.2))] += 1.5
    >>> found = Alignment(evidence).observe(1, lines, scores)
    >>> round(found.lag, 2), found.letter
    (0.2, 1)
    """

    def __init__(self, evidence: Evidence) -> None:
        difference = evidence.target_mean - evidence.nontarget_mean
        self._evidence = evidence
        self._slope = difference / evidence.spread
        self._lag = 0.0
        self._letters: list[tuple[int, NDArray[np.float64]]] = []

    def observe(
        self, number: int, lines: Sequence[tuple[str, ...]], scores: NDArray[np.float64]
    ) -> Misalignment | None:
        """Take a letter that is over.

        Parameters
        ----------
        number : int
            Of the letter.
        lines : sequence of tuple of str, length n_flashes
            The symbols that each flash lit.
        scores : ndarray, shape (n_flashes, n_lags)
            Of each flash at each of `LAGS`.

        Returns
        -------
        found : Misalignment or None
            At the letter that makes it certain.
        """
        self._letters = [*self._letters[-1:], (number, self._likelihood(lines, scores))]
        total = np.zeros(LAGS.size)
        for first, likelihood in reversed(self._letters):
            total = total + likelihood
            away = np.abs(LAGS - self._lag)
            best = int(np.argmax(total))
            # Where nobody looks, noise at a shift must not count as better than noise at none.
            better = total[best] - max(total[away < NEAR_S + 1e-9].max(), 0.0)
            if away[best] > LEAST_S - 1e-9 and better >= EVIDENCE:
                found = Misalignment(float(LAGS[best]), self._lag, first)
                self._lag, self._letters = found.lag, []
                return found
        return None

    def _likelihood(
        self, lines: Sequence[tuple[str, ...]], scores: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the log-likelihood of a response at each lag, shape (n_lags,)."""
        own = self._evidence
        codes = list(dict.fromkeys(lines))
        symbols = list(dict.fromkeys(symbol for line in codes for symbol in line))
        is_of = np.array([[line == code for line in lines] for code in codes], dtype=float)
        n = is_of.sum(axis=1)
        means = (is_of @ scores / n[:, np.newaxis]).T / own.spread
        # At other lags than 0 non-targets have another mean. Few codes are targets.
        means -= np.median(means, axis=1, keepdims=True)
        letter = CodeMeans(
            means, n.astype(int), np.array([[s in code for s in symbols] for code in codes])
        )
        return response_likelihood(
            letter,
            [self._slope],
            (own.code_spread / own.spread) ** 2,
            own.letter_spread / max(own.target_mean - own.nontarget_mean, 1e-9),
        )[:, 0]
