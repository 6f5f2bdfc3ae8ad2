"""The rate of a clock, by the least late stamps alone."""

import copy
import math
from collections import deque
from typing import Self

import numpy as np

__all__ = ["StampEnvelope"]

Point = tuple[float, float]  # position in samples, stamp in seconds


class StampEnvelope:
    """Keep the least late stamp of each block, and give the rate of the line below all of them.

    See Also
    --------
    bci_online.preprocessing.stamp_line.StampLine : Takes its rate where the stamps come in bursts.

    Notes
    -----
    Where samples come in bursts, most of them waited, and how long depends on what the burst still
    took along. One chunk that misses its burst makes its stamps late by a whole burst, and the
    mean of its block by tens of milliseconds. The last sample of a burst did not wait, so the
    least late stamps are close to the truth. No stamp lies below the line that touches them.

    Where stamps scatter to both sides, few lie near that line, and it is less certain than a line
    through all of them. The nearest ones are exponential variates: their spacing says how certain
    the line is.

    Examples
    --------
    >>> envelope = StampEnvelope()
    >>> for n in range(60):  # each third burst comes 0.03 s late
    ...     envelope.add(50.0 * n, 0.5 * n + 0.03 * (n % 3 == 0))
    >>> round(envelope.period(scatter_s=0.01), 6)
    0.01
    """

    # Half a minute, as the line of all stamps, and five minutes: a rate does not change so fast.
    LEAST_BLOCKS, MOST_BLOCKS = 60, 600
    # The spacing is taken from the lowest twelfth of each half.
    N_OF = 24
    # Under Gaussian stamps the line's end was off by about so many spacings.
    SPACINGS, UNCERTAIN_S = 6.0, 0.003

    def __init__(self) -> None:
        self._points: deque[Point] = deque(maxlen=self.MOST_BLOCKS)

    def copy(self) -> Self:
        """Return an independent copy."""
        other = copy.copy(self)
        other._points = self._points.copy()
        return other

    def add(self, position: float, stamp: float) -> None:
        """Add the least late stamp of the newest block."""
        self._points.append((position, stamp))

    def period(self, scatter_s: float) -> float | None:
        """Return the seconds from one sample to the next.

        None where few blocks are known, or where a line through all stamps is more certain. Its end
        is uncertain by twice the scatter of the blocks' means, `scatter_s`, over the square root
        of their number.
        """
        n = len(self._points)
        if n < self.LEAST_BLOCKS:
            return None
        points = np.array(self._points)
        (at, stamp), (end, end_stamp) = _edge_below(list(self._points))
        period = (end_stamp - stamp) / (end - at)
        above = points[:, 1] - stamp - period * (points[:, 0] - at)
        # Both ends must be supported.
        k = n // self.N_OF
        spacing_s = max(float(np.partition(half, k)[k]) / k for half in np.array_split(above, 2))
        most_s = min(self.UNCERTAIN_S, 2 * scatter_s / math.sqrt(n))
        return period if self.SPACINGS * spacing_s <= most_s else None


def _edge_below(points: list[Point]) -> tuple[Point, Point]:
    """Return two points of the line below all points that is nearest to them on average.

    They are the edge of the lower convex hull below the centre (Andrew's monotone chain).
    """
    middle = sum(position for position, _ in points) / len(points)
    hull: list[Point] = []
    for point in points:
        while len(hull) >= 2 and _slope(hull[-2], point) <= _slope(hull[-2], hull[-1]):
            hull.pop()
        hull.append(point)
    at = next(n for n, (position, _) in enumerate(hull) if position >= middle)
    return hull[at - 1], hull[at]


def _slope(one: Point, other: Point) -> float:
    return (other[1] - one[1]) / (other[0] - one[0])
