"""How many decisions of a session were right."""

from collections.abc import Container, Iterable, Sequence

from bci_online.config import is_unanswerable
from bci_online.messages import DecisionLine

__all__ = ["n_undone", "right_and_known"]


def right_and_known(
    decisions: Sequence[DecisionLine], classes: Container[str], *, is_imagery: bool
) -> tuple[int, int]:
    """Return how many decisions were right, and of how many that is known.

    Parameters
    ----------
    decisions : sequence of DecisionLine
        Late ones were not carried out and do not count.
    classes : container of str
        What the decoder can decide in motor imagery.
    is_imagery : bool
        Whether the session is motor imagery.

    Returns
    -------
    right, known : int
        Right decisions, and decisions whose truth is known.

    See Also
    --------
    n_undone : The other figure of a session.

    Examples
    --------
    >>> decisions = [
    ...     DecisionLine(value="A", trial=1, correct=True),
    ...     DecisionLine(value="B", trial=2, correct=False),
    ...     DecisionLine(value="C", trial=3),
    ... ]
    >>> right_and_known(decisions, (), is_imagery=False)
    (1, 2)
    """
    known = [line for line in decisions if line.correct is not None and not line.late]
    if is_imagery:
        known = [line for line in known if not is_unanswerable(line.truth, classes)]
    return sum(bool(line.correct) for line in known), len(known)


def n_undone(decisions: Sequence[DecisionLine], undone: Iterable[int]) -> int:
    """Return how many decided letters were taken back.

    The screen also marks an undo of letters without a decision; those do not count.

    Parameters
    ----------
    decisions : sequence of DecisionLine
        All of a session.
    undone : iterable of int
        Trials that were taken back.

    Returns
    -------
    n : int
        Trials among them that were decided and carried out.

    See Also
    --------
    right_and_known : The other figure of a session.

    Examples
    --------
    >>> decisions = [DecisionLine(value="A", trial=1), DecisionLine(value="B", trial=2)]
    >>> n_undone(decisions, [2, 3])
    1
    """
    decided = {line.trial for line in decisions if line.value and not line.late}
    return len(decided.intersection(undone))
