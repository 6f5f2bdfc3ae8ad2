"""Decisions of motor imagery: evidence of each cue's windows, posterior over classes, stopping."""

from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import REST, Evidence
from bci_online.markers import Cue, Event, SessionEnded, TrialEnd, TrialStart
from bci_online.messages import (
    Decision,
    Epoch,
    Message,
    Rejected,
    Retracted,
    Score,
    Status,
    TrialEvidence,
)
from bci_online.paradigms.motor_imagery.session_fit import SessionFit

__all__ = ["REST", "MotorImagery", "probabilities"]


def probabilities(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the softmax of log-odds that are known up to a constant.

    Parameters
    ----------
    values : ndarray, shape (n_classes,)
        Natural logarithms.

    Returns
    -------
    shares : ndarray, shape (n_classes,)
        Their sum is 1.

    See Also
    --------
    MotorImagery : Decides by them.

    Examples
    --------
    >>> probabilities(np.array([7.0, 7.0]))
    array([0.5, 0.5])
    """
    weights = np.exp(values - values.max())
    return weights / weights.sum()


ALARM = 0.95
"""From this probability on an alarm says, once, that the session is not as calibration."""


class _Trial(msgspec.Struct):
    """One cue, the values of its windows by their first sample, and its state."""

    number: int
    truth: str
    time: float
    end: float
    n_windows: int = 0
    values: dict[int, NDArray[np.float64]] = msgspec.field(default_factory=dict)
    is_over: bool = False
    is_decided: bool = False
    rejected_for: Counter[str] = msgspec.field(default_factory=Counter)

    @property
    def is_disturbed(self) -> bool:
        """Whether every one of its windows was rejected."""
        return bool(self.n_windows and not self.values)

    def total(self, n_values: int) -> NDArray[np.float64]:
        """Return the sum of the values of its windows, (n_values,)."""
        return sum(self.values.values(), np.zeros(n_values))

    def warning(self) -> Status:
        """Return the reason why a disturbed trial is not decided."""
        why = ", ".join(self.rejected_for)
        because = f", because of {why}; mend these electrodes" if why else ""
        text = f"trial {self.number} is not decided: all of its windows were rejected{because}"
        return Status("warning", text, self.end)


class MotorImagery:
    """Decide the class of each cue from scored windows.

    Parameters
    ----------
    classes : sequence of str
        In the order of the decoder's values.
    evidence : Evidence
        Scale of the values, temperature of their sum, prior of idle, threshold of the posterior.
    starts : ndarray, shape (n_windows,)
        When windows begin, in seconds from the cue. With the last window the trial times out.
    window_s : float
        Their length in seconds.
    dynamic : bool
        False: decide with the last window, whatever the evidence.
    fit : SessionFit, optional
        Learns what values are worth in this session. None: what they were worth in calibration.

    See Also
    --------
    bci_online.paradigms.p300.decision.P300Speller : The same for letters.

    Notes
    -----
    The posterior is ``softmax(log(prior) + temperature * scale * sum(values))`` over the windows so
    far; before the first window all classes are equally likely. That is the posterior of a session
    that is as calibration was; `SessionFit` has that of any. If the decoder knows idle, that is one
    more hypothesis: it takes its share of the posterior, and it is never decided. A trial is
    decided as soon as one class reaches the threshold. Without that, the last window, the trial's
    end or the next trial's start ends it without a decision: a timeout. A cue that is not a class
    (``rest``) is handled alike; a decision then is a false activation. Feedback changes nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import Evidence
    >>> from bci_online.markers import Cue
    >>> from bci_online.messages import Marker, Score
    >>> starts = np.array([0.5, 0.75, 1.0])
    >>> imagery = MotorImagery(("left", "right"), Evidence(threshold=0.9), starts, window_s=2.0)
    >>> cue, marker = Cue("left"), Marker("cue/left", 10.0)
    >>> imagery.push(cue, 10.0, None)
    []
    >>> for onset, start in enumerate(starts):
    ...     score = Score(marker, 10.0 + start, np.array([1.5, 0.0]), onset)
    ...     for decision in imagery.push(cue, score.time, score):
    ...         print(decision.value, round(decision.confidence, 2), decision.elapsed)
    left 0.95 2.75
    """

    unknown_codes = 0

    def __init__(
        self,
        classes: Sequence[str],
        evidence: Evidence,
        starts: NDArray[np.float64],
        window_s: float,
        dynamic: bool = True,
        fit: SessionFit | None = None,
    ) -> None:
        self.classes = tuple(classes)
        self._evidence = evidence
        self._starts = starts
        self._window_s = window_s
        self._dynamic = dynamic
        self._log_prior = np.zeros(len(self.classes))
        if evidence.idle:
            each = (1 - evidence.idle) / len(self.classes)
            self._log_prior = np.log([each] * len(self.classes) + [evidence.idle])
        self._fit = fit
        self._has_alarmed = False
        self._trial: _Trial | None = None
        self._previous: _Trial | None = None
        self._n_trials = 0
        self._number: int | None = None

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Process a marker; with an outcome, the next window of the cue `event`.

        Parameters
        ----------
        event : Event
            The marker's meaning.
        time : float
            Its common time in seconds.
        outcome : Score, Rejected, Epoch or None
            What became of the window; None for the marker itself.
        """
        if isinstance(event, Cue):
            return self._open(event, time) if outcome is None else self._window(outcome)
        if isinstance(event, TrialStart):
            messages = self._close(time)
            self._number = event.number
            return messages
        if isinstance(event, TrialEnd | SessionEnded):
            return self._close(time)
        return []

    def retract(self, retracted: Retracted) -> Retracted:
        """Remove a window's evidence; if its trial is decided, name that trial as suspect."""
        for trial in (self._trial, self._previous):
            if trial is None or retracted.onset not in trial.values:
                continue
            if trial.is_decided:
                return msgspec.structs.replace(retracted, suspect_trial=trial.number)
            del trial.values[retracted.onset]
        return retracted

    @property
    def carried(self) -> str:
        """What `SessionFit` has learnt of this session, as text; empty without one."""
        return "" if self._fit is None else self._fit.carried

    def carry(self, carried: str) -> bool:
        """Judge the session as at the end of an earlier run of it."""
        return self._fit is not None and self._fit.carry(carried)

    def finish(self) -> list[Message]:
        """Close the trial that is open when the recording ends."""
        return self._close(None)

    def trial_evidence(self) -> TrialEvidence | None:
        """Return the posterior of the open trial; None if there is no open trial."""
        trial = self._trial
        if trial is None or trial.is_over:
            return None
        posterior = map(float, self._posterior(trial))
        return TrialEvidence(
            trial.number,
            trial.n_windows,
            self._evidence.threshold,
            dict(zip(self.classes, posterior, strict=True)),
            self._evidence.idle,
        )

    def _open(self, event: Cue, time: float) -> list[Message]:
        messages = self._close(time)
        self._n_trials += 1
        truth = event.label if event.label in (*self.classes, REST) else ""
        number = self._n_trials if self._number is None else self._number
        self._trial = _Trial(number, truth, time, time)
        self._number = None
        return messages

    def _window(self, outcome: Score | Rejected | Epoch) -> list[Message]:
        trial = self._trial
        if trial is None or trial.is_over:
            return []
        trial.n_windows += 1
        trial.end = outcome.time + self._window_s
        is_last = trial.n_windows == len(self._starts)
        if isinstance(outcome, Rejected):
            trial.rejected_for.update(outcome.channels)
        elif isinstance(outcome, Score):
            values = self._evidence.scale * outcome.values
            trial.values[outcome.onset] = values
            if self._dynamic and self._posterior(trial).max() >= self._evidence.threshold:
                return self._end(trial, decides=True)
        return self._end(trial, decides=not self._dynamic) if is_last else []

    def _close(self, time: float | None) -> list[Message]:
        trial, self._trial = self._trial, None
        if trial is None:
            return []
        self._previous = trial
        if trial.is_over:
            return []
        if time is not None:
            trial.end = max(trial.end, time)
        return self._end(trial, decides=not self._dynamic)

    def _posterior(self, trial: _Trial) -> NDArray[np.float64]:
        """Return the probability of each class; what is left of 1 is that of idle."""
        total = trial.total(self._log_prior.size)
        if self._fit is None or not trial.values:
            posterior = probabilities(self._log_prior + self._evidence.temperature * total)
        else:
            posterior = self._fit.posterior(total, len(trial.values))
        return posterior[: len(self.classes)]

    def _end(self, trial: _Trial, decides: bool) -> list[Message]:
        trial.is_over = True
        posterior = self._posterior(trial)
        # Before any evidence all classes are equally likely, which decides nothing.
        trial.is_decided = decides and bool(posterior.max() > posterior.min())
        best = self.classes[int(np.argmax(posterior))] if trial.is_decided else None
        decision = Decision(
            value=best,
            trial=trial.number,
            confidence=float(posterior.max()),
            time=trial.end,
            truth=trial.truth,
            flashes=trial.n_windows,
            evidence=dict(zip(self.classes, map(float, posterior), strict=True)),
            elapsed=trial.end - trial.time,
            disturbed=trial.is_disturbed,
        )
        messages: list[Message] = [trial.warning()] if trial.is_disturbed else []
        return [*messages, decision, *self._learn(trial)]

    def _learn(self, trial: _Trial) -> list[Message]:
        """Let the session's fit know a trial that is over; return the alarm that it gives."""
        if self._fit is None or not trial.values:
            return []
        self._fit.observe(trial.total(self._log_prior.size), len(trial.values))
        if self._has_alarmed or self._fit.misfit < ALARM:
            return []
        self._has_alarmed = True
        text = self._fit.described(self.classes, trial.number)
        return [Status("alarm", text, trial.end, kind="misfit")]
