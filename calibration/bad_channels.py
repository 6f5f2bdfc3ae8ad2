"""Channels that cost a training more than they are worth: they are named and left out."""

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.input_findings import InputFinding
from bci_online.summaries import BadChannel

__all__ = ["dead_channels", "left_out_notes", "loud_channels", "without_channels"]

MOST = 0.1
"""A channel is left out if it is bad in a larger share of the recordings.

A decoder would learn from epochs in which it is silent, and epochs over its fault are lost for all
channels.
"""


def dead_channels(bad: Mapping[str, BadChannel], seconds: float) -> dict[str, str]:
    """Return the channels that were not finite, flat or railing for too long, and how long.

    Parameters
    ----------
    bad : mapping of str to BadChannel
        Of all recordings.
    seconds : float
        How long the recordings are.

    Returns
    -------
    dead : dict of str to str
        Why, by name.

    See Also
    --------
    loud_channels : The other channels to leave out.

    Examples
    --------
    >>> dead_channels({"PO7": BadChannel(seconds=50), "Cz": BadChannel(seconds=1)}, seconds=100.0)
    {'PO7': 'not finite, flat or railing in 50 of 100 s'}
    """
    return {
        name: f"not finite, flat or railing in {one.seconds} of {seconds:.0f} s"
        for name, one in bad.items()
        if one.seconds > MOST * seconds
    }


def loud_channels(
    peak_to_peak: NDArray[np.float64],
    limits: NDArray[np.float64] | None,
    preprocessing: Preprocessing,
) -> dict[str, str]:
    """Return the channels that make too many epochs artefacts, and how many.

    Parameters
    ----------
    peak_to_peak : ndarray, shape (n_epochs, n_channels)
        In the stream's unit.
    limits : ndarray, shape (n_channels,), or None
        Beyond them an epoch is an artefact.
    preprocessing : Preprocessing
        Names the channels.

    Returns
    -------
    loud : dict of str to str
        Why, by name.

    See Also
    --------
    bci_online.preprocessing.artefacts.artefact_limits : The limits.

    Examples
    --------
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> loud_channels(np.array([[9.0, 90.0], [9.0, 9.0]]), np.array([50.0, 50.0]), own)
    {'Pz': 'too loud in 50 % of the flashes'}
    """
    if limits is None:
        return {}
    share = (peak_to_peak > limits).mean(axis=0)
    return {
        name: f"too loud in {100 * each:.0f} % of the flashes"
        for name, each in zip(preprocessing.ch_names, share, strict=True)
        if each > MOST
    }


def without_channels(bad: Mapping[str, str], preprocessing: Preprocessing) -> Preprocessing | None:
    """Return the preprocessing without bad channels.

    Parameters
    ----------
    bad : mapping of str to str
        By name.
    preprocessing : Preprocessing
        Of all channels.

    Returns
    -------
    preprocessing : Preprocessing or None
        None where none is bad. None also where more than half are: then the recording is at fault,
        and its errors say how.

    See Also
    --------
    left_out_notes : What is said of them.

    Examples
    --------
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> without_channels({"Pz": "flat"}, own).ch_names
    ('Cz',)
    """
    ch_names = tuple(name for name in preprocessing.ch_names if name not in bad)
    if not bad or 2 * len(ch_names) < len(preprocessing.ch_names):
        return None
    return msgspec.structs.replace(preprocessing, ch_names=ch_names)


def left_out_notes(bad: Mapping[str, str]) -> tuple[str, ...]:
    """Return a line for each channel that is left out.

    Parameters
    ----------
    bad : mapping of str to str
        Why, by name.

    Returns
    -------
    notes : tuple of str
        For a person.

    See Also
    --------
    without_channels : Leaves them out.

    Examples
    --------
    >>> left_out_notes({"Pz": "flat"})
    ('channel Pz: flat, left out of all recordings',)
    """
    findings = [
        InputFinding("no electrode", f"channel {name}", f"{why}, left out of all recordings")
        for name, why in bad.items()
    ]
    return tuple(finding.text for finding in findings)
