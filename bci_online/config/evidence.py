"""What scores are worth, and how much of it decides: a part of the decoder's header."""

from typing import Annotated

import msgspec
import numpy as np

from bci_online.config.ranges import Figure, Fraction, Probability, Score, Share, Weight
from bci_online.config.section import Section

__all__ = ["Evidence", "TrialValues"]

Spread = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


Rows = Annotated[
    tuple[Annotated[tuple[Score, ...], msgspec.Meta(max_length=100)], ...],
    msgspec.Meta(min_length=1, max_length=100),
]


class TrialValues(Section, frozen=True, kw_only=True):
    """What held-out trials of imagery looked like, each by the mean value of its windows.

    Values are scaled, and the first class's is taken off: only differences matter.

    Parameters
    ----------
    means : tuple of tuple of float
        Of the trials of each class, and of idle, (n_values, n_values - 1).
    covariance : tuple of tuple of float
        Of the trials about them, (n_values - 1, n_values - 1).
    first_window : float
        Variance of a single window's values, as a multiple of that of a whole trial's mean.
    n_windows : int
        How many windows a whole trial has.

    See Also
    --------
    bci_online.paradigms.motor_imagery.session_fit.SessionFit : Compares trials of a session.

    Examples
    --------
    >>> values = TrialValues(means=((-1.0,), (1.0,)), covariance=((0.5,),), first_window=3.0,
    ...                      n_windows=40)
    >>> values.variance(40, overlap=20.0), values.variance(1, overlap=20.0)
    (1.0, 3.0)
    """

    means: Rows
    covariance: Rows
    first_window: Annotated[float, msgspec.Meta(ge=1, le=1e6)] = 1.0
    n_windows: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1

    def check(self) -> None:
        """Refuse what is no covariance, and means of another number of values."""
        size = len(self.covariance)
        if {len(row) for row in (*self.covariance, *self.means)} != {size}:
            raise ValueError(f"means and covariance must have rows of {size} numbers")
        if len(self.means) != size + 1:
            raise ValueError(f"means must have {size + 1} rows, got {len(self.means)}")
        covariance = np.array(self.covariance)
        is_symmetric = np.allclose(covariance, covariance.T)
        if not is_symmetric or np.linalg.eigvalsh(covariance)[0] <= 1e-12 * np.trace(covariance):
            raise ValueError("covariance must be symmetric and positive")

    def variance(self, n_windows: int, overlap: float) -> float:
        """Return the variance of the mean of so many windows, as a multiple of a whole trial's."""
        # Windows that overlap tell the same; `overlap` of them are worth one that does not.
        one, whole = (1 / (1 + (n - 1) / overlap) for n in (n_windows, self.n_windows))
        if whole == 1:
            return 1.0
        return max(1 + (self.first_window - 1) * (one - whole) / (1 - whole), 0.1)


class Evidence(Section, frozen=True):
    """How scores become evidence, and how much of it decides.

    Parameters
    ----------
    target_mean, nontarget_mean, spread : float
        P300: scores of each class follow a normal density; both have the same spread.
    scale : float
        Motor imagery: ``scale`` times a window's values are its calibrated log-odds.
    temperature : float
        What the sum of the evidence is multiplied by: flashes and windows are not independent.
    code_spread, letter_spread : float
        P300: standard deviation of what all flashes of a code share within a letter, and of what
        all targets of a letter share, in units of the score. Repetitions do not average them out.
    difference_error : float
        P300: standard error of ``target_mean - nontarget_mean``; 0: not stated.
    nobody : float
        P300: prior probability that nobody looks at the screen, before the first letter. 0: a
        symbol is always meant, as in decoders from before this field.
    trials : TrialValues, optional
        Motor imagery: what calibration's trials looked like. None in decoders from before this
        field: no session is compared with it.
    idle : float
        Motor imagery: prior probability that nothing is imagined. The values of a window then have
        one more at their end, that of idle. 0: a class is always meant, as in decoders from before
        this field.
    threshold : float
        The posterior at which a letter or trial may be decided.
    error_rate : float
        The share of wrong decisions that the threshold was chosen for, on held-out data.
    expected_error : tuple of float, optional
        That share on held-out data: lower bound, value, upper bound (95 %). P300: only in decoders
        from before `DecoderHeader.promise`.
    expected_false : tuple of float, optional
        Motor imagery: false activations per minute of held-out rest, with the same bounds.
    promised : bool
        Whether the threshold is expected to keep the error rate. False where the held-out data are
        too few to tell, or where no threshold keeps it.

    See Also
    --------
    bci_online.paradigms.p300.letter_evidence.log_likelihood_ratio : From a score to evidence.
    bci_online.config.decoder.DecoderHeader : Holds it.

    Examples
    --------
    >>> Evidence(code_spread=0.3, spread=1.5).saturation  # (0.3 / 1.5) ** 2
    0.04
    """

    target_mean: Score = 1.0
    nontarget_mean: Score = -1.0
    spread: Weight = 1.0
    scale: Weight = 1.0
    temperature: Weight = 1.0
    code_spread: Spread = 0.0
    letter_spread: Spread = 0.0
    difference_error: Spread = 0.0
    nobody: Share = 0.0
    trials: TrialValues | None = None
    idle: Share = 0.0
    threshold: Probability = 0.95
    error_rate: Probability = 0.05
    expected_error: tuple[Fraction, Fraction, Fraction] | None = None
    expected_false: tuple[Figure, Figure, Figure] | None = None
    promised: bool = False

    @property
    def saturation(self) -> float:
        """Variance that repetitions do not average out, as a share of a single flash's.

        After n repetitions the summed evidence of a symbol is worth ``1 / (1 + n * saturation)`` of
        what it would be worth if flashes were independent.
        """
        return (self.code_spread**2 + self.letter_spread**2) / self.spread**2
