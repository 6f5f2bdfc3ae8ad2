"""The order in which classes are cued, from a seed."""

import numpy as np

from bci_online.config import Presentation

__all__ = ["cue_order"]


def cue_order(presentation: Presentation, rng: np.random.Generator) -> list[str]:
    """Return the class of each trial.

    Parameters
    ----------
    presentation : Presentation
        Classes, and the number of trials of each.
    rng : numpy.random.Generator
        Draws the order.

    Returns
    -------
    labels : list of str
        Each class equally often.

    See Also
    --------
    bci_online.paradigms.motor_imagery.presentation.GrazPresentation : Shows them.

    Examples
    --------
    >>> shown = Presentation(classes=("left_hand", "right_hand"), trials_per_class=2)
    >>> sorted(cue_order(shown, np.random.default_rng(0)))
    ['left_hand', 'left_hand', 'right_hand', 'right_hand']
    """
    asked = np.repeat(np.arange(len(presentation.classes)), presentation.trials_per_class)
    return [presentation.classes[int(place)] for place in rng.permutation(asked)]
