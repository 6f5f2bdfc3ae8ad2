"""Which decisions of a session stand: one rule for prior, panel, and all that learns from letters.

The subject's screen spells by `bci_online.paradigms.p300.spelling`; a test compares the two.
"""

from collections.abc import Mapping

from bci_online.markers import SessionStarted
from bci_online.notes import Corrected, Undo

__all__ = ["StandingLetters"]


class StandingLetters:
    """The decisions of a session, and which of them nobody took back.

    A backspace takes back the newest letter that stands. An undo takes back the decision of its
    trial; of a backspace, and the letter that it erased stands again. A rest is no letter.

    Attributes
    ----------
    undone : set of int
        Trials that were undone; what a backspace erased is not among them.

    See Also
    --------
    bci_online.runtime.adaptation.FollowedSession : Learns from letters.

    Examples
    --------
    >>> text = StandingLetters()
    >>> text.observe(SessionStarted({"backspace": "<"}))
    >>> for trial, symbol in enumerate("HQ<I", start=1):
    ...     text.enter(trial, symbol)
    >>> text.letters
    {1: 'H', 4: 'I'}
    >>> text.observe(Undo(3))
    >>> text.letters
    {1: 'H', 2: 'Q', 4: 'I'}
    """

    def __init__(self) -> None:
        self.begin({})

    def observe(self, event: object) -> None:
        """Take an event of the session, if it changes what stands; decisions are entered."""
        match event:
            case SessionStarted(info):
                self.begin(info)
            case Undo(trial):
                self.undo(trial)
            case Corrected(trial, value):
                self.correct(trial, value)

    def begin(self, info: Mapping[str, object]) -> None:
        """Begin a session; what it says of itself names the backspace and the rest."""
        self._backspace, self._rest = str(info.get("backspace", "")), str(info.get("rest", ""))
        self._decided: dict[int, str] = {}
        self._corrected: dict[int, str] = {}
        self.undone = set[int]()

    def enter(self, trial: int, symbol: str) -> None:
        """Add the decision of a trial."""
        self._decided[trial] = symbol

    def undo(self, trial: int) -> None:
        """Take the decision of a trial back, also one that is entered later."""
        self.undone.add(trial)

    def correct(self, trial: int, symbol: str) -> None:
        """Replace the decision of a trial."""
        self._corrected[trial] = symbol

    def can_correct(self, trial: int, symbol: str) -> bool:
        """Return whether the symbol can stand in the place of what the trial decided."""
        return trial in self.letters and not self._is_key(symbol)

    @property
    def letters(self) -> dict[int, str]:
        """The letters of the text, in its order: their trials and symbols."""
        standing: dict[int, str] = {}
        for trial, symbol in self._decided.items():
            if trial in self.undone:
                continue
            if not self._is_key(symbol):
                standing[trial] = self._corrected.get(trial, symbol)
            elif symbol == self._backspace and standing:
                standing.popitem()
        return standing

    @property
    def meant(self) -> dict[int, str]:
        """What the subject looked at, as far as nobody took it back: letters of the text, and keys.

        A backspace or a rest was looked at itself.
        """
        letters = self.letters
        return {
            trial: letters.get(trial, symbol)
            for trial, symbol in self._decided.items()
            if trial in letters or (self._is_key(symbol) and trial not in self.undone)
        }

    def _is_key(self, symbol: str) -> bool:
        return symbol in (self._backspace, self._rest)
