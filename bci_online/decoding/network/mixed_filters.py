"""Filters in time and in space as products of spectra, space first.

Both are linear and change places. A kernel of 125 samples costs as much as one of 15 then, and each
channel is transformed once instead of once for every map.
"""

from collections.abc import Sequence
from typing import cast

import torch
from scipy.fft import next_fast_len
from torch import Tensor, nn

from bci_online.decoding.network.output_moments import output_moments

__all__ = ["fft_length", "filtered", "is_by_spectra", "kernel_spectra", "mixed"]


def is_by_spectra(x: Tensor, longest: int, n_filters: int = 0) -> bool:
    """Return whether spectra are worth it.

    Parameters
    ----------
    x : Tensor, shape (..., n_channels, n_times)
        What is filtered.
    longest : int
        Samples of the longest kernel.
    n_filters : int
        In space, of each map: that many signals are filtered in time instead of the channels.

    Returns
    -------
    is_by_spectra : bool
        False on a GPU, which is fast at convolutions, and has no spectra in half precision; and
        where epochs or channels are too few (measured with batches of 10).

    See Also
    --------
    filtered : Takes what may be.

    Examples
    --------
    >>> is_by_spectra(torch.zeros(9, 20, 400), 125, n_filters=8)
    True
    """
    n_channels, n_times = x.shape[-2:]
    return x.device.type == "cpu" and n_times > longest and n_channels > n_filters


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
        As a layer correlates: sample t takes what is up to half a kernel before and behind it, of
        an even kernel one more behind it.
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
    before = (n_taps - 1) // 2
    gap = kernels.new_zeros((*kernels.shape[:2], length - n_taps))
    taps = torch.cat([kernels[..., before:], gap, kernels[..., :before]], dim=2)
    spectra: Tensor = torch.fft.rfft(taps).conj().resolve_conj()
    return spectra.transpose(0, 1).contiguous()[:, :, None, None]


def filtered(
    rows: Tensor, kernels: Sequence[Tensor], norm: nn.BatchNorm2d, spatial: nn.Conv2d
) -> Tensor:
    """Return signals after a layer in time, a batch normalisation, and a layer in space.

    The normalisation learns as it does between them.

    Parameters
    ----------
    rows : Tensor, shape (n_bands, n_channels, n_epochs, n_times)
        The epochs.
    kernels : sequence of Tensor, each of shape (n_maps, its n_bands, n_taps)
        Of as many layers in time side by side, each of the next bands.
    norm : nn.BatchNorm2d
        Of their maps.
    spatial : nn.Conv2d
        With the same number of filters for each map.

    Returns
    -------
    signals : Tensor, shape (n_epochs, n_filters, n_times)
        Of the filters in space.

    See Also
    --------
    is_by_spectra : Whether it is faster than the three layers.

    Examples
    --------
    >>> norm, spatial = nn.BatchNorm2d(8), nn.Conv2d(8, 16, (5, 1), groups=8)
    >>> filtered(torch.randn(1, 5, 3, 400), [torch.randn(8, 1, 64)], norm, spatial).shape
    torch.Size([3, 16, 400])
    """
    n_times, sizes = rows.shape[3], [each.shape[1] for each in kernels]
    with torch.autocast(rows.device.type, enabled=False):
        length = fft_length(n_times, max(each.shape[2] for each in kernels))
        spectra = torch.fft.rfft(rows, n=length).split(sizes)
        moments = None
        if norm.training:
            moments = _all_moments(rows.split(sizes), spectra, kernels, length)
        factor, shift = _normalisation(norm, moments, rows[0].numel())
        n_maps = [len(each) for each in kernels]
        per_map = spatial.out_channels // sum(n_maps)
        groups = zip(
            spectra,
            spatial.weight.flatten(1).split([n * per_map for n in n_maps]),
            kernels,
            factor[:, None, None].split(n_maps),
            strict=True,
        )
        found = [
            mixed(bands, weight, kernel_spectra(each * own, length))
            for bands, weight, own, each in groups
        ]
        signals = torch.fft.irfft(torch.cat(found), n=length)[..., :n_times]
        bias = spatial.weight.sum(dim=(1, 2, 3)) * shift.repeat_interleave(per_map)
        if spatial.bias is not None:
            bias = bias + spatial.bias
        return (signals + bias[:, None, None]).transpose(0, 1)


def _all_moments(
    rows: Sequence[Tensor], spectra: Sequence[Tensor], kernels: Sequence[Tensor], length: int
) -> tuple[Tensor, Tensor]:
    """Return mean and variance of the maps of several layers in time."""
    found = [
        output_moments(signals.flatten(1, 2), own.flatten(1, 2), each, length)
        for signals, own, each in zip(rows, spectra, kernels, strict=True)
    ]
    mean, variance = (torch.cat(part) for part in zip(*found, strict=True))
    return mean, variance


def _normalisation(
    norm: nn.BatchNorm2d, moments: tuple[Tensor, Tensor] | None, n_values: int
) -> tuple[Tensor, Tensor]:
    """Return what each map is multiplied by, and what is added; `norm` learns of the moments."""
    known = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    mean, variance = known if moments is None else moments
    if moments is not None:
        momentum = cast(float, norm.momentum)
        with torch.no_grad():
            cast(Tensor, norm.num_batches_tracked).add_(1)
            known[0].lerp_(mean, momentum)
            known[1].lerp_(variance * (n_values / (n_values - 1)), momentum)
    factor = norm.weight / (variance + norm.eps).sqrt()
    return factor, norm.bias - mean * factor


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
    bci_online.decoding.network.output_moments.output_moments : Between the two filters.

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
