"""One BLAS thread: faster on small matrices than several, and other processes run too."""

import functools
from contextlib import AbstractContextManager
from typing import Any

import scipy.linalg  # noqa: F401 - its BLAS must be loaded before the controller looks for it
from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread"]


@functools.cache
def _threadpools() -> ThreadpoolController:
    # Looking for the libraries takes 10 ms, which is half of a fit of a discriminant.
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """Return a context in which BLAS uses one thread.

    On two cores an unpinned BLAS made the solver 40 times slower; folds run in parallel instead.

    Returns
    -------
    context : context manager
        At its end BLAS has its threads again.

    See Also
    --------
    calibration.p300.training.train : Trains within it.

    Examples
    --------
    >>> import numpy as np
    >>> with one_blas_thread():
    ...     product = np.eye(2) @ np.eye(2)
    """
    return _threadpools().limit(limits=1, user_api="blas")
