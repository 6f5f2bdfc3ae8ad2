"""AUC of a new subject's decoder against its number of training flashes, alone and pooled."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from bci_online.errors import RecordingError
from calibration.p300.epochs import EpochSet

__all__ = ["Contestant", "CurvePoint", "Rows", "blocks", "curve_split", "learning_curve"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

Contestant = Callable[[list[tuple[Rows, Rows]]], Any]
"""Returns an unfitted estimator for given folds within its training flashes."""

REPETITION = 12
"""Flashes that are drawn together in the bootstrap: a row-column repetition."""

N_FOLDS = 4


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True):
    """One method at one number of training flashes.

    ``auc`` is the mean over draws, ``ci`` its 95 % interval; ``gain`` and ``gain_ci`` are against
    the first contestant on the same flashes.
    """

    method: str
    n_flashes: int
    n_draws: int
    auc: float
    ci: tuple[float, float]
    gain: float
    gain_ci: tuple[float, float]


def curve_split(epochs: EpochSet, most: int) -> tuple[Rows, Rows]:
    """Return the rows that training flashes are drawn from, and the later ones to test on.

    Parameters
    ----------
    epochs : EpochSet
        In order of time, every epoch in a letter.
    most : int
        The largest number of training flashes.

    Returns
    -------
    pool, test : ndarray of int
        The fewest whole letters that hold `most` flashes, at least half of all, and the others.

    Raises
    ------
    RecordingError
        If no letter is left to test on.
    """
    letters = np.unique(epochs.letter)
    counts = np.cumsum([np.count_nonzero(epochs.letter == letter) for letter in letters])
    needed = max(int(np.searchsorted(counts, most)) + 1, (letters.size + 1) // 2)
    if needed >= letters.size:
        raise RecordingError(
            f"{len(epochs)} flashes in {letters.size} letters leave none to test on after {most} "
            "training flashes; record more, or ask for fewer"
        )
    early = np.isin(epochs.letter, letters[:needed])
    return np.flatnonzero(early), np.flatnonzero(~early)


def learning_curve(
    X: Mapping[str, Array],
    y: NDArray[np.bool_],
    split: tuple[Rows, Rows],
    contestants: Mapping[str, tuple[str, Contestant]],
    sizes: Sequence[int] = (50, 100, 200, 400),
    n_draws: int = 10,
    n_jobs: int | None = None,
) -> list[CurvePoint]:
    """Train on few flashes in many ways and test on later ones.

    Parameters
    ----------
    X : mapping of str to ndarray, shape (n_epochs, n_channels, n_times)
        The new subject's epochs on different sets of sensors.
    y : ndarray of bool, shape (n_epochs,)
    split : pair of ndarray of int
        From `curve_split`.
    contestants : mapping of str to (str, Contestant)
        Method name to the set of sensors it takes and its maker; gains are against the first.
    sizes : sequence of int
        Numbers of training flashes.
    n_draws : int
        Blocks of consecutive flashes, spread evenly over the first part of `split`.
    n_jobs : int, optional
        Fits in parallel, through joblib.

    Returns
    -------
    points : list of CurvePoint
    """
    pool, test = split
    cells = [
        (name, rows, size)
        for size in sizes
        for rows in blocks(pool, size, n_draws)
        for name in contestants
    ]
    scores = Parallel(n_jobs=n_jobs)(
        delayed(_scored)(X[contestants[name][0]], y, rows, test, contestants[name][1])
        for name, rows, _ in cells
    )
    points = []
    first = next(iter(contestants))
    for size in sizes:
        wins = {
            name: np.stack(
                [
                    _wins(y[test], found)
                    for found, (of, _, at) in zip(scores, cells, strict=True)
                    if (of, at) == (name, size)
                ]
            )
            for name in contestants
        }
        points += [_point(name, size, own, wins[first]) for name, own in wins.items()]
    return points


def blocks(pool: Rows, size: int, n_draws: int) -> list[Rows]:
    """Return at most `n_draws` blocks of consecutive rows, spread evenly; none if all are fewer."""
    if size > pool.size:
        return []
    starts = np.unique(np.linspace(0, pool.size - size, n_draws).round().astype(int))
    return [pool[start : start + size] for start in starts]


def _scored(X: Array, y: NDArray[np.bool_], rows: Rows, test: Rows, make: Contestant) -> Array:
    """Return the test flashes' scores by a decoder of some training flashes."""
    parts = np.array_split(np.arange(rows.size), N_FOLDS)
    splits = [(np.setdiff1d(np.arange(rows.size), part), part) for part in parts]
    own = y[rows]
    folds = [split for split in splits if all(np.unique(own[part]).size == 2 for part in split)]
    scores: Array = make(folds).fit(X[rows], y[rows]).decision_function(X[test])
    return scores


def _wins(y: NDArray[np.bool_], scores: Array) -> Array:
    """Return pairs won and pairs played between repetitions, shape (2, n_clusters, n_clusters).

    Entry (a, b) is over targets of repetition a and others of b, ties counted half: any weighting
    of whole repetitions has its AUC from this.
    """
    cluster = np.arange(y.size) // REPETITION
    n_clusters = int(cluster[-1]) + 1
    won = (np.sign(scores[y][:, np.newaxis] - scores[~y]) + 1) / 2
    cells = cluster[y][:, np.newaxis] * n_clusters + cluster[~y]
    wins: Array = np.zeros((2, n_clusters**2))
    for part, weights in enumerate((won.ravel(), np.ones(won.size))):
        wins[part] = np.bincount(cells.ravel(), weights=weights, minlength=n_clusters**2)
    return wins.reshape(2, n_clusters, n_clusters)


def _point(
    name: str, size: int, own: Array, reference: Array, n_bootstrap: int = 1000
) -> CurvePoint:
    """Return means and percentile intervals over draws and over repetitions of the test flashes."""
    n_draws, _, n_clusters, _ = own.shape
    rng = np.random.default_rng(0)
    ones = np.ones((1, n_clusters))
    drawn = rng.multinomial(n_clusters, np.full(n_clusters, 1 / n_clusters), size=n_bootstrap)
    of_draws = rng.multinomial(n_draws, np.full(n_draws, 1 / n_draws), size=n_bootstrap) / n_draws
    areas = [_areas(wins, drawn.astype(float)) for wins in (own, reference)]
    auc, alone = (float(_areas(wins, ones).mean()) for wins in (own, reference))
    means, others = (np.einsum("bd,db->b", of_draws, area) for area in areas)
    intervals = [np.nanpercentile(values, [2.5, 97.5]) for values in (means, means - others)]
    (low, high), (gain_low, gain_high) = intervals
    return CurvePoint(
        method=name,
        n_flashes=size,
        n_draws=n_draws,
        auc=auc,
        ci=(float(low), float(high)),
        gain=auc - alone,
        gain_ci=(float(gain_low), float(gain_high)),
    )


def _areas(wins: Array, weights: Array) -> Array:
    """Return the AUC of every draw under every weighting of repetitions, (n_draws, n_weights)."""
    won, played = (
        np.einsum("bi,dij,bj->db", weights, wins[:, part], weights, optimize=True)
        for part in (0, 1)
    )
    areas: Array = won / played
    return areas
