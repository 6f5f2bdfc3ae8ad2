"""One letter of the speller: what was flashed of it, and what is said of it at its end."""

import math
from collections import Counter

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.messages import Decision, Marker, Status, TrialEvidence
from bci_online.paradigms.p300.label_check import LetterLabels
from bci_online.paradigms.p300.letter_evidence import LetterEvidence, nobody_of
from bci_online.paradigms.p300.untried_letters import MOST_DISTURBED

__all__ = ["MOST_REJECTED", "FlashedLetter"]

MOST_REJECTED = 0.2
"""A letter is not decided if more than this share of its flashes was rejected or taken back."""

# Channels that a warning has room for.
NAMED = 4

# Number of symbols that a bar chart of the evidence has room for.
SHOWN = 8


class FlashedLetter(msgspec.Struct):
    """One letter from its start until after its decision; flashes may continue after that.

    Parameters
    ----------
    number : int
        Number of the trial.
    truth : str
        The symbol that the trial's marker names; empty if it is not known.
    evidence : LetterEvidence
        Of its flashes so far.
    decided, over : bool
        Whether a symbol was decided, and whether the last repetition ended without a decision.
    suspect : bool
        Whether evidence was taken back after the decision.
    markers : set of Marker
        Flashes that were scored.
    rejected_for : Counter
        How many flashes were rejected because of which channel.
    lacked_sensors : bool
        Whether a flash was scored without a sensor.
    labels : LetterLabels
        Of its flashes, where they have any.

    See Also
    --------
    bci_online.paradigms.p300.decision.P300Speller : Keeps one for each open letter.

    Examples
    --------
    >>> letter = FlashedLetter(3, "A", LetterEvidence({1: ("A",), 2: ("B",)}))
    >>> letter.evidence.add(1, 2.0)
    >>> letter.evidence.add(2, None)  # rejected
    >>> letter.evidence.add(2, None)
    >>> letter.is_disturbed, letter.warning(0.0, in_row=1).text[:60]
    (True, 'trial 3 is not decided: 2 of its 3 flashes were rejected, mo')
    """

    number: int
    truth: str
    evidence: LetterEvidence
    decided: bool = False
    over: bool = False
    suspect: bool = False
    markers: set[Marker] = msgspec.field(default_factory=set)
    rejected_for: Counter[str] = msgspec.field(default_factory=Counter)
    lacked_sensors: bool = False
    labels: LetterLabels = msgspec.field(default_factory=lambda: LetterLabels(""))

    def mislabelled(self, time: float) -> Status:
        """Return the warning that the labels of its flashes are of another layout."""
        text = (
            f"trial {self.number}: the flashes that the markers call targets (codes "
            f"{', '.join(map(str, sorted(self.labels.targets)))}) do not light {self.truth} in the "
            "decoder's layout, so letters are decided wrongly; train with the [layout] of these "
            "markers, which bci-calibrate train names"
        )
        return Status("warning", text, time)

    @property
    def is_disturbed(self) -> bool:
        """Whether too many of its flashes were rejected to decide it."""
        return self.evidence.n_rejected > MOST_REJECTED * self.evidence.n_flashes

    def warning(self, time: float, in_row: int) -> Status:
        """Return the reason why a disturbed letter is not decided, and what follows.

        Parameters
        ----------
        time : float
            Common time in seconds.
        in_row : int
            How many letters in a row were disturbed, this one included.
        """
        why = ", ".join(f"{name} ({n})" for name, n in self.rejected_for.most_common(NAMED))
        text = (
            f"trial {self.number} is not decided: {self.evidence.n_rejected} of its "
            f"{self.evidence.n_flashes} flashes were rejected, more than {100 * MOST_REJECTED:g} %"
            f"{f', because of {why}' if why else ''}; "
        )
        if in_row < MOST_DISTURBED:
            return Status("warning", f"{text}it is asked again", time)
        mend = "mend these electrodes" if why else "look at the signal"
        return Status("alarm", f"{text}that is {in_row} in a row: pause, {mend}, then resume", time)

    def likeliest(self, threshold: float) -> TrialEvidence:
        """Return the likeliest symbols and their posterior, the best first."""
        posterior = self.evidence.posterior()
        best = np.argsort(-posterior)[:SHOWN]
        return TrialEvidence(
            self.number,
            self.evidence.n_flashes,
            threshold,
            {self.evidence.symbols[i]: round(float(posterior[i]), 4) for i in best},
        )

    def decision(self, best: int | None, posterior: NDArray[np.float64], time: float) -> Decision:
        """Return the decision for a symbol, or for none.

        Parameters
        ----------
        best : int or None
            Place of the symbol.
        posterior : ndarray, shape (n_symbols,)
        time : float
            Common time of the last sample behind it.
        """
        evidence = self.evidence
        return Decision(
            value=None if best is None else evidence.symbols[best],
            trial=self.number,
            confidence=float(posterior.max()),
            time=time,
            truth=self.truth,
            repetitions=math.ceil(evidence.n_flashes / max(1, evidence.n_codes)),
            flashes=evidence.n_flashes,
            evidence=dict(zip(evidence.symbols, map(float, posterior), strict=True)),
            nobody=nobody_of(posterior),
            disturbed=best is None and self.is_disturbed,
        )
