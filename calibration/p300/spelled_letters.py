"""Letters as they are spelled with the evidence of all their flashes."""

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence
from bci_online.paradigms.p300.decision import LetterEvidence
from calibration.p300.epochs import EpochSet

__all__ = ["spell"]


def spell(epochs: EpochSet, ratios: NDArray[np.float64], evidence: Evidence) -> dict[int, str]:
    """Return the likeliest symbol of each letter of known truth, given all its flashes.

    Parameters
    ----------
    epochs : EpochSet
        Its letters and codes say which symbols were lit.
    ratios : ndarray, shape (n_epochs,)
        Evidence for a target.
    evidence : Evidence
        Says what the sum of the flashes is worth.

    Returns
    -------
    spelled : dict of int to str
        Symbol by number of the letter.

    See Also
    --------
    bci_online.paradigms.p300.letter_evidence.LetterEvidence : Adds up the evidence.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from calibration.p300.epochs import Letter
    >>> epochs = SimpleNamespace(
    ...     letters=(Letter(0, "A", {1: ("A",), 2: ("B",)}),),
    ...     letter=np.zeros(2, dtype=int), code=np.array([1, 2]),
    ... )
    >>> spell(epochs, np.array([3.0, -3.0]), Evidence())
    {0: 'A'}
    """
    spelled = {}
    for number, letter in enumerate(epochs.letters):
        added = LetterEvidence(
            letter.symbols_of_code, evidence.temperature, saturation=evidence.saturation
        )
        if letter.truth not in added.symbols:
            continue
        for row in np.flatnonzero(epochs.letter == number):
            if added.knows(int(epochs.code[row])):
                added.add(int(epochs.code[row]), float(ratios[row]))
        if added.n_flashes:
            spelled[number] = added.symbols[int(np.argmax(added.posterior()))]
    return spelled
