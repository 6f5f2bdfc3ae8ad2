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

# The first answer of the cortex to light comes after it. Over short intervals targets and others
# differ by the flashes before them, but at many electrodes.
EARLY_S, EARLY_Z, EARLY_TIMES = 0.05, 8.0, 3.0

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
        Of channels with one value whose AUC is above 0.98, either way round, or that tell the
        classes apart before a brain can.

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
    for channel, value in _early(auc, y, np.asarray(latencies)).items():
        when = f"{1000 * EARLY_S:.0f} ms after the flash, before a brain can"
        why = f"it tells targets from others (AUC {value:.3f}) within {when}"
        found.setdefault(ch_names[channel], why)
    return found


def _early(
    auc: NDArray[np.float64], y: NDArray[np.bool_], latencies: NDArray[np.float64]
) -> dict[int, float]:
    """Return the AUC of channels that alone tell the classes apart too early."""
    times = latencies[: auc.shape[1]]
    early = np.flatnonzero((times >= 0) & (times <= EARLY_S + 1e-9))
    if len(auc) < 2 or not early.size or auc.max() == 0:
        return {}
    largest = auc[:, early].max(axis=1)
    n_targets = int(y.sum())
    error = np.sqrt((y.size + 1) / (12 * n_targets * (y.size - n_targets)))
    z = (largest - 0.5) / error
    bar = max(EARLY_Z, EARLY_TIMES * float(np.median(z)))
    return {channel: float(largest[channel]) for channel in np.flatnonzero(z > bar).tolist()}


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
