"""The decisions of a session, in the order in which they came."""

from collections.abc import Container

from bci_online.markers import SessionStarted
from bci_online.messages import DecisionLine, Journal
from bci_online.notes import Corrected, NotCorrected, Undo
from bci_online.session_state.score import n_undone, right_and_known
from bci_online.standing_letters import StandingLetters

__all__ = ["Decisions"]

MOST_SHOWN = 12
"""So many letters stand in an offer at most."""


class Decisions:
    """Keeps the decisions of a session; each one is chosen, undecided or late.

    Attributes
    ----------
    lines : list of DecisionLine
        All of them.

    See Also
    --------
    bci_online.session_state.state.SessionState : Keeps one.

    Examples
    --------
    >>> decisions = Decisions()
    >>> decisions.add(DecisionLine(value="A", trial=1))
    >>> decisions.add(DecisionLine(value="B", trial=2, late=True))
    >>> decisions.n_chosen, decisions.n_late, decisions.n_undecided
    (1, 1, 0)
    """

    def __init__(self) -> None:
        self.lines: list[DecisionLine] = []
        self._text = StandingLetters()
        self._offers: list[Corrected] = []
        # Of the sessions before, whose trials have the same numbers.
        self._n_before = self._n_undone_before = 0

    def observe(self, message: object) -> None:
        """Take what changes earlier decisions, or offers to."""
        if isinstance(message, SessionStarted):
            self._n_undone_before, self._n_before = self.n_undone, len(self.lines)
            self._offers = []
        self._text.observe(message)
        match message:
            case Journal("reread", _, _, value, trial):
                self._offers.append(Corrected(int(trial), value))
            case Undo(trial) | Corrected(trial) | NotCorrected(trial):
                self._offers = [offer for offer in self._offers if offer.trial != trial]

    @property
    def offered(self) -> Corrected | None:
        """The newest letter that stands and is read differently now; None where none is."""
        standing = self._text.letters
        return next((one for one in reversed(self._offers) if one.trial in standing), None)

    @property
    def offer(self) -> str:
        """The offer as a question, such as ``HQ → HI?``; empty where there is none."""
        offered = self.offered
        if offered is None:
            return ""
        trials, symbols = zip(*self._text.letters.items(), strict=True)
        place = trials.index(offered.trial)
        first = max(0, min(place, len(symbols) - MOST_SHOWN))
        shown = "".join(symbols[first:place]), "".join(symbols[place + 1 : first + MOST_SHOWN])
        return f"{symbols[place].join(shown)} → {offered.value.join(shown)}?"

    def add(self, line: DecisionLine) -> None:
        """Add the newest decision."""
        self.lines.append(line)
        if line.value and not line.late:
            self._text.enter(line.trial, line.value)

    @property
    def chosen(self) -> list[DecisionLine]:
        """The decisions that were carried out, also those that were taken back later."""
        return [line for line in self.lines if line.value and not line.late]

    @property
    def n_chosen(self) -> int:
        """How many decisions were carried out."""
        return len(self.chosen)

    @property
    def n_undecided(self) -> int:
        """How many trials ended in time, but without a decision."""
        return sum(not line.value and not line.late for line in self.lines)

    @property
    def n_late(self) -> int:
        """How many decisions came too late to be carried out."""
        return sum(line.late for line in self.lines)

    @property
    def n_undone(self) -> int:
        """How many decisions were taken back."""
        own = n_undone(self.lines[self._n_before :], self._text.undone)
        return self._n_undone_before + own

    @property
    def data_age_ms(self) -> float | None:
        """How old the data of the newest decision were; None if that is unknown."""
        return self.lines[-1].data_age_ms if self.lines else None

    def right_and_known(self, classes: Container[str], *, is_imagery: bool) -> tuple[int, int]:
        """Return how many decisions were right, and of how many that is known."""
        return right_and_known(self.lines, classes, is_imagery=is_imagery)
