"""Second-order sections: their design for a band, and the recursion, without all of scipy.signal.

`import scipy.signal` takes 0.7 s and 40 MB, most of it for what nobody here calls. The design is of
band-passes alone, and agrees with scipy's; the recursion is scipy's compiled one, loaded by itself.
"""

import math
from collections.abc import Callable
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import NDArray

__all__ = ["band_sections", "filtered", "response", "unit_state"]

Floats = NDArray[np.float64]

# As scipy tells real poles from pairs.
REAL = 100 * float(np.finfo(float).eps)


def band_sections(
    order: int, ripple_db: float, band: tuple[float, float], sfreq: float
) -> NDArray[np.float64]:
    """Return a band-pass, Butterworth or, with a ripple, Chebyshev type I.

    Parameters
    ----------
    order : int
        Of each edge.
    ripple_db : float
        Within the band; 0 for Butterworth.
    band : tuple of float
        Lower and upper edge in Hz, below half of `sfreq`.
    sfreq : float
        Sampling frequency in Hz.

    Returns
    -------
    sos : ndarray, shape (order, 6)
        As `scipy.signal.butter` and `scipy.signal.cheby1` give them, to the last digits.

    See Also
    --------
    bci_online.preprocessing.filters.bandpass : Checks the band first.

    Notes
    -----
    Sections are in the order of scipy's: poles nearest to the unit circle come last, each pair with
    the zeros that are nearest to it.

    Examples
    --------
    >>> band_sections(1, 0.0, (1.0, 12.0), 256.0).round(3).tolist()
    [[0.12, 0.0, -0.12, 1.0, -1.754, 0.761]]
    """
    found, gain = _poles(order, ripple_db, band, sfreq)
    found = found[np.lexsort((abs(found.imag), found.real))]
    is_real = abs(found.imag) <= REAL * abs(found)
    upper, lower = (found[~is_real & (sign * found.imag > 0)] for sign in (1, -1))
    poles = [*(upper + lower.conj()) / 2, *found[is_real].real]
    zeros = [-1.0] * order + [1.0] * order
    sos = np.empty((order, 6))
    for section in sos[::-1]:
        pole = poles.pop(_nearest(np.abs(poles), 1.0))
        if np.isreal(pole):
            reals = [number for number, one in enumerate(poles) if np.isreal(one)]
            other = poles.pop(reals[_nearest(np.abs([poles[number] for number in reals]), 1.0)])
        else:
            other = pole.conjugate()
        pair = [zeros.pop(_nearest(zeros, pole)) for _ in range(2)]
        section[:3], section[3:] = np.poly(pair), np.poly([pole, other])
    sos[0, :3] *= gain
    return sos


def _poles(
    order: int, ripple_db: float, band: tuple[float, float], sfreq: float
) -> tuple[NDArray[np.complex128], float]:
    """Return the poles of a band-pass, and its gain; half of its zeros are at −1, half at 1."""
    poles: NDArray[np.complex128]
    angles = np.pi * np.arange(1 - order, order, 2) / (2 * order)
    if ripple_db:
        ripple = math.sqrt(10 ** (0.1 * ripple_db) - 1.0)
        poles = -np.sinh(1.0 / order * math.asinh(1 / ripple) + 1j * angles)
        gain = float(np.prod(-poles).real) / (1.0 if order % 2 else math.sqrt(1 + ripple * ripple))
    else:
        poles, gain = -np.exp(1j * angles), 1.0
    low, high = 4 * np.tan(np.pi * (np.array(band) / (sfreq / 2)) / 2)
    poles = poles * (high - low) / 2
    away = np.sqrt(poles**2 - float(np.sqrt(low * high)) ** 2)
    poles = np.concatenate([poles + away, poles - away])
    gain = gain * (high - low) ** order * (4.0**order / np.prod(4.0 - poles)).real
    return (4.0 + poles) / (4.0 - poles), float(gain)


def _nearest(values: object, to: complex) -> int:
    return int(np.argmin(np.abs(np.asarray(values) - to)))


def unit_state(sos: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the state after a long input of ones.

    Parameters
    ----------
    sos : ndarray, shape (n_sections, 6)
        Second-order sections.

    Returns
    -------
    state : ndarray, shape (n_sections, 2)
        As `scipy.signal.sosfilt_zi`.

    See Also
    --------
    filtered : Begins with it.

    Examples
    --------
    >>> sos = band_sections(2, 0.0, (1.0, 12.0), 256.0)
    >>> steady = filtered(sos, np.ones((1, 9)), unit_state(sos)[np.newaxis])
    >>> bool(abs(steady).max() < 1e-9)
    True
    """
    state, scale = np.empty((len(sos), 2)), 1.0
    for row, section in zip(state, sos, strict=True):
        b, a = section[:3], section[3:]
        row[:] = scale * np.linalg.solve([[1 + a[1], -1.0], [a[2], 1.0]], b[1:] - a[1:] * b[0])
        scale *= b.sum() / a.sum()
    return state


def filtered(
    sos: NDArray[np.float64],
    block: NDArray[np.float64],
    state: NDArray[np.float64],
    in_place: bool = False,
) -> NDArray[np.float64]:
    """Return a block after the sections.

    Parameters
    ----------
    sos : ndarray, shape (n_sections, 6)
        Second-order sections.
    block : ndarray, shape (n_channels, n_times)
        Not changed, unless the last argument allows it.
    state : ndarray, shape (n_channels, n_sections, 2)
        In C order. Afterwards it is the state after the block.
    in_place : bool
        Whether `block` may be changed.

    Returns
    -------
    after : ndarray, shape (n_channels, n_times)
        To the last bit as `scipy.signal.sosfilt` gives it.

    See Also
    --------
    unit_state : A state to begin with.
    bci_online.preprocessing.filters.CausalFilter : Keeps the state.

    Examples
    --------
    >>> sos = band_sections(1, 0.0, (1.0, 12.0), 256.0)
    >>> filtered(sos, np.array([[1.0, 0.0, 0.0]]), np.zeros((1, 1, 2))).round(3).tolist()
    [[0.12, 0.21, 0.158]]
    """
    make = np.asarray if in_place else np.array
    after = make(block, dtype=np.float64, order="C")
    _recursion()(sos, after, state)
    return after


def response(
    sos: NDArray[np.float64], frequencies: NDArray[np.float64], sfreq: float
) -> NDArray[np.complex128]:
    """Return what the sections make of sine waves.

    Parameters
    ----------
    sos : ndarray, shape (n_sections, 6)
        Second-order sections.
    frequencies : ndarray, shape (n_frequencies,)
        In Hz.
    sfreq : float
        Sampling frequency in Hz.

    Returns
    -------
    response : ndarray, shape (n_frequencies,)
        Its absolute value is the gain, its angle the phase.

    See Also
    --------
    band_sections : The sections of a band.

    Examples
    --------
    >>> sos = band_sections(2, 0.0, (1.0, 12.0), 256.0)
    >>> abs(response(sos, np.array([1.0, 4.0, 12.0]), 256.0)).round(2).tolist()
    [0.71, 1.0, 0.71]
    """
    back = np.exp(-2j * np.pi * frequencies / sfreq)
    parts = [polyval(back, section[:3]) / polyval(back, section[3:]) for section in sos]
    return np.asarray(np.prod(parts, axis=0))


_found: list[Callable[[Floats, Floats, Floats], None]] = []


def _recursion() -> Callable[[Floats, Floats, Floats], None]:
    """Return scipy's compiled recursion, which changes samples and state in place."""
    if not _found:
        _found.append(_alone() or _with_all())
    return _found[0]


def _alone() -> Callable[[Floats, Floats, Floats], None] | None:
    """Load the recursion by itself; None where scipy's files lie in another way."""
    scipy = find_spec("scipy")
    folders = [f"{one}/signal" for one in (scipy and scipy.submodule_search_locations) or ()]
    spec = PathFinder.find_spec("_sosfilt", folders)
    if spec is None or spec.loader is None:
        return None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, "_sosfilt", None)


def _with_all() -> Callable[[Floats, Floats, Floats], None]:
    from scipy import signal

    def recursion(sos: Floats, samples: Floats, state: Floats) -> None:
        samples[:], after = signal.sosfilt(sos, samples, axis=1, zi=state.transpose(1, 0, 2))
        state[:] = after.transpose(1, 0, 2)

    return recursion
