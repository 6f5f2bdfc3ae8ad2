"""From the signal to an epoch: the filter's band, the latencies, and what is rejected."""

import math
from functools import cached_property
from itertools import pairwise
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config.ranges import Hertz, Latency
from bci_online.config.section import Section

__all__ = ["Artefacts", "EpochSpec", "FilterSpec"]


class FilterSpec(Section, frozen=True):
    """A causal band-pass.

    Parameters
    ----------
    l_freq, h_freq : float
        Edges in Hz.
    order : int
        Of each edge.
    band_width : float
        In Hz. If it is positive: a bank of neighbouring bands of that width.
    ripple_db : float
        If it is positive: a Chebyshev filter with that ripple in the band. It is steeper and
        settles more slowly. Otherwise a Butterworth filter.

    See Also
    --------
    bci_online.preprocessing.filters.bandpass : Design it.

    Notes
    -----
    At 0.5-8 Hz order 2 settles in 2.3 s, order 4 in 3.8 s. Order 2 also separates flashes better
    on the Wadsworth recordings: AUC 0.857 against 0.841, mean of four runs left out in turn.

    Examples
    --------
    >>> FilterSpec(l_freq=8.0, h_freq=16.0, band_width=4.0).bands
    ((8.0, 12.0), (12.0, 16.0))
    """

    l_freq: Annotated[float, msgspec.Meta(ge=0.01, le=50_000)] = 0.5
    h_freq: Hertz = 8.0
    order: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    band_width: Annotated[float, msgspec.Meta(ge=0, le=50_000)] = 0.0
    ripple_db: Annotated[float, msgspec.Meta(ge=0, le=3)] = 0.0

    def check(self) -> None:
        """Refuse an empty band, one that cannot be cut into whole bands, and no real ripple."""
        if 0 < self.ripple_db < 0.01:
            raise ValueError(f"ripple_db={self.ripple_db:g} must be 0 or at least 0.01 dB")
        if not self.l_freq < self.h_freq:
            raise ValueError(
                f"band ({self.l_freq:g}, {self.h_freq:g}) Hz must satisfy l_freq < h_freq"
            )
        if self.band_width:
            n_bands = (self.h_freq - self.l_freq) / self.band_width
            if not 0.5 < n_bands < 64.5 or abs(n_bands - round(n_bands)) > 1e-6:
                raise ValueError(
                    f"band_width={self.band_width:g} Hz must divide the band from "
                    f"{self.l_freq:g} to {self.h_freq:g} Hz into at most 64 whole ones"
                )

    @property
    def bands(self) -> tuple[tuple[float, float], ...]:
        """The pass bands in Hz: one, or with a ``band_width`` a bank of neighbours."""
        if not self.band_width:
            return ((self.l_freq, self.h_freq),)
        n_bands = round((self.h_freq - self.l_freq) / self.band_width)
        edges = [self.l_freq + n * self.band_width for n in range(n_bands + 1)]
        return tuple(pairwise(edges))


class EpochSpec(Section, frozen=True):
    """The latencies of an epoch, from the onset sample.

    Parameters
    ----------
    tmin, tmax, step : float
        First and last latency and their distance, in seconds.

    See Also
    --------
    bci_online.preprocessing.epoching.Epoching : Cuts epochs so.

    Examples
    --------
    >>> EpochSpec(tmin=0.0, tmax=0.2, step=0.1).latencies
    array([0. , 0.1, 0.2])
    """

    tmin: Latency = 0.0
    tmax: Latency = 0.75
    step: Annotated[float, msgspec.Meta(ge=1e-3, le=10)] = 0.05

    def check(self) -> None:
        """Refuse fewer than two latencies."""
        if not self.tmin + self.step <= self.tmax + 1e-9:
            raise ValueError(
                f"tmin={self.tmin:g}, tmax={self.tmax:g}, step={self.step:g} must satisfy "
                "tmin + step <= tmax"
            )

    @cached_property
    def latencies(self) -> NDArray[np.float64]:
        """The latencies in seconds, shape (n_times,)."""
        n_times = math.floor((self.tmax - self.tmin) / self.step + 1e-6) + 1
        return np.arange(n_times, dtype=np.float64) * self.step + self.tmin


class Artefacts(Section, frozen=True):
    """When an epoch is rejected: a channel's peak-to-peak exceeds median + ``k`` MAD.

    Parameters
    ----------
    k : float
        0: never.

    See Also
    --------
    bci_online.preprocessing.artefacts.artefact_limits : Computes the limits.

    Notes
    -----
    The default rejects gross artefacts only. ``k`` = 10 on 64 channels rejects every tenth epoch of
    a usable recording, and shrinkage LDA loses 0.01-0.03 AUC.
    """

    k: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 50.0
