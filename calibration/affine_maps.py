"""Functions of rows that are affine, found by asking them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["AffineMap", "affine_map", "scores_agree"]

Floats = NDArray[np.float64]

RELATIVE = 1e-6
"""Scores agree to this share of their spread."""

POINTS = 256
"""So many points are asked for at once: all of a long window would need gigabytes."""

BEYOND = 3.0
"""So many times as far from the mean of the epochs as they are, scores must still be affine."""


def scores_agree(found: Floats, wanted: Floats) -> bool:
    """Say whether scores are those that were wanted, to a millionth of their spread.

    Parameters
    ----------
    found, wanted : ndarray, of one shape
        Scores.

    Returns
    -------
    agree : bool
        Whether they do.

    See Also
    --------
    affine_map : Compares so.

    Examples
    --------
    >>> import numpy as np
    >>> wanted = np.array([0.0, 1.0])
    >>> scores_agree(wanted + 1e-8, wanted), scores_agree(wanted + 1e-5, wanted)
    (True, False)
    """
    return bool(np.abs(found - wanted).max() <= RELATIVE * max(float(wanted.std()), 1e-12))


class AffineMap(NamedTuple):
    """A function of rows that is affine: ``values = coef @ (x - center) + offset``.

    Parameters
    ----------
    coef : ndarray, shape (n_values, n_numbers)
        What each number of a row, in C order, adds to each value.
    center : ndarray, shape of a row
        Where `offset` holds.
    offset : ndarray, shape (n_values,)
        The values there.

    See Also
    --------
    affine_map : Finds it.
    """

    coef: Floats
    center: Floats
    offset: Floats


def affine_map(function: Callable[[Floats], Floats], X: Floats) -> AffineMap | None:
    """Return the affine map that a function of rows is; None where it is none.

    Parameters
    ----------
    function : callable
        Of rows (n, ...); returns values (n,) or (n, n_values).
    X : ndarray, shape (n, ...)
        Rows, about as far from their mean as others will be: no digits are lost there.

    Returns
    -------
    found : AffineMap or None
        Found at one point for each number of a row. None as soon as it differs from the function
        by a millionth of the spread of its values, between rows of X or beyond them.

    See Also
    --------
    calibration.pipelines.to_decoder : Looks so at pipelines of others.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(0).normal(size=(20, 2))
    >>> found = affine_map(lambda rows: 3.0 * rows[:, 0] - rows[:, 1], rows)
    >>> found.coef.round(6)
    array([[ 3., -1.]])
    >>> affine_map(lambda rows: rows[:, 0] ** 2, rows) is None
    True
    """
    center = X.mean(axis=0)
    spread = np.maximum(X.std(axis=0), 1e-12 * max(float(np.abs(X).max()), 1.0)).ravel()

    def flat(points: Floats) -> Floats:
        return np.asarray(function(points), dtype=np.float64).reshape(len(points), -1)

    half = len(X) // 2
    first, second = X[:half], X[half : 2 * half]
    if not scores_agree(flat((first + second) / 2), (flat(first) + flat(second)) / 2):
        return None
    offset = flat(center[np.newaxis])[0]
    coef = np.empty((offset.size, spread.size))
    for start in range(0, spread.size, POINTS):
        moved = np.tile(center.ravel(), (min(POINTS, spread.size - start), 1))
        places = np.arange(len(moved))
        moved[places, start + places] += spread[start + places]
        values = flat(moved.reshape(-1, *center.shape)) - offset
        coef[:, start + places] = values.T / spread[start + places]
    # Beyond X, too: what is clipped to where X lies is affine between its rows alone.
    for away in (X - center, BEYOND * (X - center)):
        guessed = away.reshape(len(X), -1) @ coef.T + offset
        if not scores_agree(guessed, flat(center + away)):
            return None
    return AffineMap(coef, center, offset)
