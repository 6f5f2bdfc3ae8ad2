"""What scores are worth, and how much of it decides: a part of the decoder's header."""

from typing import Annotated

import msgspec

from bci_online.config.ranges import Figure, Fraction, Probability, Score, Share, Weight
from bci_online.config.section import Section

__all__ = ["Evidence"]

Spread = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


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
