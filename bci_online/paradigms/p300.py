"""The P300 speller's mind: layout, evidence of each flash, posterior over symbols, stopping."""

import math
from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence, Stopping
from bci_online.markers import Event, Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import Decision, Epoch, Marker, Message, Rejected, Retracted, Score

__all__ = ["LetterEvidence", "P300Speller", "log_likelihood_ratio"]


def log_likelihood_ratio(scores: NDArray[np.float64], evidence: Evidence) -> NDArray[np.float64]:
    """Return the evidence for a target in each score: log p(score | target) / p(score | other).

    Both densities are normal with one spread, so more score is more evidence, however far out.
    """
    centre = (evidence.target_mean + evidence.nontarget_mean) / 2
    slope = (evidence.target_mean - evidence.nontarget_mean) / evidence.spread**2
    return slope * (scores - centre)


class LetterEvidence:
    """The evidence for each symbol while one letter is flashed.

    Parameters
    ----------
    symbols_of_code : mapping
        Which symbols a flash of each code lights.
    temperature : float
        What the summed evidence is multiplied with: flashes overlap, their sum is overconfident.
    log_prior : mapping of str to float, optional
        Uniform if not given.
    """

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        temperature: float = 1.0,
        log_prior: Mapping[str, float] | None = None,
    ) -> None:
        self._temperature = temperature
        self._log_prior = dict(log_prior or {})
        self._flashes: list[tuple[tuple[str, ...], float | None, Marker | None]] = []
        self._times_flashed: dict[int, int] = {}
        self.lay_out(symbols_of_code)

    def lay_out(self, symbols_of_code: Mapping[int, tuple[str, ...]]) -> None:
        """From now on codes mean other symbols; evidence for a symbol stays with the symbol."""
        self._symbols_of_code = dict(symbols_of_code)
        self.symbols = tuple(dict.fromkeys(s for line in symbols_of_code.values() for s in line))
        self._place = {symbol: place for place, symbol in enumerate(self.symbols)}
        self._times_flashed = {c: self._times_flashed.get(c, 0) for c in symbols_of_code}
        self._sum_up()

    def _sum_up(self) -> None:
        self._total = np.zeros(len(self.symbols))
        for line, evidence, _ in self._flashes:
            self._weigh(line, evidence)

    def _weigh(self, line: tuple[str, ...], evidence: float | None) -> None:
        if evidence is not None:
            self._total[[self._place[s] for s in line if s in self._place]] += evidence

    @property
    def n_codes(self) -> int:
        """How many codes make one repetition."""
        return len(self._symbols_of_code)

    @property
    def n_flashes(self) -> int:
        """How many flashes of the layout's codes were seen, rejected ones included."""
        return len(self._flashes)

    @property
    def repetitions(self) -> int:
        """How often every code was flashed at least."""
        return min(self._times_flashed.values(), default=0)

    def knows(self, code: int) -> bool:
        """Tell whether `code` is one of the layout's."""
        return code in self._symbols_of_code

    def add(self, code: int, evidence: float | None, marker: Marker | None = None) -> None:
        """Take one flash; evidence None (a rejected epoch) speaks for nothing."""
        line = self._symbols_of_code[code]
        self._flashes.append((line, evidence, marker))
        self._times_flashed[code] += 1
        self._weigh(line, evidence)

    def remove(self, marker: Marker) -> None:
        """Take a flash's evidence back; the flash still counts as seen."""
        self._flashes = [
            (line, None if own == marker else evidence, own)
            for line, evidence, own in self._flashes
        ]
        self._sum_up()

    def posterior(self) -> NDArray[np.float64]:
        """Return the probability of each of `symbols`, given the flashes so far."""
        prior = np.array([self._log_prior.get(symbol, 0.0) for symbol in self.symbols])
        logits = prior + self._temperature * self._total
        weights = np.exp(logits - logits.max())
        return weights / weights.sum()


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

    Notes
    -----
    A letter is decided as soon as one symbol's posterior reaches the threshold, or after the last
    repetition if one symbol is likelier than all others together; else there is no decision.
    """

    WEAK = 0.5

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        evidence: Evidence,
        stopping: Stopping,
        window_s: float,
        dynamic: bool = True,
    ) -> None:
        self._symbols_of_code = dict(symbols_of_code)
        self._evidence = evidence
        self._stopping = stopping
        self._window_s = window_s
        self._dynamic = dynamic
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
        elif isinstance(event, TrialStart):
            messages = self._close()
            self._open(event)
            return messages
        elif isinstance(event, TrialEnd):
            return self._close()
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

    def _open(self, event: TrialStart) -> None:
        self._n_trials += 1
        letter = LetterEvidence(self._symbols_of_code, self._evidence.temperature)
        # "?" means unknown, unless the matrix has that symbol.
        truth = "" if event.symbol == "?" and "?" not in letter.symbols else event.symbol
        self._trial = _Trial(event.number or self._n_trials, truth, letter)

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
        if trial.letter.repetitions >= self._stopping.max_repetitions:
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
        return self._decide(trial, least) or [self._message(trial, None, trial.letter.posterior())]

    def _decide(self, trial: _Trial, least: float) -> list[Message]:
        posterior = trial.letter.posterior()
        best = int(np.argmax(posterior))
        # Before any evidence all symbols are equally likely: that is no decision.
        uniform = math.isclose(posterior[best], posterior.min())
        if posterior[best] < least or (uniform and len(posterior) > 1):
            return []
        trial.decided = True
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
