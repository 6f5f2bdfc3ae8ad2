"""What is decided for a trial, and the evidence on the way."""

import msgspec

__all__ = ["Decision", "DecisionLine", "Reconsidered", "TrialEvidence"]

EVEN = 0.5


class Decision(msgspec.Struct, frozen=True, tag="decision"):
    """What was decided for one trial.

    Parameters
    ----------
    value : str or None
        The symbol or class; None where the evidence stayed weak.
    trial : int
        Number of the trial, from 1.
    confidence : float
        Posterior probability of the likeliest symbol or class.
    time : float
        Common time of the last sample that the decision rests on, in seconds.
    truth : str
        What the trial's own marker says; empty where it is unknown.
    repetitions, flashes : int
        How many were used; motor imagery counts its windows as flashes.
    evidence : dict of str to float
        The posterior of each symbol or class.
    elapsed : float, optional
        Motor imagery: seconds from the cue.
    nobody : float
        The posterior that nobody looked.
    disturbed : bool
        Whether too many of its flashes were rejected to decide.

    See Also
    --------
    DecisionLine : The same as it is published.
    bci_online.paradigms.p300.decision.P300Speller : Decides letters.
    bci_online.paradigms.motor_imagery.decision.MotorImagery : Decides cues.

    Examples
    --------
    >>> Decision("B", trial=1, confidence=0.98, time=12.0, repetitions=4).value
    'B'
    >>> Decision(None, trial=2, confidence=0.1, time=30.0, nobody=0.9).is_empty
    True
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
    disturbed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it is more likely that nobody looked than that any symbol was meant."""
        return self.value is None and self.nobody > EVEN and not self.disturbed

    @property
    def is_untried(self) -> bool:
        """Whether nothing can be said of the symbol: it is asked again, however often."""
        return self.is_empty or self.disturbed


class DecisionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A published decision: one line of JSON.

    Parameters
    ----------
    type : str
        ``decision``, or ``no_decision`` where there is no value.
    value : str or None
        The symbol or class.
    trial : int
        Number of the trial, from 1.
    truth : str or None
        What the trial's own marker says.
    correct : bool or None
        Whether the value is the truth; None where that is unknown.
    confidence : float
        As in `Decision`.
    repetitions, flashes : int
        As in `Decision`.
    time : float
        As in `Decision`, in seconds.
    data_age_ms : float or None
        Age of the newest sample at publication in milliseconds; None where nothing is live.
    late : bool
        True: the data were too old, and the decision must not be carried out.
    elapsed, nobody, disturbed : optional
        As in `Decision`.

    See Also
    --------
    Decision : Before it is published.
    bci_online.session_lines.parse_decision : Reads a line.

    Examples
    --------
    >>> DecisionLine(value="B", trial=1, confidence=0.98).late
    False
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
    disturbed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it is more likely that nobody looked than that any symbol was meant."""
        return self.value is None and self.nobody > EVEN and not self.disturbed

    @property
    def is_untried(self) -> bool:
        """Whether nothing can be said of the symbol: it is asked again, however often."""
        return self.is_empty or self.disturbed


class Reconsidered(msgspec.Struct, frozen=True, kw_only=True, tag="reconsidered"):
    """What becomes of a decision once the subject has seen it; also one published line of JSON.

    Parameters
    ----------
    value : str or None
        The symbol that stays; None: it is taken back.
    trial : int
        Number of the trial, from 1.
    confidence : float
        Posterior probability of the shown symbol, by its flashes and the potential after it.
    ratio : float
        Log-likelihood ratio of that potential, an error against none; 0 where there is no epoch.
    time : float
        Common time at which it was shown, in seconds.
    truth : str
        What the trial's own marker says; empty where it is unknown.
    shown : str
        The symbol that was shown.

    See Also
    --------
    Decision : What was shown.
    bci_online.paradigms.p300.undoing.UndoingSpeller : Reconsiders.

    Examples
    --------
    >>> Reconsidered(value=None, trial=3, confidence=0.2, ratio=2.5, shown="B").value is None
    True
    """

    value: str | None
    trial: int
    confidence: float
    ratio: float = 0.0
    time: float = 0.0
    truth: str = ""
    shown: str = ""


class TrialEvidence(msgspec.Struct, frozen=True, tag="standing"):
    """The evidence of a trial that is still open; it is for display, and nothing acts on it.

    Parameters
    ----------
    trial : int
        Number of the trial, from 1.
    flashes : int
        How many flashes or windows were used so far.
    threshold : float
        The posterior at which the trial may be decided.
    posterior : dict of str to float
        The likeliest symbols or classes, the best first.
    idle : float
        Motor imagery: the prior that nothing is imagined; the classes share what is left of 1.

    See Also
    --------
    Decision : What ends the trial.

    Examples
    --------
    >>> evidence = TrialEvidence(1, flashes=24, threshold=0.95, posterior={"B": 0.6, "H": 0.2})
    >>> max(evidence.posterior.values()) >= evidence.threshold
    False
    """

    trial: int
    flashes: int
    threshold: float
    posterior: dict[str, float]
    idle: float = 0.0
