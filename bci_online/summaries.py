"""The results of a run, and those of a screen."""

import msgspec

__all__ = ["ScreenSummary", "Summary"]


class Summary(msgspec.Struct, frozen=True, kw_only=True, tag="summary"):
    """The results of a run; a figure that does not apply is None.

    ``accuracy`` is ``correct`` divided by the presented letters whose truth is ``known``, with its
    95 % interval. ``unknown_codes`` counts flashes whose code the layout lacks. ``counted_s`` is
    the duration of the chosen letters in seconds; the information rate refers to it. ``auc`` is
    over all labelled flashes; a rejected flash scores the prior.

    In motor imagery the units are trials. A timeout counts as wrong. ``auc`` is over windows of two
    classes. ``confusion`` maps the class of the cue to the decided class.
    ``time_to_decision_s`` is the median from the cue. A decision after a cue for rest is a false
    activation.
    """

    presented: int
    decisions: int
    no_decision: int
    known: int
    correct: int
    accuracy: float | None
    accuracy_ci: tuple[float, float] | None
    letters: str
    auc: float | None
    epochs: int
    rejected: dict[str, int]
    retracted: int
    suspect: int
    late: int = 0
    gaps: int
    lost_samples: int
    not_finite_samples: int
    untranslated: dict[str, int]
    unknown_codes: int
    duration_s: float
    counted_s: float
    load_s: float
    wall_s: float
    itr_bits_per_min: float
    latency_ms: dict[str, float] | None = None
    paradigm: str = "p300"
    confusion: dict[str, dict[str, int]] | None = None
    time_to_decision_s: float | None = None
    false_activations: int | None = None
    false_activations_per_min: float | None = None


class ScreenSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a session on the subject's screen.

    Parameters
    ----------
    reason : str
        Why it ended: ``done`` or ``abort``; empty if it did not come so far.
    spelled : str
        The text; empty in motor imagery.
    trials : int
        How many were shown.
    dropped_decisions : int
        Decisions for another trial than the open one.
    flashes, late_flashes : int
        How many flashes were shown, and how many of them late.
    hits, judged : int
        Motor imagery: how many trials were decided as the cue asked, and how many at all.
    frames : int
        How many were shown.
    unread_lines : int
        Lines of other parts that could not be read.
    frames_locked : bool
        Whether frames kept to the display's own rate.
    """

    reason: str = ""
    spelled: str = ""
    trials: int = 0
    dropped_decisions: int = 0
    flashes: int = 0
    late_flashes: int = 0
    hits: int = 0
    judged: int = 0
    frames: int = 0
    unread_lines: int = 0
    frames_locked: bool = False
