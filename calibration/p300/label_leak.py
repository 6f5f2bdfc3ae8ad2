"""Channels that hold the labels themselves, so that every figure of a training would be false."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from bci_online.input_findings import InputFinding
from bci_online.toml_text import toml_value
from calibration.p300.epochs import EpochSet

__all__ = ["label_leaks"]

CERTAIN_AUC = 0.98
"""No response of a brain shows so surely in one value of one electrode."""

NEARLY_ALL = 0.95
# With fewer, one of a thousand values of noise separates the classes by chance.
FEWEST_EPOCHS = 10
# Of two or three electrodes one may carry the response.
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
    bci_online.acquisition.stream_survey.StreamSurvey : Leaves out channels of pulses.

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
    auc = _auc(epochs.X, epochs.y)
    found = {}
    for channel in np.flatnonzero(auc.max(axis=1) > CERTAIN_AUC).tolist():
        best = int(auc[channel].argmax())
        when = f"at {latencies[best]:.2f} s " if best < len(latencies) else ""
        found[names[channel]] = (
            f"its value {when}alone tells targets from others (AUC {auc[channel, best]:.3f})"
        )
    coef = arrays.get("coef")
    if coef is not None and coef.shape[0] == len(names) >= FEWEST_CHANNELS:
        share = (coef**2).sum(axis=1) / (coef**2).sum()
        channel = int(share.argmax())
        if share[channel] > NEARLY_ALL:
            found.setdefault(names[channel], f"it has {100 * share[channel]:.0f} % of the weight")
    return [
        InputFinding(
            "labels leak",
            f"channel {name}",
            f"{why}; no electrode can, so labels leak into the signal and no figure is true",
            line=f"eeg.exclude = {toml_value([name])}",
        )
        for name, why in found.items()
    ]


def _auc(X: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the AUC of each value alone, either way round, shape (n_channels, n_times)."""
    n_targets, n_others = int(y.sum()), int((~y).sum())
    if min(n_targets, n_others) < FEWEST_EPOCHS:
        return np.zeros(X.shape[1:])
    ranks = rankdata(X, axis=0)[y].sum(axis=0)
    area = (ranks - n_targets * (n_targets + 1) / 2) / (n_targets * n_others)
    return np.maximum(area, 1 - area)
