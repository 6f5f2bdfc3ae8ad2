"""What the held-out scores of several methods of flashes are worth, side by side."""

from collections.abc import Sequence

import numpy as np

from bci_online.config import Tried
from bci_online.metrics import auc
from calibration.bootstrap import bootstrap_aucs
from calibration.folds import units
from calibration.p300.fitted import Search

__all__ = ["compared"]

N_DRAWS = 200


def compared(
    methods: Sequence[str],
    searched: Sequence[Search],
    against: int | None = None,
) -> tuple[Tried, ...]:
    """Return what each method's held-out scores are worth, and how far it is behind one of them.

    Parameters
    ----------
    methods : sequence of str
        Names, as many as searches.
    searched : sequence of Searched
        Of the same recordings. An epoch that is an artefact for one search is left out for all.
    against : int, optional
        Which one all are compared with; by default the best.

    Returns
    -------
    tried : tuple of Tried
        In the same order.

    See Also
    --------
    calibration.bootstrap.bootstrap_aucs : The draws of the standard error.
    calibration.p300.method_choice.AutomaticMethod : Takes one of them.

    Examples
    --------
    Two methods that score the same four letters; the second one is right about every flash:

    >>> from bci_online.config import Preprocessing
    >>> from calibration.p300.epochs import EpochSet
    >>> from calibration.p300.searched import Searched
    >>> from calibration.p300.sensor_choice import Choice
    >>> y = np.arange(40) % 4 == 0
    >>> epochs = EpochSet(
    ...     X=np.zeros((40, 1, 2)), y=y, letter=np.arange(40) // 10, run=np.zeros(40, dtype=int),
    ...     code=np.ones(40, dtype=int), time=np.arange(40.0), peak_to_peak=np.zeros((40, 1)),
    ...     rejected={}, letters=(), preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> noise = np.random.default_rng(0).normal(size=40)
    >>> scores = [y + noise, y + 0.1 * noise]
    >>> searched = [
    ...     Searched(epochs=epochs, model=None, limits=None, choice=Choice(sensors=("Cz",)),
    ...              held_out=held_out)
    ...     for held_out in scores
    ... ]
    >>> [tried.is_as_good for tried in compared(["poor", "good"], searched)]
    [False, True]
    """
    keys = [list(zip(one.epochs.run, one.epochs.time, strict=True)) for one in searched]
    common = set(keys[0]).intersection(*keys[1:])
    rows = [np.array([key in common for key in own]) for own in keys]
    scores = np.stack([one.held_out[kept] for one, kept in zip(searched, rows, strict=True)])
    seen = np.isfinite(scores).all(axis=0)
    epochs, scores = searched[0].epochs[np.flatnonzero(rows[0])[seen]], scores[:, seen]
    aucs = np.array([auc(epochs.y, own) for own in scores])
    draws = bootstrap_aucs(epochs.y, scores, units(epochs), N_DRAWS)
    best = int(aucs.argmax()) if against is None else against
    # Without letters to draw there is no error, and only the best is as good as the best.
    low, high, errors = aucs, aucs, np.zeros_like(aucs)
    if np.isfinite(draws).any():
        low, high = np.nanpercentile(draws, [2.5, 97.5], axis=0)
        errors = np.nanstd(draws[:, [best]] - draws, axis=0)
    return tuple(
        Tried(
            method=name,
            h_freq=one.epochs.preprocessing.filter.h_freq,
            step=one.epochs.preprocessing.epoch.step,
            held_out=(float(low[n]), float(aucs[n]), float(high[n])),
            behind=float(aucs[best] - aucs[n]),
            error=float(errors[n]),
            seconds=one.seconds,
        )
        for n, (name, one) in enumerate(zip(methods, searched, strict=True))
    )
