"""When a letter or a cue is decided."""

from typing import Annotated

import msgspec

from bci_online.config.ranges import Probability, Repetitions, Weight
from bci_online.config.section import Section

__all__ = ["Stopping"]

PerMinute = Annotated[Weight, msgspec.Meta(extra={"unit": "1/min"})]


class Stopping(Section, frozen=True):
    """When a letter or cue is decided: at an error rate, and at the latest after its repetitions.

    Motor imagery: with ``idle``, training learns from rest that nothing may be imagined, and at
    rest there are at most ``false_activations_per_minute``. Without, one of the classes is always
    meant, and what is decided at rest is not limited.

    Parameters
    ----------
    error_rate : float
        The share of wrong letters or trials that is accepted.
    min_repetitions : int
        Fewest repetitions of a letter; in each of them every code gave evidence.
    max_repetitions : int
        Most repetitions of a letter.
    idle : bool
        Motor imagery: whether nothing may be imagined. Then rest is learnt, too; without, one of
        the classes is always meant.
    false_activations_per_minute : float
        Motor imagery: how many are accepted at rest; fewer cost hits.
    least_auc : float
        P300: flashes are not decoded without sensors that fail where the AUC that is expected of
        the others is below.

    See Also
    --------
    bci_online.paradigms.p300.decision.P300Speller : Follows the rule.
    """

    error_rate: Probability = 0.05
    min_repetitions: Repetitions = 2
    max_repetitions: Repetitions = 15
    idle: bool = True
    false_activations_per_minute: PerMinute = 0.5
    least_auc: Probability = 0.7
