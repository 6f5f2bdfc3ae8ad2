"""Whether a decoder still fits: the scores of each letter against what calibration expects."""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence
from bci_online.messages import Status
from bci_online.paradigms.p300.change_detector import ChangeDetector
from bci_online.paradigms.p300.letter_evidence import LetterEvidence
from bci_online.paradigms.p300.response_likelihood import CodeMeans, response_likelihood

__all__ = ["FitCheck", "Misfit"]

ALARM = 100.0
"""Statistic of an alarm, the mean of three detectors.

`ChangeDetector` bounds false alarms by two in 200 letters; benchmarks/decoder_fit.py finds fewer.
"""

SLACK = 0.1
"""Standard deviation between calibration and a session that fits, of each figure.

The decoder was fitted on more letters than the held-out scores that the expectation is of.
"""

BETWEEN = 0.12
"""Standard deviation between letters of the logarithm of the spread, and of the offset."""

GONE = 0.25
"""Below this share of the expected response, it is not weaker but absent."""

STRENGTHS = np.arange(0.0, 2.01, 0.05)
LOUDNESS = np.arange(-0.6, 1.51, 0.05)
OFFSETS = np.arange(-2.0, 2.01, 0.1)

Figure = Literal["response", "noise", "offset"]
"""What is followed."""


class Misfit(msgspec.Struct, frozen=True):
    """The scores no longer are what calibration expects.

    Parameters
    ----------
    what : {"response", "noise", "offset"}
        The figure that changed most.
    strength : float
        Of the response, as a share of the expected one.
    noise : float
        Spread of the scores, as a multiple of the expected one.
    offset : float
        What all scores are shifted by, in units of the spread.

    See Also
    --------
    FitCheck : Finds it.

    Examples
    --------
    >>> Misfit("noise", strength=1.0, noise=2.5, offset=0.0).alarm(7, 90.0).text[:55]
    'the decoder no longer fits, noticed at letter 7: scores'
    """

    what: Figure
    strength: float
    noise: float
    offset: float

    def alarm(self, letter: int, time: float) -> Status:
        """Return the alarm at `letter`: what is wrong, and what helps."""
        helps = "recalibrate two letters"
        if self.what == "noise":
            wrong = f"scores vary {self.noise:.1f} times as much as in calibration"
            helps = f"look at the electrodes, then {helps}"
        elif self.what == "offset":
            wrong = f"all scores are shifted by {self.offset:+.1f} of their spread"
        elif self.strength < GONE:
            wrong = "letters hold no response to their flashes"
            helps = f"see that the subject looks; look at the electrodes, then {helps}"
        else:
            wrong = f"the response is {100 * self.strength:.0f} % of that in calibration"
            helps = f"look at the electrodes and at the markers' timing, then {helps}"
        text = (
            f"the decoder no longer fits, noticed at letter {letter}: {wrong}; the stated error "
            f"rate is not promised any more; {helps}"
        )
        return Status("alarm", text, time, kind="misfit")

    def discounted(self, evidence: Evidence) -> Evidence:
        """Return what scores are worth now; never more than before.

        The means and the spread are those that the session itself shows, with no more than half of
        the expected response taken off.
        """
        if self.what == "response" and self.strength < GONE:
            # Nobody looks, or nothing can be read: no letter would be decided with either.
            return evidence
        difference = evidence.target_mean - evidence.nontarget_mean
        spread = evidence.spread * max(self.noise, 1.0)
        nontarget_mean = evidence.nontarget_mean + self.offset * evidence.spread
        return msgspec.structs.replace(
            evidence,
            nontarget_mean=nontarget_mean,
            target_mean=nontarget_mean + difference * min(max(self.strength, 0.5), 1.0),
            spread=spread,
            promised=False,
        )


class FitCheck:
    """Follows the scores of letters, and says once that the decoder no longer fits.

    Parameters
    ----------
    evidence : Evidence
        The expectation, with its uncertainty. Decoders from before `Evidence.difference_error`
        state none: nothing is checked for them.

    See Also
    --------
    bci_online.paradigms.p300.change_detector.ChangeDetector : Follows one figure.

    Notes
    -----
    Three figures are followed: the strength of the response, the spread of the scores, and the mean
    score of non-targets. The first one is judged over all symbols and over the hypothesis that
    nobody looks; see `response_likelihood`. So it also falls when letters hold no response.

    Examples
    --------
    >>> evidence = Evidence(
    ...     target_mean=1.0, nontarget_mean=0.0, code_spread=0.1, letter_spread=0.2,
    ...     difference_error=0.05,
    ... )
    >>> check, layout = FitCheck(evidence), {code: (str(code),) for code in range(12)}
    >>> rng = np.random.default_rng(0)
    >>> for number in range(20):
    ...     letter = LetterEvidence(layout)
    ...     for code in [*range(12)] * 5:
    ...         score = rng.normal(0.5 * (code == 3))
    ...         letter.add(code, score - 0.5)
    ...     misfit = check.observe(letter)
    ...     if misfit is not None:
    ...         print(number, misfit.what, misfit.strength < 0.8)
    11 response True
    """

    def __init__(self, evidence: Evidence) -> None:
        difference = evidence.target_mean - evidence.nontarget_mean
        self._checks = difference > 0 and evidence.difference_error > 0
        self._has_alarmed = False
        if not self._checks:
            return
        self._slope = difference / evidence.spread
        self._code_variance = (evidence.code_spread / evidence.spread) ** 2
        self._letter_share = evidence.letter_spread / difference
        self._response = ChangeDetector(
            STRENGTHS,
            _normal(STRENGTHS - 1, np.hypot(evidence.difference_error / difference, SLACK)),
            np.where(STRENGTHS <= 0.85, 1.0, 0.0),
        )
        self._noise = ChangeDetector(
            LOUDNESS, _normal(LOUDNESS, SLACK), np.where(LOUDNESS >= 0.25, 1.0, 0.0)
        )
        self._offset = ChangeDetector(
            OFFSETS, _normal(OFFSETS, SLACK), np.where(np.abs(OFFSETS) >= 0.35, 1.0, 0.0)
        )

    def observe(self, letter: LetterEvidence) -> Misfit | None:
        """Take a letter that is over; return the misfit at the letter that shows it."""
        groups = letter.evidence_by_line()
        if not self._checks or self._has_alarmed or not groups:
            return None
        # From evidence back to scores, in units of their spread, where non-targets have mean 0.
        flashes = [np.array(values) / self._slope + self._slope / 2 for values in groups.values()]
        codes = CodeMeans(
            means=np.array([values.mean() for values in flashes]),
            n=np.array([float(values.size) for values in flashes]),
            lit=np.array([[symbol in line for symbol in letter.symbols] for line in groups]),
        )
        self._response.observe(
            response_likelihood(
                codes, STRENGTHS * self._slope, self._code_variance, self._letter_share
            )
        )
        self._observe_noise(flashes)
        self._observe_offset(codes)
        return self._misfit()

    def _observe_noise(self, flashes: list[NDArray[np.float64]]) -> None:
        dof = sum(values.size - 1 for values in flashes)
        if not dof:
            return
        squares = sum(float(np.sum((values - values.mean()) ** 2)) for values in flashes)
        found = np.log(max(squares / dof, 1e-9)) / 2
        variance = BETWEEN**2 + 1 / (2 * dof)
        self._noise.observe(-((found - LOUDNESS) ** 2) / (2 * variance))

    def _observe_offset(self, codes: CodeMeans) -> None:
        # The median: the target codes, which are few, hardly move it.
        found = float(np.median(codes.means))
        variance = BETWEEN**2 + np.pi / 2 * float(
            np.mean(self._code_variance + 1 / codes.n) / codes.n.size
        )
        self._offset.observe(-((found - OFFSETS) ** 2) / (2 * variance))

    def _misfit(self) -> Misfit | None:
        followed: dict[Figure, ChangeDetector] = {
            "response": self._response, "noise": self._noise, "offset": self._offset,
        }  # fmt: skip
        statistics = {what: one.statistic for what, one in followed.items()}
        if sum(statistics.values()) / len(statistics) < ALARM:
            return None
        self._has_alarmed = True
        likely = {what: value >= ALARM for what, value in statistics.items()}
        return Misfit(
            what=max(statistics, key=lambda what: statistics[what]),
            strength=self._response.estimate if likely["response"] else 1.0,
            noise=float(np.exp(self._noise.estimate)) if likely["noise"] else 1.0,
            offset=self._offset.estimate if likely["offset"] else 0.0,
        )


def _normal(away: NDArray[np.float64], spread: float) -> NDArray[np.float64]:
    return np.exp(-0.5 * (away / spread) ** 2)
