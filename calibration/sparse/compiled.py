"""Machine code for inner loops."""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call and keep the machine code on disk.

    Parameters
    ----------
    function : callable
        A numba-compatible function of arrays.

    Returns
    -------
    dispatcher : callable
        Nothing is compiled before its first call.

    Notes
    -----
    Other threads run meanwhile, such as the one that ends the process after a Ctrl-C.

    numba refuses to cache when neither the package's folder nor the user's cache folder is
    writable (a read-only install run by a service account); a temporary folder serves then,
    for the life of the process.
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        # numba reads the variable when imported, and this attribute when it places a cache.
        numba.config.__dict__["CACHE_DIR"] = _temporary_cache()
        return numba.njit(cache=True, nogil=True)(function)


@functools.cache
def _temporary_cache() -> str:
    # Nobody can guess this name: the cache holds pickles, and a pickle can run code.
    folder = tempfile.mkdtemp(prefix="numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
