"""What is wrong with a recording or a stream, found while it is read: one struct, one wording.

`train`, `run` and `replay` print these findings in the order of their cost. Each names the line of
the configuration that mends it, where there is one.
"""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

__all__ = ["InputFinding", "Kind", "ordered"]

Kind = Literal[
    "no eeg",
    "clocks apart",
    "labels leak",
    "labels contradict",
    "layout",
    "no markers",
    "markers unread",
    "no labels",
    "same events",
    "flashes missing",
    "channels unmatched",
    "rate",
    "unit",
    "size",
    "time",
    "losses",
    "rejected",
    "damage",
    "alike",
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
        What a person can do about it, in words; empty where `line` says it.
    line : str
        The line of the configuration that mends it, in TOML, or several; empty where none is
        certain.

    See Also
    --------
    ordered : In the order of their cost.

    Examples
    --------
    >>> finding = InputFinding("rate", "stream 'amp'", "sends 200 Hz", line="eeg.sfreq = 200.0")
    >>> print(finding.text)
    stream 'amp': sends 200 Hz; eeg.sfreq = 200.0
    """

    kind: Kind
    what: str
    value: str
    setting: str = ""
    line: str = ""

    @property
    def cost(self) -> int:
        """Place among the kinds; 0 costs most."""
        return get_args(Kind).index(self.kind)

    @property
    def text(self) -> str:
        """One line for a person."""
        way_out = self.setting or self.line.replace("\n", ", ")
        return f"{self.what}: {self.value}" + (f"; {way_out}" if way_out else "")


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
