"""The rate of a clock, by the least late stamps alone."""

import copy
from collections import deque
from typing import Self

import numpy as np

__all__ = ["StampEnvelope"]

Point = tuple[float, float]  # position in samples, stamp in seconds


class StampEnvelope:
    """Keep the least late stamp of each block, and the straight line that lies below all of them.

    See Also
    --------
    bci_online.preprocessing.stamp_line.StampLine : Takes its rate where the stamps come in bursts.

    Notes
    -----
    Where samples come in bursts, most of them waited, and how long depends on what the burst still
    took along. One chunk that misses its burst makes its stamps late by a whole burst, and the
    mean of its block by tens of milliseconds. The last sample of a burst did not wait, so the
    least late stamps are close to the truth. No stamp lies below the line that touches them.

    Every other block gives a line of its own. Where stamps scatter to both sides, the two lines
    differ, and the rate is not known from them.

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
        first, last = _edge_below(list(self._points))
        period = (last[1] - first[1]) / (last[0] - first[0])
        above = np.array([stamp - first[1] - period * (at - first[0]) for at, stamp in self._points])
        most_s = min(self.UNCERTAIN_S, 2 * scatter_s / n**0.5)
        k = n // 24
        spacing_s = max(np.partition(half, k)[k] / k for half in np.array_split(above, 2))
        return period if self.SPACINGS * spacing_s <= most_s else None


def _edge_below(points: list[Point]) -> tuple[Point, Point]:
    """Return the slope of the line below all points that is nearest to them on average.

    It is the edge of their lower convex hull below their centre (Andrew's monotone chain).
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
