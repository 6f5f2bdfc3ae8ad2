"""Channels that hold the labels themselves, so that every figure of a training would be false."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bci_online.input_findings import InputFinding
from bci_online.look.leaks import leak_finding, leaking_channels
from calibration.p300.epochs import EpochSet

__all__ = ["label_leaks"]

NEARLY_ALL = 0.95
# With two or three electrodes, one may carry nearly all of the response.
FEWEST_CHANNELS = 4


def label_leaks(epochs: EpochSet, arrays: Mapping[str, NDArray[np.float64]]) -> list[InputFinding]:
    """Return a finding for each channel that shows the labels as no electrode can.

    Parameters
    ----------
    epochs : EpochSet
        All that the decoder was trained on.
    arrays : mapping of str to ndarray
        Of the decoder. ``coef`` (n_channels, n_times), where there is one, are the weights of
        standardised values.

    Returns
    -------
    findings : list of InputFinding
        Of channels with one value whose AUC is above 0.98, or with more than 95 % of the squared
        weights.

    See Also
    --------
    bci_online.look.leaks.leaking_channels : Finds the first kind.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> y = np.arange(60) % 6 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 2, 4))
    >>> X[:, 1, 2] += 9 * y
    >>> epochs = EpochSet(
    ...     X=X, y=y, letter=np.zeros(60, int), run=np.zeros(60, int), code=np.zeros(60, int),
    ...     time=np.arange(60.0), peak_to_peak=np.ones((60, 2)), rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz", "Stim"), sfreq=250.0),
    ... )
    >>> [finding.what for finding in label_leaks(epochs, {})]
    ['channel Stim']
    """
    names, latencies = epochs.preprocessing.ch_names, epochs.preprocessing.epoch.latencies
    found = leaking_channels(epochs.X, epochs.y, names, latencies)
    coef = arrays.get("coef")
    if coef is not None and coef.shape[0] == len(names) >= FEWEST_CHANNELS:
        share = (coef**2).sum(axis=1) / (coef**2).sum()
        channel = int(share.argmax())
        if share[channel] > NEARLY_ALL:
            found.setdefault(names[channel], f"it has {100 * share[channel]:.0f} % of the weight")
    return [leak_finding(name, why) for name, why in found.items()]
