"""What the chain cuts from a recording of answers: an epoch after each, right or wrong."""

from bci_online.markers import Event, Feedback
from bci_online.messages import Epoch, Message, Rejected, Score
from calibration.p300.flash_collector import FlashCollector, Letter

__all__ = ["AnswerCollector"]

NO_CODE = 0
IS_WRONG = {"hit": False, "miss": True}


class AnswerCollector(FlashCollector):
    """Keeps the epoch after each answer; targets are the answers that were wrong.

    Each answer counts as a letter of its own, because the next one is another trial.

    Parameters
    ----------
    run : int
        Number of the recording.
    config : Config
        Not used: answers need no layout.
    letters : list of Letter
        One for each answer is appended.
    decided : mapping of int to str, optional
        Not used.

    See Also
    --------
    calibration.p300.flash_collector.FlashCollector : The same for flashes.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> collector = AnswerCollector(0, Config(), [])
    >>> collector.push(Feedback("start"), 5.0, None), collector.rejected["unlabelled"]
    ([], 1)
    """

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep the epoch of an answer, if it is known to be right or wrong."""
        if not isinstance(event, Feedback):
            return []
        if isinstance(outcome, Rejected):
            self.reject(outcome)
        elif event.what not in IS_WRONG:
            self.rejected["unlabelled"] += 1
        elif isinstance(outcome, Epoch):
            self.rows.append((outcome, IS_WRONG[event.what], len(self._letters), NO_CODE))
            self._letters.append(Letter(self._run, "", {}))
        return []
