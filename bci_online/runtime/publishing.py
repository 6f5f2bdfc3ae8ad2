"""What of the chain's messages goes out, and as which JSON."""

from bci_online.messages import Decision, DecisionLine, Epoch, Message, Score

__all__ = ["decision_row", "is_journalled"]


def decision_row(
    decision: Decision, data_age_s: float | None = None, late: bool = False
) -> DecisionLine:
    """Return what a JSON line says of a decision; its data's age is None when not live."""
    known = bool(decision.truth)
    return DecisionLine(
        type="decision" if decision.value is not None else "no_decision",
        value=decision.value,
        trial=decision.trial,
        truth=decision.truth or None,
        correct=decision.value == decision.truth if known else None,
        confidence=decision.confidence,
        repetitions=decision.repetitions,
        flashes=decision.flashes,
        time=decision.time,
        data_age_ms=None if data_age_s is None else 1000 * data_age_s,
        late=late,
        elapsed=decision.elapsed,
    )


def is_journalled(message: Message) -> bool:
    """Tell whether a message belongs into the session's journal."""
    return not isinstance(message, Decision | Epoch | Score)
