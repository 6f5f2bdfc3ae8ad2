"""The line of a clock, by the least late stamps alone."""

import copy
import math
from collections import deque
from typing import NamedTuple, Self

import numpy as np

__all__ = ["StampEnvelope", "TouchingLine"]

Point = tuple[float, float]  # position in samples, stamp in seconds


class TouchingLine(NamedTuple):
    """The line below all stamps.

    Parameters
    ----------
    position, stamp : float
        A point of it, in samples and in seconds.
    period : float
        Seconds from one sample to the next.

    See Also
    --------
    StampEnvelope : Finds it.

    Examples
    --------
    >>> TouchingLine(position=100.0, stamp=1.0, period=0.01).at(200.0)
    2.0
    """

    position: float
    stamp: float
    period: float

    def at(self, position: float) -> float:
        """Return the time of a position, in seconds."""
        return self.stamp + self.period * (position - self.position)


class StampEnvelope:
    """Keep the least late stamp of each block, and give the line below all of them.

    See Also
    --------
    bci_online.preprocessing.stamp_line.StampLine : Follows it where the stamps come in bursts.

    Notes
    -----
    Where samples come in bursts, most of them waited, and how long depends on what the burst still
    took along. One chunk that misses its burst makes its stamps late by a whole burst, and the
    mean of its block by tens of milliseconds. The last sample of a burst did not wait, so the
    least late stamps are close to the truth. No stamp lies below the line that touches them.

    Where stamps scatter to both sides, few lie near that line, and it is less certain than a line
    through all of them. The nearest ones are exponential variates: their spacing says how certain
    the line is. Where a chunk just reaches its burst or just misses it, few stamps touch the line,
    and all others are late by a chunk: then the few are enough.

    Examples
    --------
    >>> envelope = StampEnvelope()
    >>> for n in range(60):  # each third burst comes 0.03 s late
    ...     envelope.add(50.0 * n, 0.5 * n + 0.03 * (n % 3 == 0))
    >>> line = envelope.line(scatter_s=0.01)
    >>> round(line.period, 6), round(line.at(100.0), 6)
    (0.01, 1.0)
    """

    # Half a minute, as the line of all stamps, and five minutes: a rate does not change so fast.
    LEAST_BLOCKS, MOST_BLOCKS = 60, 600
    # The spacing is taken from the lowest of each half: up to a twelfth of them, and at least two
    # beside the one that touches the line. Fewer are near each other by chance.
    N_OF, LEAST_NEAR = 24, 2
    # Under Gaussian stamps the line's end was off by about so many spacings. So uncertain it may
    # become before a clock that follows it gives it up.
    SPACINGS, UNCERTAIN_S = 6.0, 0.012
    # The line runs between two stamps that are so far apart at least, as a share of all blocks: its
    # end is extrapolated from them.
    LEAST_EDGE = 0.25
    # So long a line is believed that too few of the stamps touch at present.
    KEPT_BLOCKS = 60

    def __init__(self) -> None:
        self._line: TouchingLine | None = None
        self._n_blocks = 0
        self._known_at = 0
        self._points: deque[Point] = deque(maxlen=self.MOST_BLOCKS)

    def copy(self) -> Self:
        """Return an independent copy."""
        other = copy.copy(self)
        other._points = self._points.copy()
        return other

    def add(self, position: float, stamp: float) -> None:
        """Add the least late stamp of the newest block."""
        self._points.append((position, stamp))
        self._n_blocks += 1

    def line(self, scatter_s: float, is_followed: bool = False) -> TouchingLine | None:
        """Return the line below all stamps.

        None where few blocks are known, or where a line through all stamps is more certain. Its end
        is uncertain by twice the scatter of the blocks' means, `scatter_s`, over the square root
        of their number. A clock that already follows this line (`is_followed`) stays with it while
        it is certain enough: the other line has another place.
        """
        line = self._touching(scatter_s, is_followed)
        if line is not None or self._n_blocks - self._known_at > self.KEPT_BLOCKS:
            self._line, self._known_at = line, self._n_blocks
        return self._line

    def _touching(self, scatter_s: float, is_followed: bool) -> TouchingLine | None:
        n = len(self._points)
        if n < self.LEAST_BLOCKS:
            return None
        points = np.array(self._points)
        (at, stamp), (end, end_stamp) = _edge_below(list(self._points))
        line = TouchingLine(at, stamp, (end_stamp - stamp) / (end - at))
        above = points[:, 1] - stamp - line.period * (points[:, 0] - at)
        # Both ends must be supported, and the newest half minute: else a loss that nobody noticed
        # would keep the time wrong until half of the blocks lie behind it.
        near = np.arange(self.LEAST_NEAR, max(self.LEAST_NEAR, n // self.N_OF) + 1)
        spacing_s = max(
            float((np.partition(part, near)[near] / near).min())
            for part in (*np.array_split(above, 2), above[-self.LEAST_BLOCKS :])
        )
        most_s = 2 * scatter_s / math.sqrt(n)
        most_s = max(self.UNCERTAIN_S, most_s) if is_followed else most_s
        is_long = end - at >= self.LEAST_EDGE * (points[-1, 0] - points[0, 0])
        return line if is_long and self.SPACINGS * spacing_s <= most_s else None


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
