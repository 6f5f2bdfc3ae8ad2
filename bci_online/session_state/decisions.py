"""The decisions of a session, in the order in which they came."""

from collections.abc import Container

from bci_online.messages import DecisionLine
from bci_online.session_state.score import n_undone, right_and_known

__all__ = ["Decisions"]


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
        self._undone: set[int] = set()

    def add(self, line: DecisionLine) -> None:
        """Add the newest decision."""
        self.lines.append(line)

    def undo(self, trial: int) -> None:
        """Note that the decision of a trial was taken back."""
        self._undone.add(trial)

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
        return n_undone(self.lines, self._undone)

    @property
    def data_age_ms(self) -> float | None:
        """How old the data of the newest decision were; None if that is unknown."""
        return self.lines[-1].data_age_ms if self.lines else None

    def right_and_known(self, classes: Container[str], *, is_imagery: bool) -> tuple[int, int]:
        """Return how many decisions were right, and of how many that is known."""
        return right_and_known(self.lines, classes, is_imagery=is_imagery)
