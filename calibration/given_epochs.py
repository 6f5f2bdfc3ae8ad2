"""Epochs, labels and scores of others' code, checked at the door. Each error is one line."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.errors import BciError

__all__ = ["as_labels", "check_epochs", "check_real", "check_scores", "check_windows"]


def check_epochs(
    X: Any, shape: tuple[int, ...] | None = None, name: str = "X"
) -> NDArray[np.float64]:
    """Return epochs as an array of finite numbers.

    Parameters
    ----------
    X : array-like, shape (n_epochs, ...)
        As the user gave them.
    shape : tuple of int, optional
        Shape of an epoch of the training.
    name : str
        What they are called in errors.

    Returns
    -------
    X : ndarray of float, shape (n_epochs, ...)
        The same object, if it was such an array.

    Raises
    ------
    ValueError
        If they are None or have one axis only, are not finite real numbers, or have another shape
        than those of the training.
    TypeError
        If they are sparse, or an entry is no number.

    See Also
    --------
    as_labels : The same for labels.

    Examples
    --------
    >>> check_epochs([[0.5, None]])
    Traceback (most recent call last):
    ValueError: X must be finite, got NaN (or None) in epoch 0
    """
    if hasattr(X, "toarray"):
        raise TypeError(f"{name} must be dense, got sparse data; use {name}.toarray()")
    check_real(name, X)
    values = np.asarray(X)
    if values.ndim < 2:
        raise ValueError(
            f"{name} must hold epochs along its first axis, got shape {values.shape}. "
            "Reshape your data"
        )
    try:
        values = values.astype(np.float64, copy=False)
    except ValueError as error:
        raise ValueError(f"{name} must be numbers: {error}") from None
    if shape is not None and values.shape[1:] != tuple(shape):
        raise ValueError(
            f"{name} must hold epochs of shape {tuple(shape)} as in fit, got {values.shape[1:]}"
        )
    finite = np.isfinite(values)
    if not finite.all():
        first = int(np.argmin(finite.reshape(len(values), -1).all(axis=1)))
        what = "NaN (or None)" if np.isnan(values[first]).any() else "infinity"
        raise ValueError(f"{name} must be finite, got {what} in epoch {first}")
    return values


def check_windows(X: Any, n_rows: int | None = None) -> list[NDArray[np.float64]]:
    """Return windows, which may differ in length, as arrays of finite numbers.

    Parameters
    ----------
    X : sequence of array-like, each of shape (n_rows, n_times)
        As the user gave them.
    n_rows : int, optional
        That of the training; by default that of the first window.

    Returns
    -------
    windows : list of ndarray, each of shape (n_rows, n_times)
        In the order of X.

    Raises
    ------
    ValueError
        If there is no window, or one has other axes or rows, or is not finite.

    See Also
    --------
    check_epochs : The same for epochs, which all have one length.

    Examples
    --------
    >>> check_windows([[[0.5, 1.0]], [[0.5], [1.0]]])
    Traceback (most recent call last):
    ValueError: X must hold windows of 1 rows, got 2
    """
    if isinstance(X, Mapping | str) or not hasattr(X, "__len__") or len(X) == 0:
        raise ValueError(f"X must be windows (n_windows, n_rows, n_times), got {X!r}")
    windows: list[NDArray[np.float64]] = []
    for number, window in enumerate(X):
        if np.ndim(window) != 2 or 0 in np.shape(window):
            raise ValueError(
                f"X must be (n_windows, n_rows, n_times), got a row {np.shape(window)}"
            )
        check_real("X", window)
        windows.append(np.asarray(window, dtype=np.float64))
        if not np.isfinite(windows[-1]).all():
            raise ValueError(f"X must be finite, got NaN or infinity in window {number}")
        n_rows = n_rows or len(windows[0])
        if len(window) != n_rows:
            raise ValueError(f"X must hold windows of {n_rows} rows, got {len(window)}")
    return windows


def check_scores(scores: NDArray[np.float64]) -> None:
    """Refuse held-out scores that are no numbers: nothing could be said of such a decoder.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,) or (n_epochs, n_values)
        Of a network or pipeline that somebody brought, for instance.

    Raises
    ------
    BciError
        If one is not finite.

    See Also
    --------
    bci_online.decoding.scores.score_of : The same in a run.

    Examples
    --------
    >>> check_scores(np.array([0.5, np.nan]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: the scores of 1 of 2 held-out epochs are not finite: ...
    """
    n_lost = np.count_nonzero(~np.isfinite(scores).reshape(len(scores), -1).all(axis=1))
    if n_lost:
        raise BciError(
            f"the scores of {n_lost} of {len(scores)} held-out epochs are not finite: live "
            "these would be lost; mend the network's code, or take another --method"
        )


def check_real(name: str, values: Any) -> None:
    """Refuse what cannot be an array of real numbers.

    Parameters
    ----------
    name : str
        What they are called in errors.
    values : object
        As the user gave it.

    Raises
    ------
    ValueError
        If it is None, complex, a text, or a list of unequal parts.

    See Also
    --------
    check_epochs : Checks shape and values, too.

    Examples
    --------
    >>> check_real("X", [1 + 2j])
    Traceback (most recent call last):
    ValueError: Complex data not supported: X must be real numbers
    """
    if values is None:
        raise ValueError(f"{name} must be numbers, got None")
    try:
        kind = np.asarray(values).dtype
    except ValueError:
        shapes = sorted({_shape(one) for one in values}, key=str)
        raise ValueError(f"{name} must hold parts of one shape, got {shapes[:3]}") from None
    if kind.kind == "c":
        raise ValueError(f"Complex data not supported: {name} must be real numbers")
    if kind.kind not in "biufO":
        raise ValueError(f"{name} must be numbers, got {kind}")


def _shape(part: Any) -> Any:
    try:
        return np.shape(part)
    except ValueError:
        return "parts of parts"


def as_labels(name: str, values: Any) -> NDArray[Any]:
    """Return labels as an array that can be sorted.

    Parameters
    ----------
    name : str
        What they are called in errors.
    values : array-like
        As the user gave them.

    Returns
    -------
    labels : ndarray
        As numpy makes them of the values.

    Raises
    ------
    ValueError
        If they are of several types or lists themselves, or one is missing (None, NaN) or infinite.

    See Also
    --------
    check_epochs : The same for epochs.

    Examples
    --------
    >>> as_labels("y", ["target", 1])
    Traceback (most recent call last):
    ValueError: y must be labels of one type that can be sorted, got int and str
    """
    types = {type(one) for one in values} if isinstance(values, list | tuple) else set()
    # numpy would make texts of all of them: 1 and "1" would be the same label.
    is_mixed = any(issubclass(one, str) for one in types) and not all(
        issubclass(one, str) for one in types
    )
    try:
        labels = np.asarray(values)
        if is_mixed or labels.dtype.kind == "c":
            raise TypeError
        np.sort(labels, axis=None)
    except (TypeError, ValueError):
        names = sorted(
            {type(one).__name__ for one in np.atleast_1d(values)}
            if not types
            else {one.__name__ for one in types}
        )
        raise ValueError(
            f"{name} must be labels of one type that can be sorted, got {' and '.join(names)}"
        ) from None
    missing = np.flatnonzero(labels != labels)
    if missing.size:
        raise ValueError(f"{name} must have no missing label, got one at position {missing[0]}")
    if labels.dtype.kind == "f" and np.isinf(labels).any():
        raise ValueError(f"{name} must be finite, got infinity")
    return labels
