"""From the signal to an epoch: the filter's band, the latencies, and what is rejected."""

import math
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config.ranges import Hertz, Latency
from bci_online.config.section import Section

__all__ = ["Artefacts", "EpochSpec", "FilterSpec"]


class FilterSpec(Section, frozen=True):
    """A causal band-pass; edges and widths in Hz.

    Parameters
    ----------
    l_freq : float
        Lower edge of the band.
    h_freq : float
        Upper edge of the band; for flashes at most half of 1 / ``epoch.step``.
    order : int
        Order of each edge; a higher one settles more slowly.
    band_width : float
        Motor imagery: a bank of neighbouring bands of that width; 0: one band.
    ripple_db : float
        Above 0: a Chebyshev filter with that ripple in the band, which is steeper and settles more
        slowly; 0: Butterworth.

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

    l_freq: Annotated[float, msgspec.Meta(ge=0.01, le=50_000, extra={"unit": "Hz"})] = 0.5
    h_freq: Hertz = 8.0
    order: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    band_width: Annotated[float, msgspec.Meta(ge=0, le=50_000, extra={"unit": "Hz"})] = 0.0
    ripple_db: Annotated[float, msgspec.Meta(ge=0, le=3, extra={"unit": "dB"})] = 0.0

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
    """The latencies of an epoch, in seconds from the onset sample.

    Parameters
    ----------
    tmin : float
        First latency, from the sample nearest to the flash.
    tmax : float
        Last latency.
    step : float
        Distance of the latencies.
    after : {"flash", "feedback"}
        What epochs follow: flashes, or answers of the speller, for error potentials.

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
    step: Annotated[float, msgspec.Meta(ge=1e-3, le=10, extra={"unit": "s"})] = 0.05
    after: Literal["flash", "feedback"] = "flash"

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
        An epoch is rejected if a channel's peak-to-peak exceeds median + ``k`` MAD; 0: never.

    See Also
    --------
    bci_online.preprocessing.artefacts.artefact_limits : Computes the limits.

    Notes
    -----
    The default rejects gross artefacts only. ``k`` = 10 on 64 channels rejects every tenth epoch of
    a usable recording, and shrinkage LDA loses 0.01-0.03 AUC.
    """

    k: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 50.0
