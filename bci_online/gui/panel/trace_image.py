"""Traces as an image that is written column by column, and scrolls without being moved."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from bci_online.gui.panel.columns import ColumnExtremes
from bci_online.gui.panel.shades import shade
from bci_online.gui.themes import Theme

__all__ = ["TraceImage"]

# Columns that are drawn at once when all are drawn again: more would not fit the caches.
AT_ONCE = 128
# A trace reaches so many rows beyond its own.
REACH = 1.5
# Many bright traces would hide everything else.
TRACE_SHADE = 0.8


class TraceImage:
    """One line per channel, drawn from the extremes of each column.

    A column is written once, at its number modulo the width. The image scrolls because it is
    painted in two pieces.

    Parameters
    ----------
    columns : ColumnExtremes
        What is drawn; as many columns as the image is wide, divided by `column_px`.
    height : int
        In pixels.
    column_px : int
        How wide a column is.
    theme : Theme
        Its colours.
    per_row : float
        See below.
    channels : slice
        Which channels are drawn, from the top to the bottom.

    Attributes
    ----------
    per_row : float
        How much of the signal's unit is as high as a channel's row.
    marked : ndarray of bool, shape (n_drawn,)
        Which of these channels are drawn in the colour that calls for attention.

    See Also
    --------
    bci_online.gui.panel.columns.ColumnExtremes : The extremes.
    """

    def __init__(
        self,
        columns: ColumnExtremes,
        height: int,
        column_px: int,
        theme: Theme,
        per_row: float,
        channels: slice = slice(None),
    ) -> None:
        self._channels = channels
        n_rows = len(range(columns.n_channels)[channels])
        self._columns, self._column_px = columns, column_px
        self.height, self.width = height, columns.n_columns * column_px
        self.per_row = per_row
        self.marked = np.zeros(n_rows, bool)
        colours = QColor(theme.ground), shade(theme, TRACE_SHADE), QColor(theme.cue)
        self._ground, self._trace, self._alert = (np.uint32(colour.rgb()) for colour in colours)
        self._pixels = np.full((height, self.width), self._ground, np.uint32)
        self._image = QImage(
            self._pixels.data, self.width, height, 4 * self.width, QImage.Format.Format_RGB32
        )
        self._row = np.float32(height / n_rows)
        self._rows = (np.arange(n_rows, dtype=np.float32) + 0.5) * self._row

    def draw(self, first: int, stop: int) -> None:
        """Draw the columns from `first` to before `stop`, as they are now."""
        # The column after the last joins it: a trace is one line.
        stop = min(stop + 1, self._columns.newest + 1)
        first = max(first, self._columns.newest - self._columns.n_columns + 1)
        for start in range(first, stop, AT_ONCE):
            self._draw(start, min(start + AT_ONCE, stop))

    def draw_all(self) -> None:
        """Draw every column again."""
        self._pixels[:] = self._ground
        newest = self._columns.newest
        if newest >= 0:
            self.draw(newest - self._columns.n_columns + 1, newest + 1)

    def paint(self, painter: QPainter, left: int, top: int) -> None:
        """Paint all columns, the newest at the right end."""
        split = (self._columns.newest + 1) % self._columns.n_columns * self._column_px
        older = self.width - split
        painter.drawImage(left, top, self._image, split, 0, older, self.height)
        if split:
            painter.drawImage(left + older, top, self._image, 0, 0, split, self.height)

    def newest(self, left: int, top: int, n_columns: int) -> QRect:
        """Return where the newest columns are painted."""
        width = n_columns * self._column_px
        return QRect(left + self.width - width, top, width, self.height)

    def _draw(self, first: int, stop: int) -> None:
        top, bottom = self._spans(first, stop)
        colours = np.full((stop - first, self.height), self._ground, np.uint32)
        for channels, colour in ((~self.marked, self._trace), (self.marked, self._alert)):
            if channels.any():
                colours[self._lit(top[:, channels], bottom[:, channels])] = colour
        places = np.arange(first, stop) % self._columns.n_columns * self._column_px
        strip = colours.T
        for shift in range(self._column_px):
            self._pixels[:, places + shift] = strip

    def _spans(self, first: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first and last pixel of each column and channel; where nothing is, -1."""
        low, high = (edge[:, self._channels] for edge in self._columns.between(first - 1, stop))
        # A line from column to column: each reaches to where the one before it ended.
        joined_low = np.fmin(low[1:], np.where(np.isnan(low[1:]), np.nan, high[:-1]))
        joined_high = np.fmax(high[1:], np.where(np.isnan(high[1:]), np.nan, low[:-1]))
        gain = self._row / np.float32(self.per_row)
        reach = REACH * self._row
        top = self._rows - np.clip(joined_high * gain, -reach, reach)
        bottom = self._rows - np.clip(joined_low * gain, -reach, reach)
        nothing = np.isnan(top)
        spans = []
        for edge in (top, bottom):
            pixels = np.clip(np.where(nothing, 0, edge), 0, self.height - 1).astype(np.int64)
            spans.append(np.where(nothing, -1, pixels))
        return spans[0], spans[1]

    def _lit(self, top: NDArray[np.int64], bottom: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which pixels lie in a span, shape (n_columns, height)."""
        there = top >= 0
        rows = np.broadcast_to(np.arange(len(top))[:, np.newaxis], top.shape)[there]
        width = self.height + 1
        n_cells = len(top) * width
        begun = np.bincount(rows * width + top[there], minlength=n_cells)
        ended = np.bincount(rows * width + bottom[there] + 1, minlength=n_cells)
        depth = np.cumsum(begun - ended).reshape(len(top), width)
        return depth[:, : self.height] > 0
