"""How far the evidence of an open trial is on its way to a decision."""

from bci_online.messages import TrialEvidence

__all__ = ["reach"]


def reach(evidence: TrialEvidence) -> dict[str, float]:
    """Return the progress of each class's evidence: 0 at its prior, 1 at the decoder's threshold.

    The scale is the same for every trial and subject.

    Parameters
    ----------
    evidence : TrialEvidence
        The posterior of the open trial, and the threshold.

    Returns
    -------
    reached : dict of str to float
        By class, between 0 and 1.

    See Also
    --------
    bci_online.paradigms.motor_imagery.presentation.GrazPresentation : Draws it as a bar.

    Examples
    --------
    >>> reach(TrialEvidence(1, flashes=4, threshold=0.75, posterior={"left": 0.625, "feet": 0.375}))
    {'left': 0.5, 'feet': 0.0}
    """
    prior = (1 - evidence.idle) / max(1, len(evidence.posterior))
    way = max(evidence.threshold - prior, 1e-9)
    return {
        name: min(1.0, max(0.0, (probability - prior) / way))
        for name, probability in evidence.posterior.items()
    }
