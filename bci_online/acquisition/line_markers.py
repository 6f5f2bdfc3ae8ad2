"""Codes on a line that is sampled all the time, such as a trigger channel."""

import math
from dataclasses import dataclass
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


@dataclass
class _Level:
    """How often a line came to a value, for how many samples, and as which in order."""

    value: float
    place: int
    n_runs: int = 0
    n_samples: int = 0

    def outranks(self, other: "_Level") -> bool:
        """Whether this is the rest, and not the other."""
        more = self.n_runs - other.n_runs
        # A line of one code that began at 1 and goes between 1 and 0 may have begun within a pulse,
        # or rest at 1.
        first, then = (self, other) if self.place == 0 else (other, self)
        is_open = abs(more) <= 1 and then.place == 1 and first.value != 0 and then.value == 0
        if is_open and min(first.n_samples, then.n_samples) and first.n_samples != then.n_samples:
            return self.n_samples > other.n_samples
        return (more, self.value == 0, -self.place) > (0, other.value == 0, -other.place)


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
    Its rest is the value that it returns to most often, 0 if several are as frequent. Where it
    begins at another value and goes to 0 and back, its rest is the one of both that lasts longer.
    The first value is no marker: it began before. Nothing depends on how the line is cut.

    Examples
    --------
    >>> line = LineMarkers()
    >>> line.push(np.array([255, 255, 3, 3, 255])), line.push(np.array([255, 4, 3, 255]))
    ([(2, '3')], [(1, '4'), (2, '3')])

    A line that begins within a pulse:

    >>> LineMarkers().push(np.array([1, 0, 0, 0, 1, 0, 0, 1]))
    [(4, '1'), (7, '1')]
    """

    def __init__(self, mask: int = 0) -> None:
        self.texts: set[str] = set()
        self._mask = mask
        self._levels: dict[float, _Level] = {}
        self._last: _Level | None = None
        self._rest: _Level | None = None
        self._came = self._n = 0

    def push(self, values: NDArray[Any]) -> list[tuple[int, str]]:
        """Return sample and text of each marker in the next samples (n,) of the line."""
        line = values.astype(float)
        if self._mask:
            known = np.isfinite(line)
            line[known] = np.fmod(line[known], MASKS).astype(np.int64) & self._mask
        last = math.nan if self._last is None else self._last.value
        before = np.concatenate([[last], line[:-1]])
        found = []
        for row in np.flatnonzero((line != before) & np.isfinite(line)).tolist():
            value = float(line[row])
            # Samples that are no numbers may lie between two of one value.
            if self._last is None or value != self._last.value:
                is_first = self._last is None
                self._begin(value, self._n + row)
                if self._rest is not None and value != self._rest.value and not is_first:
                    text = self.text(value, self._rest.value)
                    if len(self.texts) < MOST_LEVELS:
                        self.texts.add(text)
                    found.append((row, text))
        self._n += len(line)
        return found

    def _begin(self, value: float, sample: int) -> None:
        """Begin a run of `value`; by it this value or the one before can become the rest."""
        if self._last is not None:
            self._last.n_samples += sample - self._came
            self._compare(self._last)
        level = self._levels.get(value, _Level(value, len(self._levels)))
        if len(self._levels) < MOST_LEVELS:
            self._levels[value] = level
        level.n_runs += 1
        self._last, self._came = level, sample
        self._compare(level)

    def _compare(self, level: _Level) -> None:
        if self._rest is None or (level is not self._rest and level.outranks(self._rest)):
            self._rest = level

    def text(self, value: float, rest: float) -> str:
        """Return a code as text; its distance from a rest that is itself too large for a code."""
        if self._mask and rest == 0.0 and math.isfinite(value):
            value = int(value) & self._mask
        return number_text(value - rest if abs(rest) > LARGEST_CODE else value)
