"""Send the messages of a live run to LSL and to the person, and count them."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

import msgspec
import numpy as np

from bci_online.channel_quality import Electrodes
from bci_online.config import Live
from bci_online.messages import (
    Decision,
    DecisionLine,
    Epoch,
    Message,
    Reconsidered,
    Score,
    Status,
    TrialEvidence,
)
from bci_online.runtime.sketches import QuantileSketch
from bci_online.runtime.tally import Summary, Tally
from bci_online.session_lines import EngineReady, line_text

__all__ = ["LivePublisher", "TextSink", "decision_row", "is_journalled"]

ALARM_AGE_S = 0.1
AGES_KNOWN = 20
AGES_USUAL = 100
AGES_ACCURACY = 0.01
ALARM_EVERY_S = 5.0


class TextSink(Protocol):
    """Something that takes text, such as an LSL outlet.

    See Also
    --------
    LivePublisher : Sends text to it.
    """

    def push(self, text: str, stamp: float | None = None) -> float:
        """Send `text`."""
        ...


class LivePublisher:
    """Takes each message of the engine, in its thread.

    Parameters
    ----------
    tally : Tally
        Counts the messages.
    window_s : float
        Length of an epoch in seconds.
    clock : callable or None
        The clock of common times; None where stamps run ahead of it (accelerated replay): then
        ages are unknown and nothing is late.
    live : Live
        When a decision is late.
    decisions, journal : TextSink
        Where they go.
    show : callable
        Shows a message to a person; a decision with its row.
    trial_evidence : callable
        The evidence of the open trial, for display.

    See Also
    --------
    decision_row : The line of a decision.
    bci_online.runtime.live.decode : Makes one.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> decisions, journal = [], []
    >>> publisher = LivePublisher(
    ...     SimpleNamespace(take=lambda message: False), 0.75, lambda: 9.0, Live(max_data_age=1.0),
    ...     SimpleNamespace(push=decisions.append), SimpleNamespace(push=journal.append), print,
    ... )
    >>> publisher(Decision(value="B", trial=1, confidence=0.98, time=7.5))
    >>> publisher.n_late, '"late":true' in decisions[0], journal  # the data were 1.5 s old
    (1, True, [])
    """

    def __init__(
        self,
        tally: Tally,
        window_s: float,
        clock: Callable[[], float] | None,
        live: Live,
        decisions: TextSink,
        journal: TextSink,
        show: Callable[[Message, object], None],
        trial_evidence: Callable[[], TrialEvidence | None] = lambda: None,
    ) -> None:
        self._tally = tally
        self._window_s = window_s
        self._clock = clock
        self._live = live
        self._decisions = decisions
        self._journal = journal
        self._show = show
        self._trial_evidence = trial_evidence
        self._first_ages: list[float] = []
        self._last_ages: deque[float] = deque(maxlen=AGES_USUAL)
        self._ages = QuantileSketch(AGES_ACCURACY)
        self._alarmed = -np.inf
        self.n_late = 0

    def __call__(self, message: Message | Electrodes | EngineReady) -> None:
        """Publish, count and show `message`."""
        if isinstance(message, Electrodes | EngineReady):
            # About the source, before anything is decoded: there is nothing to count.
            self._journal.push(line_text(message))
            return
        row: object = message
        if isinstance(message, Decision):
            row = self._decided(message)
        elif isinstance(message, Reconsidered):
            self._decisions.push(line_text(message))
        elif is_journalled(message):
            self._journal.push(line_text(message))
        if self._tally.take(message):
            self._show(message, row)
        if isinstance(message, Score | Epoch):
            self._follow(message)

    def _decided(self, decision: Decision) -> object:
        age = None if self._clock is None else self._clock() - decision.time
        late = age is not None and age > self._live.max_data_age
        self.n_late += late
        row = decision_row(decision, age, late)
        self._decisions.push(line_text(row))
        return row

    def _follow(self, flash: Score | Epoch) -> None:
        """Note how old the data of a flash are; without calibration its epoch has no score."""
        if self._clock is not None:
            self._note_age(self._clock() - flash.time - self._window_s)
        trial_evidence = self._trial_evidence()
        if trial_evidence is not None:
            self._journal.push(line_text(trial_evidence))

    def _note_age(self, age: float) -> None:
        """Send an alarm when the data's age is three times the usual."""
        now = 0.0 if self._clock is None else self._clock()
        self._ages.add(age)
        self._last_ages.append(age)
        if len(self._first_ages) < AGES_USUAL:
            self._first_ages.append(age)
        if age <= ALARM_AGE_S or len(self._first_ages) <= AGES_KNOWN:
            return
        # The first ages count too: if ages grow slowly, the median of the last grows with them.
        usual = min(np.median(ages) for ages in (self._first_ages, self._last_ages))
        if age > 3 * usual and now > self._alarmed + ALARM_EVERY_S:
            self._alarmed = now
            self(Status("alarm", f"data are {1000 * age:.0f} ms old", now))

    def completed(self, summary: Summary) -> Summary:
        """Return `summary` with latencies, to 1 %, and the number of late decisions."""
        if not self._ages.n:
            return summary
        p50, p99 = (1000 * self._ages.quantile(share) for share in (0.5, 0.99))
        latency = {"p50": p50, "p99": p99}
        return msgspec.structs.replace(summary, latency_ms=latency, late=self.n_late)


def decision_row(
    decision: Decision, data_age_s: float | None = None, late: bool = False
) -> DecisionLine:
    """Return the JSON line of a decision; its data's age is None when not live.

    Parameters
    ----------
    decision : Decision
        As the paradigm decided.
    data_age_s : float, optional
        Age of the newest sample in seconds; None where nothing is live.
    late : bool
        Whether it is too late to be carried out.

    Returns
    -------
    line : DecisionLine
        With ``correct`` where the truth is known.

    See Also
    --------
    bci_online.session_lines.line_text : Writes the line.

    Examples
    --------
    >>> decision = Decision(value="B", trial=1, confidence=0.98, time=7.5, truth="A")
    >>> row = decision_row(decision, data_age_s=0.25)
    >>> row.correct, row.data_age_ms
    (False, 250.0)
    """
    known = bool(decision.truth)
    return DecisionLine(
        type="decision" if decision.value is not None else "no_decision",
        value=decision.value,
        trial=decision.trial,
        truth=decision.truth or None,
        correct=decision.value == decision.truth if known else None,
        confidence=decision.confidence,
        repetitions=decision.repetitions,
        flashes=decision.flashes,
        time=decision.time,
        data_age_ms=None if data_age_s is None else 1000 * data_age_s,
        late=late,
        elapsed=decision.elapsed,
        nobody=decision.nobody,
        disturbed=decision.disturbed,
    )


def is_journalled(message: Message) -> bool:
    """Return whether a message belongs in the session's journal.

    Parameters
    ----------
    message : Message
        Of the engine.

    Returns
    -------
    journalled : bool
        False for decisions, epochs and scores, which are sent elsewhere or can be made again.

    See Also
    --------
    bci_online.session_lines.parse_journal : Reads a line of the journal.

    Examples
    --------
    >>> from bci_online.messages import Status
    >>> is_journalled(Status("info", "ready", 0.0))
    True
    """
    return not isinstance(message, Decision | Reconsidered | Epoch | Score)
