"""Filters of a filter bank in time and in space, as products of spectra, space first.

Both are linear and change places. A kernel of 125 samples costs as much as one of 15 then, and each
channel is transformed once instead of once for every map.
"""

import torch
from scipy.fft import next_fast_len
from torch import Tensor
from torch.nn import functional

__all__ = ["fft_length", "kernel_spectra", "mixed", "output_moments"]


def fft_length(n_times: int, longest: int) -> int:
    """Return a fast length at which nothing comes round.

    Parameters
    ----------
    n_times : int
        Of a signal.
    longest : int
        Samples of the longest kernel.

    Returns
    -------
    length : int
        At least ``n_times + longest - 1``: the end of a signal stays away from its beginning.

    See Also
    --------
    kernel_spectra : Takes it.

    Examples
    --------
    >>> fft_length(400, 125)
    540
    """
    length: int = next_fast_len(n_times + longest - 1, real=True)
    return length


def kernel_spectra(kernels: Tensor, length: int) -> Tensor:
    """Return what the spectrum of a signal is multiplied by.

    Parameters
    ----------
    kernels : Tensor, shape (n_maps, n_bands, n_taps)
        As a layer correlates: sample t takes what is up to half a kernel before and behind it.
    length : int
        Of the transform.

    Returns
    -------
    spectra : Tensor of complex, shape (n_bands, n_maps, 1, 1, n_frequencies)
        Of the kernels turned round in time.

    See Also
    --------
    mixed : Multiplies.

    Examples
    --------
    >>> kernel_spectra(torch.ones(9, 2, 31), 540).shape
    torch.Size([2, 9, 1, 1, 271])
    """
    n_taps = kernels.shape[2]
    half = n_taps // 2
    gap = kernels.new_zeros((*kernels.shape[:2], length - n_taps))
    taps = torch.cat([kernels[..., half:], gap, kernels[..., :half]], dim=2)
    spectra: Tensor = torch.fft.rfft(taps).conj().resolve_conj()
    return spectra.transpose(0, 1).contiguous()[:, :, None, None]


def mixed(bands: Tensor, spatial: Tensor, kernels: Tensor) -> Tensor:
    """Return the spectra of signals that went through filters in space and in time.

    Parameters
    ----------
    bands : Tensor of complex, shape (n_bands, n_channels, n_epochs, n_frequencies)
        Spectra of the epochs.
    spatial : Tensor, shape (n_maps * n_filters, n_channels)
        Filters in space, those of one map in a row.
    kernels : Tensor of complex, shape (n_bands, n_maps, 1, 1, n_frequencies)
        Of `kernel_spectra`.

    Returns
    -------
    spectra : Tensor of complex, shape (n_maps * n_filters, n_epochs, n_frequencies)
        Of the filtered signals.

    See Also
    --------
    output_moments : Mean and variance between the two filters.

    Examples
    --------
    >>> bands = torch.fft.rfft(torch.ones(2, 5, 3, 400), n=540)
    >>> mixed(bands, torch.ones(72, 5), kernel_spectra(torch.ones(9, 2, 31), 540)).shape
    torch.Size([72, 3, 271])
    """
    found = None
    # Band by band: what is between two products stays in the cache.
    for band, kernel in zip(bands, kernels, strict=True):
        parts = torch.view_as_real(band)
        filtered = torch.mm(spatial, parts.flatten(1)).view(len(kernel), -1, *parts.shape[1:])
        own = torch.view_as_complex(filtered) * kernel
        found = own if found is None else found + own
    assert found is not None  # there is a band
    return found.flatten(0, 1)


def output_moments(
    rows: Tensor, spectra: Tensor, kernels: Tensor, length: int
) -> tuple[Tensor, Tensor]:
    """Return mean and variance of rows that were filtered in time, without filtering them.

    The sum of squares of a filter's output is ``k' G k``. G has the products of the rows with
    themselves, a lag apart: all of them (from the spectra) less those beyond either end.

    Parameters
    ----------
    rows : Tensor, shape (n_bands, n_rows, n_times)
        What is filtered, padded with zeros to keep its length.
    spectra : Tensor of complex, shape (n_bands, n_rows, n_frequencies)
        Theirs.
    kernels : Tensor, shape (n_maps, n_bands, n_taps)
        ``n_taps`` is odd, and its half at most ``n_times``.
    length : int
        Of the transform, of `fft_length`.

    Returns
    -------
    mean, variance : Tensor, shape (n_maps,)
        Over rows and samples.

    See Also
    --------
    mixed : Filters in space and time at once, so that nothing is there to be averaged.

    Examples
    --------
    >>> rows, kernels = torch.randn(2, 5, 400), torch.ones(9, 2, 1)
    >>> mean, variance = output_moments(rows, torch.fft.rfft(rows, n=540), kernels, 540)
    >>> bool(torch.allclose(variance[0], rows.sum(dim=0).var(correction=0), rtol=1e-4))
    True
    """
    n_taps, half = kernels.shape[2], kernels.shape[2] // 2
    # Each frequency is summed in single precision; what is subtracted after that is not.
    crossed = [[torch.linalg.vecdot(one, other, dim=0) for other in spectra] for one in spectra]
    powers = torch.stack([torch.stack(line) for line in crossed]).to(torch.complex128)
    number = torch.arange(n_taps, device=rows.device)
    products = torch.fft.irfft(powers, n=length)[..., (number[None] - number[:, None]) % length]
    sums = rows.sum(dim=1).double()
    totals = sums.sum(dim=1, keepdim=True).expand(-1, n_taps).clone()
    if half:
        begins, ends = _products(rows[..., :half]), _products(rows[..., -half:])
        products[..., half + 1 :, half + 1 :] -= _along_diagonals(begins)
        products[..., :half, :half] -= _along_diagonals(ends.flip(-1, -2)).flip(-1, -2)
        totals[:, half + 1 :] -= sums[:, :half].cumsum(dim=1)
        totals[:, :half] -= sums[:, -half:].flip(1).cumsum(dim=1).flip(1)
    n_values = rows.shape[1] * rows.shape[2]
    flat = kernels.double().flatten(1)
    mean = flat @ totals.flatten() / n_values
    squares = (flat @ products.transpose(1, 2).flatten(2).flatten(0, 1) * flat).sum(dim=1)
    variance = (squares / n_values - mean.square()).clamp_min(0.0)
    return mean.to(kernels), variance.to(kernels)


def _products(rows: Tensor) -> Tensor:
    """Return (n_bands, n_bands, n_times, n_times) of (n_bands, n_rows, n_times), summed on rows."""
    n_bands, _, n_times = rows.shape
    flat = rows.transpose(1, 2).flatten(0, 1)
    return (flat @ flat.T).view(n_bands, n_times, n_bands, n_times).transpose(1, 2).double()


def _along_diagonals(squares: Tensor) -> Tensor:
    """Return the sums of (..., n, n) along their diagonals, from the upper left on."""
    n = squares.shape[-1]
    # Mirrored, and in lines that are one shorter, a diagonal stands in a column.
    lines = functional.pad(squares.flip(-1), (0, n)).flatten(-2)[..., : n * (2 * n - 1)]
    summed = lines.unflatten(-1, (n, 2 * n - 1)).cumsum(dim=-2).flatten(-2)
    return functional.pad(summed, (0, n)).unflatten(-1, (n, 2 * n))[..., :n].flip(-1)
