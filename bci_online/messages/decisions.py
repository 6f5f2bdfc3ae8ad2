"""What is decided for a trial, and the evidence on the way."""

import msgspec

__all__ = ["Decision", "DecisionLine", "TrialEvidence"]

EVEN = 0.5


class Decision(msgspec.Struct, frozen=True, tag="decision"):
    """What was decided for one trial; ``value`` is None where the evidence stayed weak.

    ``time`` is the common time of the last sample that the decision rests on, ``evidence`` the
    posterior per symbol or class, ``truth`` what the trial's own marker says (empty: unknown).
    Motor imagery counts windows as ``flashes``; ``elapsed`` are its seconds from the cue.
    ``nobody`` is the posterior that nobody looked.
    """

    value: str | None
    trial: int
    confidence: float
    time: float
    truth: str = ""
    repetitions: int = 0
    flashes: int = 0
    evidence: dict[str, float] = {}
    elapsed: float | None = None
    nobody: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether it is more likely that nobody looked than that any symbol was meant."""
        return self.value is None and self.nobody > EVEN


class DecisionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A published decision: one line of JSON.

    ``type`` is ``decision`` or ``no_decision``; ``data_age_ms`` is None where nothing is live; a
    ``late`` decision must not be carried out.
    """

    type: str = "decision"
    value: str | None = None
    trial: int
    truth: str | None = None
    correct: bool | None = None
    confidence: float = 0.0
    repetitions: int = 0
    flashes: int = 0
    time: float = 0.0
    data_age_ms: float | None = None
    late: bool = False
    elapsed: float | None = None
    nobody: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether it is more likely that nobody looked than that any symbol was meant."""
        return self.value is None and self.nobody > EVEN


class TrialEvidence(msgspec.Struct, frozen=True, tag="standing"):
    """The evidence of a trial that is still open. It is for display: nothing acts on it.

    ``posterior`` holds the likeliest symbols or classes, the best first. At ``threshold`` the trial
    is decided.
    """

    trial: int
    flashes: int
    threshold: float
    posterior: dict[str, float]
