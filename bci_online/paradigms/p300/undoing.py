"""A speller that takes a letter back where the subject's brain calls it wrong."""

import math

import numpy as np

from bci_online.config import Evidence
from bci_online.markers import Event, Feedback, SessionStarted, TrialStart
from bci_online.messages import (
    Decision,
    Epoch,
    Message,
    Reconsidered,
    Rejected,
    Retracted,
    Score,
    TrialEvidence,
)
from bci_online.notes import Undo
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.letter_evidence import log_likelihood_ratio
from bci_online.paradigms.p300.text_prior import TextPrior

__all__ = ["UndoingSpeller", "still_right"]

MOST = 700.0

STAYS = 0.75
"""A letter whose potential speaks for an error stays where it is surer than this by both.

Of simulated subjects those with 0.65 to 0.85 wrote alike, and those with 0.5 less: to ask again
costs half a letter's time, because the flashes go on where they ended.
"""

OTHER_WISH = 0.05
"""After a letter was taken back the subject may want another symbol, with this probability."""


def still_right(right: float, ratio: float) -> float:
    """Return how probable a shown letter is, given the potential that it evoked.

    Parameters
    ----------
    right : float
        Its posterior by the flashes, from 0 to 1.
    ratio : float
        Log-likelihood ratio of the potential, an error against none.

    Returns
    -------
    right : float
        The posterior by both: flashes and potential are independent, given what was meant.

    See Also
    --------
    UndoingSpeller : Takes a letter back by it.

    Examples
    --------
    >>> round(still_right(0.9, 0.0), 2), round(still_right(0.9, math.log(9)), 2)
    (0.9, 0.5)
    """
    # Beyond that a float has no room.
    odds = math.exp(max(-MOST, min(ratio, MOST)))
    return right / (right + (1 - right) * odds)


class UndoingSpeller:
    """Decides letters as another speller does, and reconsiders each once its feedback was seen.

    Parameters
    ----------
    speller : P300Speller
        Decides.
    prior : TextPrior
        That of the speller.
    evidence : Evidence
        What a score after feedback is worth: the densities of errors and of right answers.

    See Also
    --------
    bci_online.runtime.feedback_scores.FeedbackScores : Scores what follows feedback.
    bci_online.messages.decisions.Reconsidered : What it says.

    References
    ----------
    Schmidt, Blankertz and Treder (2012), BMC Neuroscience 13:36: undo by error potentials.

    Notes
    -----
    A letter is taken back if its potential speaks for an error, and flashes and potential together
    leave it less sure than `STAYS`. In a text where errors must be corrected a right letter is a
    step forward, a wrong one that stays is a step back (a backspace is a letter, too), and one that
    is taken back is none, but costs the time to ask again. A potential that says nothing changes
    nothing.

    The screen carries it out and marks the undo. The letter that is asked again begins with the
    posterior of flashes and potential as its prior, so its flashes are not lost.

    Examples
    --------
    >>> layout = {1: ("A",), 2: ("B",)}
    >>> prior = TextPrior()
    >>> from bci_online.config import Stopping
    >>> from bci_online.markers import Flash
    >>> from bci_online.messages import Marker
    >>> letters = P300Speller(layout, Evidence(threshold=0.8), Stopping(), 0.6, prior=prior)
    >>> speller = UndoingSpeller(letters, prior, Evidence(target_mean=2.0, nontarget_mean=-2.0))
    >>> _ = speller.push(TrialStart(1), 0.0, None)
    >>> for code, value in [(1, 1.0), (2, -1.0)] * 2:
    ...     score = Score(Marker("", 0.0), 0.0, np.array([0.0, value / 2]), 0)
    ...     for decision in speller.push(Flash(code), 1.0, score):
    ...         print(decision.value, round(decision.confidence, 2))
    A 0.98
    >>> high = Score(Marker("feedback/start", 3.0), 3.0, np.array([0.0, 2.0]), 0)
    >>> (again,) = speller.push(Feedback("start"), 3.0, high)
    >>> again.value is None, round(again.confidence, 3)  # taken back
    (True, 0.018)
    """

    def __init__(self, speller: P300Speller, prior: TextPrior, evidence: Evidence) -> None:
        self._speller, self._prior, self._evidence = speller, prior, evidence
        self._shown: Decision | None = None
        self._doubted: Reconsidered | None = None
        self._begun_with: Reconsidered | None = None
        self._believed: dict[str, float] = {}
        self._is_undone = False
        self.unknown_codes = speller.unknown_codes

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Process the next marker, in the order of time; see `P300Speller.push`."""
        if isinstance(event, Feedback):
            return self._reconsider(time, outcome)
        if isinstance(event, Undo):
            self._is_undone = self._doubted is not None and event.trial == self._doubted.trial
        elif isinstance(event, TrialStart | SessionStarted):
            begins = isinstance(event, TrialStart) and self._is_undone
            self._prior.believe(self._believed if begins else {})
            self._begun_with = self._doubted if begins else None
            self._doubted, self._is_undone = None, False
        messages = self._speller.push(event, time, outcome)
        self.unknown_codes = self._speller.unknown_codes
        for message in messages:
            if isinstance(message, Decision):
                self._shown = message
        if isinstance(event, TrialStart | SessionStarted):
            # A letter that was decided only now was never shown.
            self._shown = None
        return messages

    def _reconsider(self, time: float, outcome: Score | Rejected | Epoch | None) -> list[Message]:
        shown, self._shown = self._shown, None
        if shown is None or shown.value is None:
            return []
        ratio = 0.0
        if isinstance(outcome, Score):
            ratio = float(log_likelihood_ratio(outcome.values[1:], self._evidence)[0])
        right = still_right(shown.evidence[shown.value], ratio)
        is_kept = ratio <= 0 or right > STAYS
        again = Reconsidered(
            value=shown.value if is_kept else None,
            trial=shown.trial,
            confidence=right,
            ratio=ratio,
            time=time,
            truth=shown.truth,
            shown=shown.value,
        )
        if not is_kept:
            self._doubted, self._believed = again, _believed(shown, ratio)
        return [again]

    def retract(self, retracted: Retracted) -> Retracted:
        """Remove a flash's evidence; see `P300Speller.retract`."""
        retracted = self._speller.retract(retracted)
        if self._doubted is not None and retracted.suspect_trial == self._doubted.trial:
            # What its flashes said is in doubt: no later letter begins with it.
            self._believed = {}
        if self._begun_with is not None and retracted.suspect_trial == self._begun_with.trial:
            self._prior.believe({})
            self._speller.renew_prior()
        return retracted

    def finish(self) -> list[Message]:
        """Close the letter that is open when the recording ends."""
        return self._speller.finish()

    def trial_evidence(self) -> TrialEvidence | None:
        """Return the posterior of the open letter; None if there is no open letter."""
        return self._speller.trial_evidence()


def _believed(shown: Decision, ratio: float) -> dict[str, float]:
    """Return the probability of each symbol after its flashes and its potential."""
    symbols = list(shown.evidence)
    weights = np.array([shown.evidence[symbol] for symbol in symbols])
    weights[symbols.index(str(shown.value))] *= math.exp(-ratio)
    total = float(weights.sum())
    share = weights / total if total > 0 else np.full(len(symbols), 1 / len(symbols))
    mixed = (1 - OTHER_WISH) * share + OTHER_WISH / len(symbols)
    return dict(zip(symbols, mixed.tolist(), strict=True))
