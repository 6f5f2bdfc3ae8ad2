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

    Parameters
    ----------
    method : str
        Its name.
    n_flashes : int
        Training flashes.
    n_draws : int
        How often they were drawn.
    auc : float
        Mean over draws.
    ci : tuple of float
        Its 95 % interval.
    gain : float
        How much more than the first contestant on the same flashes, mean over draws.
    gain_ci : tuple of float
        Its 95 % interval.

    See Also
    --------
    learning_curve : Measures the points.
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

    See Also
    --------
    blocks : Blocks of the first part.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> epochs = EpochSet(
    ...     X=np.zeros((6, 1, 3)), y=np.tile([True, False], 3), letter=np.repeat([0, 1, 2], 2),
    ...     run=np.zeros(6, dtype=int), code=np.ones(6, dtype=int), time=np.arange(6.0),
    ...     peak_to_peak=np.ones((6, 1)), rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> pool, test = curve_split(epochs, most=3)  # two letters of two flashes hold three
    >>> pool.tolist(), test.tolist()
    ([0, 1, 2, 3], [4, 5])
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
        True for targets.
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
        By size, then in the order of the contestants.

    See Also
    --------
    calibration.experiments.new_subjects.compute : The same for tables of many subjects.

    Examples
    --------
    >>> from calibration import ShrinkageLDA
    >>> rng, y = np.random.default_rng(0), np.tile([True, False], 40)
    >>> X = {"all": rng.normal(size=(80, 2, 3)) + 3.0 * y[:, None, None]}
    >>> split = (np.arange(40), np.arange(40, 80))
    >>> lda = {"lda": ("all", lambda folds: ShrinkageLDA())}
    >>> point = learning_curve(X, y, split, lda, sizes=(10,), n_draws=2)[0]
    >>> point.n_flashes, point.n_draws, point.auc > 0.95
    (10, 2, True)
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
    """Return at most `n_draws` blocks of consecutive rows, spread evenly; none if all are fewer.

    Parameters
    ----------
    pool : ndarray of int, shape (n_pool,)
        Rows in order of time.
    size : int
        Rows of a block.
    n_draws : int
        Blocks, at most.

    Returns
    -------
    blocks : list of ndarray of int, shape (size,)
        Neighbouring blocks overlap if there are more than fit.

    See Also
    --------
    learning_curve : Trains on each.

    Examples
    --------
    >>> [block.tolist() for block in blocks(np.arange(6), size=2, n_draws=3)]
    [[0, 1], [2, 3], [4, 5]]
    """
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
