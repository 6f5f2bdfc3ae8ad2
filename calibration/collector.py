"""What takes the place of the paradigm when a chain runs for calibration: it keeps what is cut."""

from abc import ABC, abstractmethod
from collections import Counter

from bci_online.markers import Event
from bci_online.messages import Epoch, Message, Rejected, Retracted, Score, TrialEvidence

__all__ = ["Collector"]


class Collector(ABC):
    """A paradigm that decides nothing, keeps what the chain cuts, and counts what it rejects.

    See Also
    --------
    calibration.chain_runs.run_chains : Puts it in the place of the paradigm.
    calibration.p300.labelled_epochs.labelled_epochs : Collects epochs of flashes.

    Examples
    --------
    >>> class Counted(Collector):
    ...     n = 0
    ...     def push(self, event, time, outcome):
    ...         self.n += 1
    ...         return []
    ...     def retract(self, retracted):
    ...         self.n -= 1
    ...         return retracted
    >>> collector = Counted()
    >>> collector.push("flash/1", 0.0, None), collector.n, collector.rejected["gap"]
    ([], 1, 0)
    """

    def __init__(self) -> None:
        self.unknown_codes = 0
        self.rejected: Counter[str] = Counter()
        self.rejected_for: Counter[str] = Counter()

    def reject(self, rejected: Rejected) -> None:
        """Count a rejected epoch."""
        self.rejected[rejected.reason] += 1
        self.rejected_for.update(rejected.channels)

    @abstractmethod
    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep what the chain cut for a marker."""

    @abstractmethod
    def retract(self, retracted: Retracted) -> Retracted:
        """Drop an epoch that lies over a loss found later."""

    def finish(self) -> list[Message]:
        """Return no message."""
        return []

    def trial_evidence(self) -> TrialEvidence | None:
        """Return None: no evidence is collected."""
        return None
