"""What is wrong with a recording or a stream, found while it is read: one struct, one wording.

`train`, `run` and `replay` print these findings in the order of their cost. Each names the line of
the configuration that mends it, where there is one.
"""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

__all__ = ["InputFinding", "Kind", "ordered"]

Kind = Literal[
    "clocks apart",
    "labels leak",
    "labels contradict",
    "layout",
    "no markers",
    "channels unmatched",
    "rate",
    "unit",
    "size",
    "no electrode",
    "letter cut",
]
"""The kinds of findings; those that cost most come first."""


class InputFinding(msgspec.Struct, frozen=True):
    """One thing that is wrong with an input.

    Parameters
    ----------
    kind : str
        One of `Kind`.
    what : str
        The stream, channel or marker.
    value : str
        What was found, and what is done about it.
    setting : str
        The line of the configuration that mends it; empty where none does.

    See Also
    --------
    ordered : In the order of their cost.

    Examples
    --------
    >>> finding = InputFinding("no electrode", "channel Trig1", "rests", 'eeg.channels = ["Trig1"]')
    >>> print(finding.text)
    channel Trig1: rests; eeg.channels = ["Trig1"]
    """

    kind: Kind
    what: str
    value: str
    setting: str = ""

    @property
    def cost(self) -> int:
        """Place among the kinds; 0 costs most."""
        return get_args(Kind).index(self.kind)

    @property
    def text(self) -> str:
        """One line for a person."""
        return f"{self.what}: {self.value}" + (f"; {self.setting}" if self.setting else "")


def ordered(findings: Iterable[InputFinding]) -> list[InputFinding]:
    """Return findings in the order of their cost, each once.

    Parameters
    ----------
    findings : iterable of InputFinding
        In any order.

    Returns
    -------
    findings : list of InputFinding
        Those that cost most come first.

    See Also
    --------
    InputFinding : One of them.

    Examples
    --------
    >>> rate = InputFinding("rate", "stream 'amp'", "sends 200 Hz, states 256 Hz")
    >>> ordered([InputFinding("no electrode", "channel 3", "never moves"), rate, rate])[0].kind
    'rate'
    """
    return sorted(dict.fromkeys(findings), key=lambda finding: finding.cost)
