"""Mean and variance of what filters in time would give, without filtering."""

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["output_moments"]


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
        At least 3 taps, and half of them at most ``n_times``.
    length : int
        Of the transform, of `bci_online.decoding.network.mixed_filters.fft_length`.

    Returns
    -------
    mean, variance : Tensor, shape (n_maps,)
        Over rows and samples.

    See Also
    --------
    bci_online.decoding.network.mixed_filters.mixed : Leaves nothing there to be averaged.

    Examples
    --------
    >>> rows, kernels = torch.randn(2, 5, 400), torch.tensor([[[0.0, 1.0, 0.0]] * 2])
    >>> mean, variance = output_moments(rows, torch.fft.rfft(rows, n=540), kernels, 540)
    >>> bool(torch.allclose(variance[0], rows.sum(dim=0).var(correction=0), rtol=1e-4))
    True
    """
    n_taps = kernels.shape[2]
    before, after = (n_taps - 1) // 2, n_taps // 2
    # Each frequency is summed in single precision; what is subtracted after that is not.
    crossed = [[torch.linalg.vecdot(one, other, dim=0) for other in spectra] for one in spectra]
    powers = torch.stack([torch.stack(line) for line in crossed]).to(torch.complex128)
    number = torch.arange(n_taps, device=rows.device)
    products = torch.fft.irfft(powers, n=length)[..., (number[None] - number[:, None]) % length]
    sums = rows.sum(dim=1).double()
    totals = sums.sum(dim=1, keepdim=True).expand(-1, n_taps).clone()
    begins, ends = _products(rows[..., :after]), _products(rows[..., rows.shape[2] - before :])
    products[..., before + 1 :, before + 1 :] -= _along_diagonals(begins)
    products[..., :before, :before] -= _along_diagonals(ends.flip(-1, -2)).flip(-1, -2)
    totals[:, before + 1 :] -= sums[:, :after].cumsum(dim=1)
    totals[:, :before] -= sums[:, rows.shape[2] - before :].flip(1).cumsum(dim=1).flip(1)
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
