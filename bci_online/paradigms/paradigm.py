"""What decides: the interface between a chain and a paradigm."""

from typing import Protocol

from bci_online.markers import Event
from bci_online.messages import Epoch, Message, Rejected, Retracted, Score, TrialEvidence

__all__ = ["Paradigm"]


class Paradigm(Protocol):
    """Decides from scored markers, in the order of their times.

    See Also
    --------
    bci_online.paradigms.p300.decision.P300Speller : Decides letters.
    bci_online.paradigms.motor_imagery.decision.MotorImagery : Decides cues.
    """

    unknown_codes: int
    """Number of flashes whose code the layout lacks."""

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Process a marker and what became of its epoch."""
        ...

    def retract(self, retracted: Retracted) -> Retracted:
        """Remove an epoch's evidence; name the decided trial that used it."""
        ...

    def finish(self) -> list[Message]:
        """Return the last messages: the recording is over."""
        ...

    def trial_evidence(self) -> TrialEvidence | None:
        """Return the evidence of the open trial; None if there is no open trial."""
        ...
