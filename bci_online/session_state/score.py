"""How many decisions of a session were right."""

from collections.abc import Iterable, Sequence

from bci_online.config import REST
from bci_online.messages import DecisionLine

__all__ = ["n_undone", "right_and_known"]


def right_and_known(
    decisions: Sequence[DecisionLine], classes: Iterable[str], *, is_imagery: bool
) -> tuple[int, int]:
    """Return how many decisions were right, and of how many that is known.

    Parameters
    ----------
    decisions : sequence of DecisionLine
        Late ones were not carried out and do not count.
    classes : iterable of str
        What the decoder can decide in motor imagery.
    is_imagery : bool
        Whether the session is motor imagery.
    """
    known = [line for line in decisions if line.correct is not None and not line.late]
    if is_imagery and REST not in classes:
        # If the decoder does not know rest, a cue for rest has no right answer.
        known = [line for line in known if line.truth != REST]
    return sum(bool(line.correct) for line in known), len(known)


def n_undone(decisions: Sequence[DecisionLine], undone: Iterable[int]) -> int:
    """Return how many decided letters were taken back.

    The screen also marks an undo of letters without a decision; those do not count.
    """
    decided = {line.trial for line in decisions if line.value and not line.late}
    return len(decided.intersection(undone))
