"""Scores of what follows the speller's answers: a signal and a decoder of their own."""

from collections import OrderedDict
from typing import Protocol

import msgspec

from bci_online.decoding.scores import NOT_FINITE
from bci_online.markers import Event, Feedback
from bci_online.messages import (
    Epoch,
    Journal,
    Marker,
    Message,
    Reading,
    Rejected,
    Retracted,
    Score,
    Status,
    TrialEvidence,
)

__all__ = ["FeedbackScores", "KeptOutcomes"]

MOST_KEPT = 64
"""An answer is asked for soon after it was scored."""

Outcome = Score | Rejected | Epoch


class Pushed(Protocol):
    """A chain, as far as it is needed here."""

    @property
    def due(self) -> float:
        """When the next message may follow."""
        ...

    def push(self, reading: Reading) -> list[Message]:
        """Process a reading."""
        ...


class KeptOutcomes:
    """A paradigm that decides nothing, and keeps what became of the epoch after each answer.

    See Also
    --------
    FeedbackScores : Its chain has one.

    Examples
    --------
    >>> kept = KeptOutcomes()
    >>> marker = Marker("feedback/start", 5.0)
    >>> kept.push(Feedback("start"), 5.0, Rejected(marker, "gap", 5.0))
    []
    >>> kept.pop(marker).reason, kept.pop(marker)
    ('gap', None)
    """

    def __init__(self) -> None:
        self.unknown_codes = 0
        self._kept: OrderedDict[tuple[str, float], Outcome] = OrderedDict()

    def push(self, event: Event, time: float, outcome: Outcome | None) -> list[Message]:
        """Keep what became of an answer's epoch."""
        if isinstance(event, Feedback) and outcome is not None:
            self._kept[outcome.marker.text, outcome.marker.time] = outcome
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return []

    def pop(self, marker: Marker) -> Outcome | None:
        """Return what became of a marker's epoch, once; None if it had none."""
        return self._kept.pop((marker.text, marker.time), None)

    def retract(self, retracted: Retracted) -> Retracted:
        """Return it unchanged: the letter is kept or taken back already."""
        return retracted

    def finish(self) -> list[Message]:
        """Return no message."""
        return []

    def trial_evidence(self) -> TrialEvidence | None:
        """Return None: there is no evidence of a trial."""
        return None


class FeedbackScores:
    """Runs the chain of an error-potential decoder beside that of the letters.

    Parameters
    ----------
    chain : Chain
        Of that decoder.
    kept : KeptOutcomes
        The paradigm in it.

    See Also
    --------
    bci_online.runtime.assembly.online_chain : Makes one.
    bci_online.paradigms.p300.undoing.UndoingSpeller : Gets the scores.

    Notes
    -----
    It takes each reading before the chain of the letters does, and its epochs are not longer. So a
    score is there when the letters' chain serves the marker, however the signal is cut.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> onset = Journal("onset", 5.0, 1280, "feedback/hit")
    >>> messages = [Journal("offset", 0.0), onset]
    >>> chain = SimpleNamespace(push=lambda reading: messages)
    >>> FeedbackScores(chain, KeptOutcomes()).push(Reading()) == [onset]
    True
    """

    def __init__(self, chain: Pushed, kept: KeptOutcomes) -> None:
        self._chain, self._kept = chain, kept

    @property
    def due(self) -> float:
        """As `Chain.due`."""
        return self._chain.due

    def push(self, reading: Reading) -> list[Message]:
        """Process a reading; return where epochs begin, and that scores are no numbers.

        All else the letters' chain says.
        """
        passed: list[Message] = []
        for message in self._chain.push(reading):
            if isinstance(message, Journal) and message.kind == "onset":
                passed.append(message)
            elif isinstance(message, Status) and message.kind == NOT_FINITE:
                text = f"error potentials: {message.text}"
                passed.append(msgspec.structs.replace(message, text=text))
        return passed

    def outcome(self, marker: Marker) -> Outcome | None:
        """Return what became of the epoch after an answer."""
        return self._kept.pop(marker)
