"""The spectrum of the last seconds, over all channels."""

import math

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from bci_online.gui.fonts import Typeface
from bci_online.gui.panel.signal_figures import HIGHEST_HZ, SignalFigures
from bci_online.gui.themes import Theme

__all__ = ["Spectrum"]

SMALL_PX = 11
BAND_ALPHA = 60
TICKS = tuple(step * 10.0**power for power in range(-4, 5) for step in (1, 3))


class Spectrum(pyqtgraph.PlotWidget):
    """Half of the channels lie above the line, and four of five in the band.

    Parameters
    ----------
    theme : Theme
        Colours.
    typeface : Typeface
        Font.
    mains_hz : float
        The mains frequency that is marked, in Hz.

    See Also
    --------
    bci_online.gui.panel.signal_figures.SignalFigures : What it shows.
    """

    def __init__(self, theme: Theme, typeface: Typeface, mains_hz: float) -> None:
        super().__init__(background=theme.ground)
        self._unit = ""
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.setLogMode(x=False, y=True)
        plot.setXRange(0, HIGHEST_HZ, padding=0)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(theme.dim)
            axis.setTextPen(theme.quiet)
            axis.setStyle(tickFont=typeface.font(SMALL_PX), maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
        plot.getAxis("left").setTicks([[(math.log10(value), f"{value:g}") for value in TICKS]])
        self._label = {"color": theme.quiet, "font-size": f"{SMALL_PX}px"}
        plot.setLabel("bottom", "frequency (Hz)", **self._label)
        mains = pyqtgraph.mkPen(theme.cue, style=Qt.PenStyle.DotLine)
        plot.addItem(pyqtgraph.InfiniteLine(mains_hz, angle=90, pen=mains))
        band = QColor(theme.decision)
        band.setAlpha(BAND_ALPHA)
        # Without any pen there would be no path to fill from.
        edges = [pyqtgraph.PlotDataItem(pen=(0, 0, 0, 0)) for _ in range(2)]
        for edge in edges:
            plot.addItem(edge)
        plot.addItem(pyqtgraph.FillBetweenItem(*edges, brush=band))
        self._middle = pyqtgraph.PlotDataItem(pen=theme.text)
        plot.addItem(self._middle)
        self._lines = [edges[0], self._middle, edges[1]]

    def judge(self, figures: SignalFigures, unit: str) -> None:
        """Show these figures; `unit` is that of the signal."""
        if unit != self._unit:
            self._unit = unit
            self.getPlotItem().setLabel("left", f"{unit}/√Hz", **self._label)
        for line, density in zip(self._lines, figures.density, strict=True):
            # A flat channel has no logarithm.
            line.setData(figures.freqs, np.maximum(density, 1e-6))
