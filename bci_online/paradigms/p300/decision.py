"""The P300 speller's mind: layout, evidence of each flash, posterior over symbols, stopping."""

import math
from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence, Stopping
from bci_online.markers import Event, Flash, Layout, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import (
    Decision,
    Epoch,
    Marker,
    Message,
    Rejected,
    Retracted,
    Score,
    Status,
    TrialEvidence,
)
from bci_online.notes import Undo
from bci_online.paradigms.p300.language import TextPrior
from bci_online.paradigms.p300.letter_evidence import LetterEvidence, log_likelihood_ratio

__all__ = ["MOST_REJECTED", "LetterEvidence", "P300Speller", "log_likelihood_ratio"]

MOST_REJECTED = 0.2
"""Of which share of a letter's flashes the epochs may be rejected or taken back."""

# How many symbols a bar chart of the evidence has room for.
SHOWN = 8


class _Trial(msgspec.Struct):
    """One letter from its start to its decision and beyond (flashes may go on)."""

    number: int
    truth: str
    letter: LetterEvidence
    decided: bool = False
    over: bool = False
    suspect: bool = False
    markers: set[Marker] = msgspec.field(default_factory=set)


class P300Speller:
    """Decides letters from scored flashes, in flash order.

    Parameters
    ----------
    symbols_of_code : mapping
        The layout until a ``layout`` marker says otherwise.
    evidence : Evidence
        Score densities, temperature, threshold.
    stopping : Stopping
        Least and most repetitions.
    window_s : float
        Length of an epoch: a decision's time is its last flash's plus this.
    dynamic : bool
        False decides after all repetitions, whatever the evidence.
    prior : TextPrior, optional
        Every symbol alike if not given, until a session's start names a language.

    Notes
    -----
    A letter is decided as soon as one symbol's posterior reaches the threshold, or after the last
    repetition if one symbol is likelier than all others together; else there is no decision. The
    least repetitions are those in which every code gave evidence; the most are those flashed. While
    more than a fifth of the flashes are rejected nothing is decided, dynamically or not: where
    that is so at the end, a warning says why, and the letter is to be asked again.

    The threshold was fitted with all symbols alike. A prior that is true of the text spelled keeps
    the stated error rate on average over that text, as the posterior stays as well calibrated as
    it was: rare letters go wrong more often, frequent ones less. On text that is not of the
    language (names, random letters) the rate is not promised: there the prior should be off.
    """

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
        self._trial: _Trial | None = None
        self._previous: _Trial | None = None
        self._n_trials = 0
        self._last_time = 0.0
        self.unknown_codes = 0

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Take the next marker, in order of time, with its score if it has one."""
        if isinstance(event, Flash):
            return self._flash(event, time, outcome)
        if isinstance(event, Layout):
            # Also in mid-letter: a random group or a word suggestion changes what codes mean.
            self._symbols_of_code = dict(event.symbols)
            if self._trial is not None and not self._trial.decided:
                self._trial.letter.lay_out(self._symbols_of_code)
                self._expect(self._trial)
        elif isinstance(event, TrialStart):
            messages = self._close()
            self._open(event)
            return messages
        elif isinstance(event, TrialEnd):
            return self._close()
        elif isinstance(event, SessionStarted):
            return [*self._close(), *self._prior.start(event.info)]
        elif isinstance(event, Undo):
            self._prior.undo(event.trial)
            if self._trial is not None and not self._trial.decided:
                self._expect(self._trial)
        return []

    def retract(self, retracted: Retracted) -> Retracted:
        """Take back a flash's evidence; where its letter is decided, name it as suspect."""
        for trial in (self._trial, self._previous):
            if trial is None or retracted.marker not in trial.markers:
                continue
            if trial.decided:
                trial.suspect = True
                return msgspec.structs.replace(retracted, suspect_trial=trial.number)
            trial.letter.remove(retracted.marker)
        return retracted

    def finish(self) -> list[Message]:
        """Close the letter that is open when the recording ends."""
        return self._close()

    def trial_evidence(self) -> TrialEvidence | None:
        """Return how the letter that is open stands; None where there is none."""
        trial = self._trial
        if trial is None or trial.decided or not trial.letter.n_flashes:
            return None
        posterior = trial.letter.posterior()
        best = np.argsort(-posterior)[:SHOWN]
        return TrialEvidence(
            trial.number,
            trial.letter.n_flashes,
            self._evidence.threshold,
            {trial.letter.symbols[i]: round(float(posterior[i]), 4) for i in best},
        )

    def _open(self, event: TrialStart) -> None:
        self._n_trials += 1
        letter = LetterEvidence(self._symbols_of_code, self._evidence.temperature)
        # "?" means unknown, unless the matrix has that symbol.
        truth = "" if event.symbol == "?" and "?" not in letter.symbols else event.symbol
        self._trial = _Trial(event.number or self._n_trials, truth, letter)
        self._expect(self._trial)

    def _expect(self, trial: _Trial) -> None:
        trial.letter.expect(self._prior.log_prior(trial.letter.symbols))

    def _flash(
        self, event: Flash, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        trial = self._trial
        if trial is None:
            return []
        if not trial.letter.knows(event.code):
            self.unknown_codes += 1
            return []
        if trial.decided or trial.over:
            return []
        value = None
        if isinstance(outcome, Score):
            value = float(log_likelihood_ratio(outcome.values[1], self._evidence))
            trial.markers.add(outcome.marker)
        trial.letter.add(event.code, value, None if outcome is None else outcome.marker)
        self._last_time = time
        if self._dynamic and trial.letter.repetitions >= self._stopping.min_repetitions:
            decision = self._decide(trial, self._evidence.threshold)
            if decision:
                return decision
        if trial.letter.rounds >= self._stopping.max_repetitions:
            return self._end(trial)
        return []

    def _close(self) -> list[Message]:
        trial, self._trial = self._trial, None
        if trial is None:
            return []
        self._previous = trial
        if trial.decided or trial.over or not trial.letter.n_flashes:
            return []
        return self._end(trial)

    def _end(self, trial: _Trial) -> list[Message]:
        """Decide with what there is, or say that it is too little."""
        trial.over = True
        least = self.WEAK if self._dynamic else 0.0
        return self._decide(trial, least) or [
            *self._warning(trial),
            self._message(trial, None, trial.letter.posterior()),
        ]

    @staticmethod
    def _is_disturbed(letter: LetterEvidence) -> bool:
        return letter.n_rejected > MOST_REJECTED * letter.n_flashes

    def _warning(self, trial: _Trial) -> list[Message]:
        """Say why a disturbed letter is not decided."""
        letter = trial.letter
        if not self._is_disturbed(letter):
            return []
        text = (
            f"trial {trial.number} is not decided: {letter.n_rejected} of its {letter.n_flashes} "
            f"flashes were rejected, more than {100 * MOST_REJECTED:g} %"
        )
        return [Status("warning", text, self._last_time + self._window_s)]

    def _decide(self, trial: _Trial, least: float) -> list[Message]:
        if self._is_disturbed(trial.letter):
            return []
        posterior = trial.letter.posterior()
        best = int(np.argmax(posterior))
        # A prior alone decides nothing.
        if posterior[best] < least or (trial.letter.is_silent and len(posterior) > 1):
            return []
        trial.decided = True
        self._prior.enter(trial.letter.symbols[best], trial.number)
        return [self._message(trial, best, posterior)]

    def _message(self, trial: _Trial, best: int | None, posterior: NDArray[np.float64]) -> Decision:
        return Decision(
            value=None if best is None else trial.letter.symbols[best],
            trial=trial.number,
            confidence=float(posterior.max()),
            time=self._last_time + self._window_s,
            truth=trial.truth,
            repetitions=math.ceil(trial.letter.n_flashes / max(1, trial.letter.n_codes)),
            flashes=trial.letter.n_flashes,
            evidence=dict(zip(trial.letter.symbols, map(float, posterior), strict=True)),
        )
