"""The P300 speller with letters that are taken back where an error potential follows them."""

from collections.abc import Iterator

from bci_online.messages import Reconsidered
from bci_online.notes import Undo
from bci_online.paradigms.p300.presentation import P300Presentation
from bci_online.paradigms.p300.spelling_trial import SpellingTrial
from bci_online.paradigms.picture import SpellerPicture, SpellerState
from bci_online.paradigms.presentation import DECISION_WAIT_S, News

__all__ = ["UndoingPresentation"]

PAUSE_S, CUE_S = 0.25, 1.0
"""Before a letter that is asked again at once; the subject knows which, and looks there already."""


class UndoingPresentation(P300Presentation):
    """Shows letters as its base does, and waits after each for what the chain says of it again.

    Parameters
    ----------
    config : Config
        Layout, presentation, stopping, and the length of an epoch.
    mode : str
        ``copy`` or ``free``.
    words : sequence of (str or sequence of str)
        What to copy.
    wish : str
        What a simulated subject writes freely.
    seed : int
        Seed of the flash orders.
    lead_s : float
        Seconds before the first letter.
    done : int
        How many letters an earlier run has shown.

    See Also
    --------
    bci_online.paradigms.p300.undoing.UndoingSpeller : Reconsiders letters.
    bci_online.paradigms.p300.presentation.P300Presentation : Its base.

    Notes
    -----
    The next letter begins when the letter was reconsidered, at the latest 2 s after the response to
    it is over. Mostly it needs no time of its own: the letter is shown for longer than that. One
    that is taken back leaves the text, `Undo` is marked, and the letter is asked again.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> UndoingPresentation(Config(), "copy", ["HI"]).step(0.0)[0].state
    'ready'
    """

    _again: Reconsidered | None = None
    _is_taken_back = False

    def _between(self, seconds: float) -> Iterator[SpellerPicture]:
        return super()._between(min(PAUSE_S, seconds) if self._is_taken_back else seconds)

    def _for(self, seconds: float, state: SpellerState) -> Iterator[SpellerPicture]:
        is_again = self._is_taken_back and state == "cue"
        return super()._for(min(CUE_S, seconds) if is_again else seconds, state)

    def _take(self, message: News) -> None:
        if isinstance(message, Reconsidered):
            self._again = message
        else:
            super()._take(message)

    def _undo(self) -> None:
        super()._undo()
        # Another letter is asked now.
        self._is_taken_back = False

    def _answer(self, trial: SpellingTrial) -> Iterator[SpellerPicture]:
        shown_at, self._is_taken_back = self._stage.time, False
        yield from super()._answer(trial)
        if trial.broken_off or not trial.value:
            return
        yield from self._stage.until(
            shown_at + self._window_s + DECISION_WAIT_S,
            lambda: self._show("deciding"),
            lambda: trial.broken_off or self._verdict(trial) is not None,
        )
        again = self._verdict(trial)
        # The operator may have taken it back before.
        if again is None or again.value is not None or self._spelling.last != trial.number:
            return
        self._spelling.undo()
        self._is_taken_back = True
        self._stage.mark(Undo(trial.number))

    def _verdict(self, trial: SpellingTrial) -> Reconsidered | None:
        """Return what was said of this trial; None before."""
        again = self._again
        return again if again is not None and again.trial == trial.number else None
