"""Channels that their stream calls EEG and that are none, and how a person reads of them."""

from collections.abc import Sequence

from bci_online.config import EegStream
from bci_online.input_findings import InputFinding

__all__ = ["NO_ELECTRODE", "left_out", "some"]

NO_ELECTRODE = "MISC"
"""Type of a channel that its stream calls EEG, or does not name, and that is none."""

MOST_NAMED = 8


def left_out(reasons: dict[str, str], eeg: EegStream) -> list[InputFinding]:
    """Return a finding for each reason why channels are no electrodes.

    Parameters
    ----------
    reasons : dict of str to str
        By channel. Those that the configuration names, either way, are not reported.
    eeg : EegStream
        The table ``eeg`` of the configuration.

    Returns
    -------
    findings : list of InputFinding
        Channels with the same reason share one.

    See Also
    --------
    bci_online.acquisition.channel_description.stream_spec : Reads such reasons from a description.

    Examples
    --------
    >>> [finding] = left_out({"Trig1": "holds no numbers"}, EegStream())
    >>> print(finding.text.partition(";")[0])
    channel Trig1: holds no numbers and is left out
    """
    grouped: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        if name not in (*eeg.channels, *eeg.exclude, eeg.counter):
            grouped.setdefault(reason, []).append(name)
    return [
        InputFinding(
            "no electrode",
            f"channel{'s' * (len(names) > 1)} {some(names)}",
            f"{reason} and {'are' if len(names) > 1 else 'is'} left out",
            f"eeg.exclude = {_toml(names)} says that this is right, eeg.channels names sensors",
        )
        for reason, names in grouped.items()
    ]


def _toml(names: Sequence[str]) -> str:
    return (
        "["
        + ", ".join(f'"{name}"' for name in names[:MOST_NAMED])
        + (", …]" if names[MOST_NAMED:] else "]")
    )


def some(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are.

    Parameters
    ----------
    names : sequence of str
        Of channels.

    Returns
    -------
    text : str
        For a person.

    See Also
    --------
    left_out : Names channels so.

    Examples
    --------
    >>> some(["Cz", "Pz"])
    'Cz, Pz'
    """
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
