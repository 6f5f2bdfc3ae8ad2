"""When the responses to flashes come, and with which sign, by the scores at shifted onsets."""

from collections import deque
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence
from bci_online.messages import Status
from bci_online.paradigms.p300.flash_pace import FlashPace
from bci_online.paradigms.p300.response_likelihood import CodeMeans, response_likelihood

__all__ = ["LAGS", "Alignment", "Inversion", "Misalignment"]

LAGS = np.arange(-30.0, 31.0) * 0.02
"""Shifts of the onsets that are tried, in seconds."""

LEAST_S = 0.06
"""A shorter shift is not named: subjects' latencies vary as much from day to day."""

NEAR_S = 0.04
"""Responses that are no farther from the expected time come as expected."""

LOUD = 1.5
"""A variance that is larger than expected by less is chance."""

LETTERS = 10
"""At most so many letters together show a shift; from weak responses two do not suffice."""

EVIDENCE = 11.0
"""How much better a shift must explain the letters, as a logarithm: many shifts are tried."""

OTHERS_EVIDENCE = 3.0
"""The same where any one of the letters is left out."""

ALIAS_EVIDENCE = 3.0
"""How much better a number of whole intervals must explain the letters than any other."""

BESIDE_S = 0.03
"""So near such a shift must be."""


class Misalignment(msgspec.Struct, frozen=True):
    """Responses come at another time than before.

    Parameters
    ----------
    lag, before : float
        When they come now and when they came before, in seconds after the time of calibration.
    letter : int
        The first letter that shows it.
    interval : float
        Seconds from flash to flash, where the lag is known only up to whole intervals; else 0.

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
    interval: float = 0.0

    def alarm(self, time: float) -> Status:
        """Return the alarm: by how much responses are shifted, since when, and what helps."""
        away = self.lag - self.before
        how = f"{abs(1000 * away):.0f} ms {'later' if away > 0 else 'earlier'}"
        than = "than before" if self.before else "than in calibration"
        if self.interval:
            than += f", give or take whole flash intervals of {1000 * self.interval:.0f} ms"
        text = (
            f"since letter {self.letter} responses come {how} {than}: flashes' markers and the "
            "signal do not agree in time; correct the marker stream's clock, or measure "
            "markers.display_delay and markers.amplifier_delay again and recalibrate"
        )
        return Status("alarm", text, time, kind="misaligned")


class Inversion(msgspec.Struct, frozen=True):
    """Responses have the opposite sign of those in calibration.

    Parameters
    ----------
    letter : int
        The first letter that shows it.

    See Also
    --------
    bci_online.preprocessing.montage_check.MontageCheck : Finds a single channel that is inverted.

    Examples
    --------
    >>> Inversion(letter=2).alarm(60.0).text.partition(":")[0]
    'since letter 2 responses have the opposite sign of those in calibration'
    """

    letter: int

    def alarm(self, time: float) -> Status:
        """Return the alarm: since when, and what helps."""
        text = (
            f"since letter {self.letter} responses have the opposite sign of those in calibration: "
            "all electrodes are inverted; turn the polarity back at the amplifier, or recalibrate"
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
    all symbols. The sums over the last two letters, the last three and so on, up to ten, are looked
    at. Whichever letter is left out, the others must show the shift too: a subject who looked away
    gives one letter that fits any time. A response of the opposite sign at the usual time is one
    more explanation.

    The mean over all flashes shows a shift of less than half an interval between flashes far more
    surely, in two letters. Longer ones it knows only up to whole intervals.

    Examples
    --------
    Responses come 0.2 s later than in calibration; the symbol is not known:

    >>> evidence = Evidence(
    ...     target_mean=1.5, nontarget_mean=0.0, code_spread=0.1, letter_spread=0.2,
    ...     difference_error=0.1,
    ... )
    >>> rng = np.random.default_rng(0)
    >>> lines = [(str(code),) for code in range(12)] * 5
    >>> alignment = Alignment(evidence)
    >>> for letter in (1, 2):
    ...     scores = rng.normal(size=(60, LAGS.size))
    ...     scores[3::12, np.flatnonzero(np.isclose(LAGS, 0.2))] += 1.5
    ...     found = alignment.observe(letter, lines, scores)
    >>> round(found.lag, 2), found.letter
    (0.2, 1)
    """

    def __init__(self, evidence: Evidence) -> None:
        difference = evidence.target_mean - evidence.nontarget_mean
        self._evidence = evidence
        self._slope = difference / evidence.spread
        self._lag, self._inverts = 0.0, False
        self._pace = FlashPace()
        self._letters: deque[tuple[int, NDArray[np.float64]]] = deque(maxlen=LETTERS)

    def observe(
        self,
        number: int,
        lines: Sequence[tuple[str, ...]],
        scores: NDArray[np.float64],
        likeness: NDArray[np.float64] | None = None,
        interval_s: float = 0.0,
    ) -> Misalignment | Inversion | None:
        """Take a letter that is over.

        Parameters
        ----------
        number : int
            Of the letter.
        lines : sequence of tuple of str, length n_flashes
            The symbols that each flash lit.
        scores : ndarray, shape (n_flashes, n_lags)
            Of each flash at each of `LAGS`.
        likeness : ndarray, shape (n_lags,), optional
            Of the mean epoch, see `FlashPattern`.
        interval_s : float
            From one flash to the next.

        Returns
        -------
        found : Misalignment, Inversion or None
            At the letter that makes it certain.
        """
        self._letters.append((number, self._likelihood(lines, scores)))
        shift = None
        if likeness is not None:
            alike = -likeness if self._inverts else likeness
            shift = self._pace.observe(np.asarray(LAGS - self._lag, float), alike, interval_s)
        paced = None if shift is None else self._by_pace(shift, interval_s)
        found = paced or self._by_targets(interval_s)
        if isinstance(found, Inversion):
            self._inverts = not self._inverts
        elif found is not None:
            self._lag = found.lag
        if found is not None:
            self._letters.clear()
            self._pace.restart()
        return found

    def _by_targets(self, interval_s: float) -> Misalignment | Inversion | None:
        """Return what the responses to targets show, the newest letters first."""
        away = np.abs(LAGS - self._lag)
        is_near = away < NEAR_S + 1e-9
        possible = np.ones(LAGS.size, dtype=bool)
        if (shift := self._pace.newest) is not None:
            # Whole intervals are left.
            beside = LAGS - self._lag - shift
            possible = np.abs(beside - interval_s * np.round(beside / interval_s)) <= BESIDE_S
        numbers = [number for number, _ in self._letters]
        ordered = np.stack([likelihood for _, likelihood in self._letters])
        if self._inverts:
            ordered = ordered[:, ::-1]
        for start in range(len(numbers) - 2, -1, -1):
            some = ordered[start:]
            total = some.sum(axis=0)
            # The sums that each letter is left out of: one letter alone may be anything.
            sums = np.concatenate([total[np.newaxis], total - some])
            # Where nobody looks, noise at a shift must not count as better than noise at none.
            usual = np.maximum(sums[:, 0, is_near].max(axis=1), 0.0)
            least = usual + np.array([EVIDENCE, *[OTHERS_EVIDENCE] * len(some)])
            best = int(np.argmax(np.where(possible, total[0], -np.inf)))
            turned = sums[:, 1, is_near].max(axis=1)
            if turned[0] >= total[0, best] and (turned >= least).all():
                return Inversion(numbers[start])
            if away[best] > LEAST_S - 1e-9 and (sums[:, 0, best] >= least).all():
                return Misalignment(float(LAGS[best]), self._lag, numbers[start])
        return None

    def _by_pace(self, shift: float, interval_s: float) -> Misalignment | None:
        """Return a shift that is known up to whole intervals: targets tell up to how many."""
        newest = list(self._letters)[-2:]
        both = np.sum([likelihood for _, likelihood in newest], axis=0)
        total, turned = both[int(self._inverts)], both[int(not self._inverts)]
        n_most = int(LAGS[-1] / max(interval_s, LEAST_S))
        lags = self._lag + shift + interval_s * np.arange(-n_most, n_most + 1)
        lags = lags[np.abs(lags) <= LAGS[-1]]
        explained = np.interp(lags, LAGS, total)
        # Inverted responses look as if they came half an interval later.
        if turned[np.abs(LAGS - self._lag) < NEAR_S + 1e-9].max() > max(explained.max(), 0.0):
            return None
        best, least = int(np.argmax(explained)), int(np.argmin(np.abs(lags - self._lag)))
        others = np.append(np.delete(explained, best), 0.0)
        if explained[best] - others.max() < ALIAS_EVIDENCE:
            return Misalignment(float(lags[least]), self._lag, newest[0][0], interval_s)
        return Misalignment(float(lags[best]), self._lag, newest[0][0])

    def _likelihood(
        self, lines: Sequence[tuple[str, ...]], scores: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the log-likelihood of a response and of an inverted one, shape (2, n_lags)."""
        own = self._evidence
        codes = list(dict.fromkeys(lines))
        symbols = list(dict.fromkeys(symbol for line in codes for symbol in line))
        is_of = np.array([[line == code for line in lines] for code in codes], dtype=float)
        n = is_of.sum(axis=1)
        means = is_of @ scores / n[:, np.newaxis] / own.spread
        louder = self._louder(scores - own.spread * is_of.T @ means, len(lines) - n.size)
        # At other lags than 0 non-targets have another mean. Few codes are targets.
        means -= np.median(means, axis=0)
        letter = CodeMeans(
            means.T,
            n / louder[:, np.newaxis],
            np.array([[s in code for s in symbols] for code in codes]),
        )
        return response_likelihood(
            letter,
            [self._slope, -self._slope],
            (own.code_spread / own.spread) ** 2,
            own.letter_spread / max(own.target_mean - own.nontarget_mean, 1e-9),
        ).T

    def _louder(self, left: NDArray[np.float64], dof: int) -> NDArray[np.float64]:
        """Return how much larger than expected the variance of scores within codes is at each lag.

        An artefact, or an electrode that has become noisy, must not pass for a response.
        """
        found = (left**2).sum(axis=0) / max(dof, 1) / self._evidence.spread**2
        return np.where(found > LOUD, found, 1.0)
