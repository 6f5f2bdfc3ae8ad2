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
    """
    known = [line for line in decisions if line.correct is not None and not line.late]
    if is_imagery:
        known = [line for line in known if not is_unanswerable(line.truth, classes)]
    return sum(bool(line.correct) for line in known), len(known)


def n_undone(decisions: Sequence[DecisionLine], undone: Iterable[int]) -> int:
    """Return how many decided letters were taken back.

    The screen also marks an undo of letters without a decision; those do not count.
    """
    decided = {line.trial for line in decisions if line.value and not line.late}
    return len(decided.intersection(undone))
