"""Codes on a line that is sampled all the time, such as a trigger channel."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_texts import number_text

__all__ = ["LineMarkers"]

# A code has at most 16 bits. A line that rests beyond them, as BioSemi's status word, carries codes
# on top of what else it says.
LARGEST_CODE = 65535
MOST_LEVELS = 1 << 16
# Every mask is smaller.
MASKS = 1 << 32


class LineMarkers:
    """Where a sampled line leaves its rest, or goes from one code to another.

    Parameters
    ----------
    mask : int
        The bits that count; 0: all.

    Attributes
    ----------
    texts : set of str
        The codes so far, at most `MOST_LEVELS`.

    See Also
    --------
    bci_online.acquisition.number_markers.NumberMarkers : Decides whether a stream is such a line.

    Notes
    -----
    Its rest is the value that it returns to most often, 0 if several are as frequent. The first
    value is no marker: it began before. Nothing depends on how the line is cut.

    Examples
    --------
    >>> line = LineMarkers()
    >>> line.push(np.array([255, 255, 3, 3, 255])), line.push(np.array([255, 4, 3, 255]))
    ([(2, '3')], [(1, '4'), (2, '3')])
    """

    def __init__(self, mask: int = 0) -> None:
        self.texts: set[str] = set()
        self._mask = mask
        self._last = math.nan
        # Of each level how often it came, whether it is 0, and how early it first came.
        self._ranks: dict[float, tuple[int, bool, int]] = {}
        self._rest = math.nan

    def push(self, values: NDArray[Any]) -> list[tuple[int, str]]:
        """Return sample and text of each marker in the next samples (n,) of the line."""
        line = values.astype(float)
        if self._mask:
            known = np.isfinite(line)
            line[known] = np.fmod(line[known], MASKS).astype(np.int64) & self._mask
        before = np.concatenate([[self._last], line[:-1]])
        found = []
        for row in np.flatnonzero((line != before) & np.isfinite(line)).tolist():
            value = float(line[row])
            if value == self._last:
                # Samples that are no numbers lay between.
                continue
            is_first, self._last = not self._ranks, value
            self._count(value)
            if value != self._rest and not is_first:
                text = self.text(value, self._rest)
                if len(self.texts) < MOST_LEVELS:
                    self.texts.add(text)
                found.append((row, text))
        return found

    def _count(self, value: float) -> None:
        """Count a run of `value`; only this value can become the rest by it."""
        if value not in self._ranks and len(self._ranks) == MOST_LEVELS:
            return
        count, _, earliness = self._ranks.get(value, (0, False, -len(self._ranks)))
        self._ranks[value] = count + 1, value == 0, earliness
        if len(self._ranks) == 1 or self._ranks[value] > self._ranks[self._rest]:
            self._rest = value

    def text(self, value: float, rest: float) -> str:
        """Return a code as text; its distance from a rest that is itself too large for a code."""
        if self._mask and rest == 0.0 and math.isfinite(value):
            value = int(value) & self._mask
        return number_text(value - rest if abs(rest) > LARGEST_CODE else value)
