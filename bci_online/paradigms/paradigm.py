"""What decides: the interface between a chain and a paradigm."""

from typing import Protocol, runtime_checkable

from bci_online.markers import Event
from bci_online.messages import Epoch, Message, Rejected, Retracted, Score, TrialEvidence

__all__ = ["Carrying", "Paradigm"]


@runtime_checkable
class Carrying(Protocol):
    """What one run of a session leaves to the next.

    See Also
    --------
    bci_online.preprocessing.recentring.Recentring : Leaves the session's mean covariance.
    bci_online.paradigms.motor_imagery.session_fit.SessionFit : Leaves what values are worth.
    """

    @property
    def carried(self) -> str:
        """What is left so far, as text without a semicolon; empty if nothing is."""
        ...

    def carry(self, carried: str) -> bool:
        """Go on from what an earlier run left; return False if the text is none of its kind."""
        ...


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
