"""How much a new subject's weights should resemble those of others, as the others show it."""

from collections.abc import Sequence

import numpy as np

from bci_online.metrics import auc
from calibration.p300.pooling.classifier import SIMILARITIES, PooledClassifier
from calibration.p300.pooling.sources import PoolSource

__all__ = ["similarity_of"]

TRAINED = 240
"""Flashes of each session that stand for a short calibration; the rest is tested."""

FEWEST_TARGETS = 10


def similarity_of(method: str, sources: Sequence[PoolSource]) -> float | None:
    """Return the similarity with which each source is learnt best from the others.

    Parameters
    ----------
    method : {"mgsvm-2s", "asymmetric"}
        A method with a similarity.
    sources : sequence of PoolSource
        On the same sensors.

    Returns
    -------
    similarity : float or None
        As in `MultiTaskGroupSVM`; None where fewer than two sources are long enough to say it.

    See Also
    --------
    calibration.p300.pooling.classifier.PooledClassifier : Learns with it.

    Notes
    -----
    Each source in turn stands for the new subject: its first flashes are learnt with the other
    sources, as a short calibration would be, and its later flashes are scored.

    Examples
    --------
    >>> similarity_of("mgsvm-2s", []) is None
    True
    """
    if method not in {"mgsvm-2s", "asymmetric"}:
        return None
    areas = []
    for place, source in enumerate(sources):
        others = [*sources[:place], *sources[place + 1 :]]
        X, train, test = source.at(0.0), slice(None, TRAINED), slice(TRAINED, None)
        n_targets = min(int(source.y[train].sum()), int(source.y[test].sum()))
        if not others or n_targets < FEWEST_TARGETS:
            continue
        row = []
        for similarity in SIMILARITIES:
            model = PooledClassifier(method, others, similarity=similarity)
            scores = model.fit(X[train], source.y[train]).decision_function(X[test])
            row.append(auc(source.y[test], scores))
        areas.append(row)
    if len(areas) < 2:
        return None
    return SIMILARITIES[int(np.argmax(np.mean(areas, axis=0)))]
