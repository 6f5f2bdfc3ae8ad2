"""Parts of the continuous signal: what was filtered together, and what no epoch may use."""

from typing import NamedTuple

import msgspec

__all__ = ["BadSamples", "Segment"]


class BadSamples(NamedTuple):
    """Samples that no epoch may use.

    Parameters
    ----------
    start, stop : int
        Sample numbers; `stop` is the one after the last.
    channels : tuple of int
        The channels that are bad; none where all are, because samples are interpolated or their
        time is in doubt.

    See Also
    --------
    bci_online.preprocessing.onsets.rejection : Looks for them.
    """

    start: int
    stop: int
    channels: tuple[int, ...] = ()


class Segment(msgspec.Struct):
    """Consecutive samples that were filtered with one filter state.

    Parameters
    ----------
    first : int
        Its first sample.
    settled : int
        From this sample on, the transient of the first sample is below 1 %.
    first_time : float
        Common time of the first sample in seconds.
    stop : int, optional
        The sample after the last one; None while the segment continues.

    See Also
    --------
    bci_online.preprocessing.continuous_signal.ContinuousSignal : Makes the segments.
    """

    first: int
    settled: int
    first_time: float
    stop: int | None = None
