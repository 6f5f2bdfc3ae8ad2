"""How a decoder follows its session."""

from typing import Annotated

import msgspec

from bci_online.config.ranges import Probability
from bci_online.config.section import Section

__all__ = ["Adaptation"]


class Adaptation(Section, frozen=True):
    """How a decoder follows the letters of its session; off by default.

    Parameters
    ----------
    on : bool
        Whether it follows at all.
    half_life : float
        After so many letters half of what was known before is forgotten.
    confidence : float
        A letter that was decided with less is not learnt from.

    See Also
    --------
    bci_online.runtime.adaptation.FollowedSession : Follows them.

    Examples
    --------
    >>> Adaptation().on
    False
    """

    on: bool = False
    half_life: Annotated[float, msgspec.Meta(ge=2, le=1000)] = 20.0
    confidence: Probability = 0.9
