"""Decisions of the P300 speller: layout, evidence of each flash, posterior, stopping."""

from collections.abc import Mapping

import msgspec

from bci_online.config import Evidence, Stopping
from bci_online.markers import Event, Flash, Layout, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import Decision, Epoch, Message, Rejected, Retracted, Score, TrialEvidence
from bci_online.notes import Corrected, Undo
from bci_online.paradigms.p300.fit_check import FitCheck
from bci_online.paradigms.p300.flashed_letter import FlashedLetter
from bci_online.paradigms.p300.label_check import LetterLabels
from bci_online.paradigms.p300.letter_evidence import (
    LetterEvidence,
    log_likelihood_ratio,
    nobody_of,
)
from bci_online.paradigms.p300.nobody import NobodyPrior
from bci_online.paradigms.p300.text_prior import TextPrior

__all__ = ["LetterEvidence", "P300Speller", "log_likelihood_ratio"]

UNEVEN = 10
"""This many times the flashes that a letter needs end it, however uneven its codes are."""


class P300Speller:
    """Decide letters from scored flashes, in the order of the flashes.

    Parameters
    ----------
    symbols_of_code : mapping of int to tuple of str
        The layout; a ``layout`` marker replaces it.
    evidence : Evidence
        Score densities, what their sum is worth, prior that nobody looks, threshold.
    stopping : Stopping
        Minimum and maximum number of repetitions.
    window_s : float
        Length of an epoch in seconds: a decision's time is its last flash's time plus this.
    dynamic : bool
        False: decide after all repetitions, whatever the evidence.
    prior : TextPrior, optional
        Prior of each letter. By default all symbols are equally likely until a session's start
        names a language.

    See Also
    --------
    bci_online.paradigms.p300.letter_evidence.LetterEvidence : The evidence and its posterior.
    bci_online.paradigms.motor_imagery.decision.MotorImagery : The same for cues.

    Notes
    -----
    A letter is decided as soon as the posterior of one symbol reaches the threshold. After the last
    repetition it is decided if one symbol is more likely than all others together, and than that
    nobody looks; otherwise there is no decision. The minimum counts repetitions in which every code
    gave evidence; the maximum counts those that were flashed.

    While more than a fifth of the flashes are rejected nothing is decided, dynamically or not. If
    that is still so at the end, a warning gives the reason, and the letter should be asked again.

    After each letter `FitCheck` compares its scores with what calibration expects. At its one alarm
    the scores are weighed again from the next letter on, as `Misfit.discounted` says.

    The threshold is fitted with all symbols equally likely. A prior that is true for the spelled
    text keeps the stated error rate on average over that text: the posterior stays as well
    calibrated as it was, rare letters are wrong more often and frequent ones less often. For text
    of another kind (names, random letters) the rate is not promised; turn the prior off there.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import Evidence, Stopping
    >>> from bci_online.markers import Flash, TrialStart
    >>> from bci_online.messages import Marker, Score
    >>> layout = {1: ("A", "B"), 2: ("C", "D"), 3: ("A", "C"), 4: ("B", "D")}
    >>> speller = P300Speller(layout, Evidence(threshold=0.95), Stopping(), window_s=0.6)
    >>> speller.push(TrialStart(1, "C"), 0.0, None)
    []

    The subject looks at C, so flashes of codes 2 and 3 score high:

    >>> for n in range(8):
    ...     flash, time = Flash(n % 4 + 1), 1 + 0.2 * n
    ...     marker = Marker(flash.text(), time)
    ...     high = flash.code in (2, 3)
    ...     score = Score(marker, time, np.array([0.0, 1.5 if high else -0.5]), n)
    ...     for decision in speller.push(flash, time, score):
    ...         print(decision.value, decision.trial, decision.flashes, round(decision.time, 1))
    C 1 8 3.0
    """

    # At the end of a letter, one symbol must be more likely than all others together.
    WEAK = 0.5

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        evidence: Evidence,
        stopping: Stopping,
        window_s: float,
        dynamic: bool = True,
        prior: TextPrior | None = None,
    ) -> None:
        self._symbols_of_code = dict(symbols_of_code)
        self._evidence = evidence
        self._stopping = stopping
        self._window_s = window_s
        self._dynamic = dynamic
        self._prior = TextPrior() if prior is None else prior
        self._nobody = NobodyPrior(evidence.nobody)
        self._fit = FitCheck(evidence)
        self._trial: FlashedLetter | None = None
        self._previous: FlashedLetter | None = None
        self._n_trials = self._n_disturbed = 0
        self._is_mislabelled = False
        self._last_time = 0.0
        self.unknown_codes = 0

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Process the next marker, in the order of time.

        Parameters
        ----------
        event : Event
            The marker's meaning.
        time : float
            Its common time in seconds.
        outcome : Score, Rejected, Epoch or None
            What became of its epoch; None where it has none.

        Returns
        -------
        messages : list of Message
            A decision where this flash made one, and warnings.
        """
        if isinstance(event, Flash):
            return self._flash(event, time, outcome)
        if isinstance(event, Layout):
            # Also within a letter: a random group or a word suggestion changes what codes mean.
            self._symbols_of_code = dict(event.symbols)
            if self._trial is not None and not self._trial.decided:
                self._trial.evidence.lay_out(self._symbols_of_code)
                self.renew_prior()
        elif isinstance(event, TrialStart):
            messages = self._close()
            self._open(event)
            return messages
        elif isinstance(event, TrialEnd):
            return self._close()
        elif isinstance(event, SessionStarted):
            return [*self._close(), *self._prior.start(event.info)]
        elif isinstance(event, Undo | Corrected):
            if isinstance(event, Undo):
                self._prior.undo(event.trial)
            else:
                self._prior.correct(event.trial, event.value)
            self.renew_prior()
        return []

    def retract(self, retracted: Retracted) -> Retracted:
        """Remove a flash's evidence; if its letter is decided, name that trial as suspect."""
        for trial in (self._trial, self._previous):
            if trial is None or retracted.marker not in trial.markers:
                continue
            if trial.decided:
                trial.suspect = True
                return msgspec.structs.replace(retracted, suspect_trial=trial.number)
            trial.evidence.remove(retracted.marker)
        return retracted

    def renew_prior(self) -> None:
        """Let the open letter go by what its prior says now."""
        if self._trial is not None and not self._trial.decided:
            letter = self._trial.evidence
            letter.set_log_prior(self._prior.log_prior(letter.symbols))

    def finish(self) -> list[Message]:
        """Close the letter that is open when the recording ends."""
        return self._close()

    def trial_evidence(self) -> TrialEvidence | None:
        """Return the posterior of the open letter; None if there is no open letter."""
        trial = self._trial
        if trial is None or trial.decided or not trial.evidence.n_flashes:
            return None
        return trial.likeliest(self._evidence.threshold)

    def _open(self, event: TrialStart) -> None:
        self._n_trials += 1
        number = event.number or self._n_trials
        evidence = self._new_evidence(number)
        labels = LetterLabels.begun(event.symbol, self._symbols_of_code)
        self._trial = FlashedLetter(number, labels.truth, evidence, labels=labels)
        self.renew_prior()

    def _new_evidence(self, number: int) -> LetterEvidence:
        """Return the evidence of a letter that begins."""
        return LetterEvidence(
            self._symbols_of_code,
            self._evidence.temperature,
            saturation=self._evidence.saturation,
            nobody=self._nobody.value,
        )

    def _flash(
        self, event: Flash, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        trial = self._trial
        if trial is None:
            return []
        trial.labels.add(event, self._symbols_of_code)
        if not trial.evidence.knows(event.code):
            self.unknown_codes += 1
            return []
        if trial.decided or trial.over:
            return []
        if isinstance(outcome, Rejected):
            trial.rejected_for.update(outcome.channels)
        elif outcome is not None:
            trial.markers.add(outcome.marker)
            trial.lacked_sensors |= isinstance(outcome, Score) and bool(outcome.without)
        self._add(trial.evidence, event.code, outcome)
        self._last_time = time
        if self._dynamic and trial.evidence.repetitions >= self._stopping.min_repetitions:
            decision = self._decide(trial, self._evidence.threshold)
            if decision:
                return decision
        most = self._stopping.max_repetitions
        # A screen that flashes some codes only never completes a round.
        is_endless = trial.evidence.n_flashes >= UNEVEN * most * trial.evidence.n_codes
        if trial.evidence.rounds >= most or is_endless:
            return self._end(trial)
        return []

    def _add(
        self, letter: LetterEvidence, code: int, outcome: Score | Rejected | Epoch | None
    ) -> None:
        """Add a flash to its letter."""
        value = None
        if isinstance(outcome, Score):
            value = float(log_likelihood_ratio(outcome.values[1], self._evidence))
        letter.add(code, value, None if outcome is None else outcome.marker)

    def _close(self) -> list[Message]:
        trial, self._trial = self._trial, None
        if trial is None:
            return []
        self._previous = trial
        messages: list[Message] = []
        if trial.labels.contradicts and not self._is_mislabelled:
            self._is_mislabelled = True
            messages = [trial.mislabelled(self._last_time + self._window_s)]
        if trial.decided or trial.over or not trial.evidence.n_flashes:
            return messages
        return [*messages, *self._end(trial)]

    def _end(self, trial: FlashedLetter) -> list[Message]:
        """Decide with the evidence there is, or report that it is not enough."""
        trial.over = True
        decision = self._decide(trial, self.WEAK if self._dynamic else 0.0)
        if decision:
            return decision
        time = self._last_time + self._window_s
        posterior = trial.evidence.posterior()
        none = trial.decision(None, posterior, time)
        if trial.is_disturbed:
            self._n_disturbed += 1
            return [trial.warning(time, self._n_disturbed), none]
        return self._closed(trial, none)

    def _decide(self, trial: FlashedLetter, least: float) -> list[Message]:
        if trial.is_disturbed:
            return []
        posterior = trial.evidence.posterior()
        best = int(posterior.argmax())
        # A prior alone must not decide: without flashes a frequent letter could type itself.
        if posterior[best] < least or (len(posterior) > 1 and trial.evidence.is_silent):
            return []
        # Also without a threshold a symbol must be more likely than that nobody looks.
        if posterior[best] <= nobody_of(posterior):
            return []
        trial.decided = True
        self._prior.enter(trial.evidence.symbols[best], trial.number)
        time = self._last_time + self._window_s
        return self._closed(trial, trial.decision(best, posterior, time))

    def _closed(self, trial: FlashedLetter, decision: Decision) -> list[Message]:
        """Learn from a letter that is over; return its decision, and the alarm that it gives."""
        self._n_disturbed = 0
        self._nobody.observe(decision.nobody)
        # Without a sensor scores are weaker than in calibration, and that is known already.
        misfit = None if trial.lacked_sensors else self._fit.observe(trial.evidence)
        if misfit is None:
            return [decision]
        self._evidence = misfit.discounted(self._evidence)
        return [decision, misfit.alarm(trial.number, decision.time)]
