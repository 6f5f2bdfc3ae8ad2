"""Channels that hold the labels themselves, so that every figure of a training would be false."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.input_findings import InputFinding
from bci_online.metrics import aucs
from bci_online.toml_text import toml_value

__all__ = ["CERTAIN_AUC", "leak_finding", "leaking_channels"]

CERTAIN_AUC = 0.98
"""No response of a brain shows so surely in one value of one electrode."""

# With fewer, one of a thousand values of noise separates the classes by chance.
FEWEST_EPOCHS = 10


def leaking_channels(
    X: NDArray[np.float64],
    y: NDArray[np.bool_],
    ch_names: Sequence[str],
    latencies: Sequence[float] | NDArray[np.float64],
) -> dict[str, str]:
    """Return why channels show the labels as no electrode can, by name.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times)
        Epochs.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.
    ch_names : sequence of str
        Of the channels.
    latencies : sequence of float
        Of the values, in seconds; may be shorter.

    Returns
    -------
    reasons : dict of str to str
        Of channels with one value whose AUC is above 0.98, either way round.

    See Also
    --------
    leak_finding : What is said about one of them.

    Examples
    --------
    >>> y = np.arange(60) % 6 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 2, 4))
    >>> X[:, 1, 2] += 9 * y
    >>> leaking_channels(X, y, ("Cz", "Stim"), (0.0, 0.1, 0.2, 0.3))
    {'Stim': 'its value at 0.20 s alone tells targets from others (AUC 1.000)'}
    """
    auc = _auc(X, y)
    found = {}
    for channel in np.flatnonzero(auc.max(axis=1, initial=0.0) > CERTAIN_AUC).tolist():
        best = int(auc[channel].argmax())
        when = f"at {latencies[best]:.2f} s " if best < len(latencies) else ""
        found[ch_names[channel]] = (
            f"its value {when}alone tells targets from others (AUC {auc[channel, best]:.3f})"
        )
    return found


def leak_finding(name: str, why: str) -> InputFinding:
    """Return the finding that a channel holds the labels.

    Parameters
    ----------
    name : str
        Of the channel.
    why : str
        How that shows.

    Returns
    -------
    finding : InputFinding
        Its line leaves the channel out.

    See Also
    --------
    leaking_channels : Finds them.

    Examples
    --------
    >>> leak_finding("Stim", "it has 99 % of the weight").line
    'eeg.exclude = ["Stim"]'
    """
    return InputFinding(
        "labels leak",
        f"channel {name}",
        f"{why}; no electrode can, so labels leak into the signal and no figure is true",
        line=f"eeg.exclude = {toml_value([name])}",
    )


def _auc(X: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the AUC of each value alone, either way round, shape (n_channels, n_times)."""
    if min(int(y.sum()), int((~y).sum())) < FEWEST_EPOCHS:
        return np.zeros(X.shape[1:])
    area = aucs(y, X)
    return np.maximum(area, 1 - area)
