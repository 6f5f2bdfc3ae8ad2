"""Causal filters with state: one chain of second-order sections, live and in replay."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import FilterSpec
from bci_online.preprocessing.sections import band_sections, filtered, response, unit_state

__all__ = ["CausalFilter", "FilterBank", "band_delays", "bandpass", "bridge", "settling_samples"]

# Nothing is scored until a filter has settled.
SLOWEST_S = 30.0


def bandpass(spec: FilterSpec, sfreq: float) -> NDArray[np.float64]:
    """Return a band-pass as second-order sections, shape (n_sections, 6).

    Butterworth, or Chebyshev type I where ``spec.ripple_db`` is positive.

    Parameters
    ----------
    spec : FilterSpec
        Band in Hz, order, ripple in dB.
    sfreq : float
        Sampling frequency in Hz.

    Returns
    -------
    sos : ndarray, shape (n_sections, 6)
        For `CausalFilter`.

    Raises
    ------
    ValueError
        If the band does not fit under half the sampling frequency, or the filter would settle too
        slowly.

    See Also
    --------
    CausalFilter : Apply the filter.
    settling_samples : How long it settles.

    Examples
    --------
    >>> bandpass(FilterSpec(l_freq=1.0, h_freq=12.0, order=2), sfreq=256.0).shape
    (2, 6)
    """
    if spec.h_freq >= sfreq / 2:
        raise ValueError(
            f"band ({spec.l_freq:g}, {spec.h_freq:g}) Hz must satisfy "
            f"h_freq < {sfreq / 2:g} Hz (half of sfreq={sfreq:g} Hz)"
        )
    sos = band_sections(spec.order, spec.ripple_db, (spec.l_freq, spec.h_freq), sfreq)
    slowest = max(abs(np.roots(section[3:])).max() for section in sos)
    decay_s = -1 / (sfreq * np.log(slowest)) if slowest < 1 else np.inf
    if decay_s > SLOWEST_S:
        raise ValueError(
            f"a filter of order {spec.order} from {spec.l_freq:g} to {spec.h_freq:g} Hz needs "
            f"{decay_s:.0f} s to forget a step (by a factor of e), at most {SLOWEST_S:g} s are "
            "possible; take a wider band, a higher l_freq or a lower order"
        )
    return sos


def settling_samples(sos: NDArray[np.float64], share: float = 0.01) -> int:
    """Return the number of samples after which a step has decayed to `share` of its peak.

    An outlying first sample leaves a step: the state is scaled to that sample, and all later
    samples differ from it.

    Parameters
    ----------
    sos : ndarray, shape (n_sections, 6)
        Second-order sections.
    share : float
        Of the peak, between 0 and 1.

    Returns
    -------
    n_samples : int
        Until then a segment's samples are not scored.

    See Also
    --------
    bandpass : Make the sections.

    Examples
    --------
    >>> settling_samples(bandpass(FilterSpec(l_freq=1.0, h_freq=12.0, order=2), sfreq=256.0))
    300
    """
    n_samples = 1024
    while True:
        step = np.abs(filtered(sos, np.ones((1, n_samples)), np.zeros((1, len(sos), 2)))[0])
        above = np.flatnonzero(step > share * step.max())
        if above[-1] < n_samples // 2:
            return int(above[-1]) + 1
        n_samples *= 2


def _sections(spec: FilterSpec, sfreq: float) -> list[NDArray[np.float64]]:
    """Return the filter of each band."""
    return [
        bandpass(msgspec.structs.replace(spec, l_freq=low, h_freq=high, band_width=0.0), sfreq)
        for low, high in spec.bands
    ]


def band_delays(spec: FilterSpec, sfreq: float) -> list[float]:
    """Return the group delay of each band in seconds: its median over the band's frequencies.

    Parameters
    ----------
    spec : FilterSpec
        The bands.
    sfreq : float
        Sampling frequency in Hz.

    Returns
    -------
    delays : list of float
        Seconds, in the order of ``spec.bands``.

    See Also
    --------
    settling_samples : The other cost of a narrow band.

    Examples
    --------
    >>> [round(delay, 2) for delay in band_delays(FilterSpec(l_freq=1.0, h_freq=12.0), sfreq=256.0)]
    [0.03]
    """
    delays = []
    for (low, high), sos in zip(spec.bands, _sections(spec, sfreq), strict=True):
        frequencies = np.linspace(low, high, 200)
        phase = np.unwrap(np.angle(response(sos, frequencies, sfreq)))
        delays.append(float(-np.median(np.gradient(phase, 2 * np.pi * frequencies))))
    return delays


class CausalFilter:
    """A causal filter that keeps its state from block to block.

    Parameters
    ----------
    sos : ndarray, shape (n_sections, 6)
        Second-order sections, as `bandpass` returns them.

    See Also
    --------
    FilterBank : Several bands at once.
    bandpass : Make the sections.

    Notes
    -----
    The initial state is scaled to the first sample, so a constant electrode offset leaves no
    transient. With an offset of 20 mV at 256 Hz a zero or unscaled state needs 8 to 40 s to come
    within 1 µV. It is the first sample and not the mean of the first block, because the state must
    not depend on the size of the block.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import FilterSpec
    >>> sos = bandpass(FilterSpec(l_freq=0.5, h_freq=8.0), sfreq=256.0)
    >>> signal = np.random.default_rng(0).normal(size=(2, 512)) + 20000

    Blocks of any size give the same signal, and the offset is gone:

    >>> whole = CausalFilter(sos).process(signal)
    >>> running = CausalFilter(sos)
    >>> parts = [running.process(block) for block in np.split(signal, [3, 100], axis=1)]
    >>> np.allclose(np.concatenate(parts, axis=1), whole)
    True
    >>> bool(abs(whole).max() < 2)
    True
    """

    def __init__(self, sos: NDArray[np.float64]) -> None:
        self._sos = sos
        self._unit_state = unit_state(sos)
        self._state: NDArray[np.float64] | None = None
        self._anew: NDArray[np.bool_] | None = None

    def restart(self, rows: NDArray[np.bool_] | None = None) -> None:
        """Forget the state, of all rows or of some: the next sample is a first sample."""
        if rows is None:
            self._state = None
        else:
            self._anew = rows

    def process(self, block: NDArray[np.float64], in_place: bool = False) -> NDArray[np.float64]:
        """Return the filtered `block`, shape (n_channels, n_times).

        `block` stays unchanged, unless `in_place` says that nobody needs it any more.
        """
        if not block.shape[1]:
            return block
        if self._state is None:
            self._state = self._unit_state * block[:, :1, np.newaxis]
        elif self._anew is not None:
            self._state[self._anew] = self._unit_state * block[self._anew, :1, np.newaxis]
        self._anew = None
        return filtered(self._sos, block, self._state, in_place)


class FilterBank:
    """All channels through all bands of a specification.

    Parameters
    ----------
    spec : FilterSpec
        The bands.
    sfreq : float
        Sampling frequency in Hz.

    Attributes
    ----------
    n_bands : int
        Number of bands; 1 is a plain filter.
    settling : int
        Samples until a step has decayed in the slowest band, see `settling_samples`.

    See Also
    --------
    CausalFilter : One band, and how it starts.

    Examples
    --------
    >>> bank = FilterBank(FilterSpec(l_freq=8.0, h_freq=12.0, band_width=2.0), sfreq=256.0)
    >>> bank.n_bands, bank.process(np.zeros((3, 256))).shape
    (2, (6, 256))
    """

    def __init__(self, spec: FilterSpec, sfreq: float) -> None:
        sections = _sections(spec, sfreq)
        self.n_bands = len(sections)
        self.settling = max(map(settling_samples, sections))
        self._filters = [CausalFilter(sos) for sos in sections]

    def restart(self, channels: NDArray[np.bool_] | None = None) -> None:
        """Forget the state, of all channels or of some: the next sample is a first sample."""
        for each in self._filters:
            each.restart(channels)

    def process(self, block: NDArray[np.float64], in_place: bool = False) -> NDArray[np.float64]:
        """Return the filtered `block`, shape (n_bands * n_channels, n_times), band by band."""
        if self.n_bands == 1:
            return self._filters[0].process(block, in_place)
        return np.concatenate([each.process(block) for each in self._filters])


def bridge(
    before: NDArray[np.float64], after: NDArray[np.float64], n_lost: int
) -> NDArray[np.float64]:
    """Return `n_lost` samples on a straight line between two, shape (n_channels, n_lost).

    Parameters
    ----------
    before, after : ndarray, shape (n_channels,)
        The samples around the loss.
    n_lost : int
        How many are lost.

    Returns
    -------
    samples : ndarray, shape (n_channels, n_lost)
        In the unit of `before` and `after`.

    See Also
    --------
    bci_online.preprocessing.continuous_signal.ContinuousSignal : Uses it for short losses.

    Examples
    --------
    >>> bridge(np.array([0.0]), np.array([3.0]), 2)
    array([[1., 2.]])
    """
    share = np.arange(1, n_lost + 1) / (n_lost + 1)
    return before[:, np.newaxis] + (after - before)[:, np.newaxis] * share
