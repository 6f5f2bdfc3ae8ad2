"""Channels that their stream calls EEG and that are none, and how a person reads of them."""

from collections.abc import Sequence

from bci_online.config import EegStream
from bci_online.counted import MOST_NAMED, some
from bci_online.input_findings import InputFinding
from bci_online.toml_text import toml_value

__all__ = ["left_out"]


def left_out(reasons: dict[str, str], eeg: EegStream, takes_part: str = "") -> list[InputFinding]:
    """Return a finding for each reason why channels are no electrodes.

    Parameters
    ----------
    reasons : dict of str to str
        By channel. Those that are excluded are not reported.
    eeg : EegStream
        The table ``eeg`` of the configuration; channels that it names take part.
    takes_part : str
        Why all of them take part anyway; empty: they are left out.

    Returns
    -------
    findings : list of InputFinding
        Channels with the same reason share one.

    See Also
    --------
    bci_online.acquisition.channel_description.stream_spec : Reads such reasons from a description.

    Examples
    --------
    >>> [finding] = left_out({"Trig1": "no numbers"}, EegStream())
    >>> print(finding.text.partition(";")[0])
    channel Trig1: no numbers, left out
    """
    grouped: dict[tuple[str, str], list[str]] = {}
    for name, reason in reasons.items():
        if name not in (*eeg.exclude, eeg.counter):
            why = "eeg.channels names it" if name in eeg.channels else takes_part
            grouped.setdefault((reason, why), []).append(name)
    return [
        InputFinding(
            "no electrode",
            f"channel{'s' * (len(names) > 1)} {some(names)}",
            f"{reason}, but takes part: {why}" if why else f"{reason}, left out",
            f"eeg.exclude = {_shown(names)}"
            + ("" if why else " says that this is right, eeg.channels names sensors"),
            line=f"eeg.exclude = {toml_value(names)}",
        )
        for (reason, why), names in grouped.items()
    ]


def _shown(names: Sequence[str]) -> str:
    shown = toml_value([*names[:MOST_NAMED]])
    return f"{shown[:-1]}, …]" if names[MOST_NAMED:] else shown
