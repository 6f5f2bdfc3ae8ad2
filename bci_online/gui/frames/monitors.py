"""The monitors of this computer, and how evenly they show frames.

Run it in a separate process: with a broken graphics driver Qt ends the process.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from itertools import pairwise

import msgspec
from PySide6.QtCore import QSize, qVersion
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QRegion
from PySide6.QtWidgets import QApplication

from bci_online.config import ScreenSpec
from bci_online.gui.frames.display import Display

__all__ = ["Monitor", "monitors"]


class Monitor(msgspec.Struct, frozen=True, kw_only=True):
    """One monitor, and how frames come on it.

    Parameters
    ----------
    name : str
        As the system calls it.
    width, height : int
        In pixels.
    refresh_hz : float
        The rate that it reports.
    platform, qt : str
        Qt's platform and version.
    locked : bool
        Whether buffer swaps wait for the display.
    interval_ms, jitter_ms : float
        Mean and standard deviation of the time between frames.
    frames, late : int
        Frames shown, and those that came more than half a refresh after they were due.

    See Also
    --------
    monitors : Measures all.
    """

    name: str
    width: int
    height: int
    refresh_hz: float
    platform: str
    qt: str
    locked: bool
    interval_ms: float
    jitter_ms: float
    frames: int
    late: int


class _Blank:
    """Dark frames for some seconds."""

    def __init__(self, seconds: float) -> None:
        self._until = time.perf_counter() + seconds
        self.stamps: list[float] = []
        self.late = 0

    @property
    def done(self) -> bool:
        return time.perf_counter() >= self._until

    def prepare(self, due: float, size: QSize, ratio: float) -> QRegion:
        return QRegion(0, 0, size.width(), size.height())

    def paint(self, painter: QPainter, region: QRegion) -> None:
        painter.fillRect(region.boundingRect(), QColor("#101010"))

    def shown(self, stamp: float, *, late: bool) -> None:
        self.stamps.append(stamp)
        self.late += late

    def hide(self, hidden: bool) -> None:
        return

    def press(self, key: int) -> None:
        self._until = 0.0

    def leave(self) -> None:
        self._until = 0.0


def monitors(seconds: float = 2.0) -> Iterator[Monitor]:
    """Show dark frames on each monitor for some seconds; yield the measurements.

    Parameters
    ----------
    seconds : float
        How long each monitor is measured.

    Yields
    ------
    monitor : Monitor
        One after the other.

    See Also
    --------
    bci_online.commands.bodies.system_checks.examine : Shows them.
    """
    application = QApplication(sys.argv[:1])
    try:
        for screen in QGuiApplication.screens():
            size, nominal = screen.geometry(), screen.refreshRate()
            spec = ScreenSpec(monitor=screen.name())
            with Display(spec, nominal or 60.0, time.perf_counter) as display:
                blank = _Blank(seconds)
                display.show(blank)
                # The first frames come while the window system still maps the window.
                stamps = blank.stamps[len(blank.stamps) // 4 :]
                intervals = [1000 * (b - a) for a, b in pairwise(stamps)] or [0.0, 0.0]
                yield Monitor(
                    name=screen.name(),
                    width=size.width(),
                    height=size.height(),
                    refresh_hz=nominal,
                    platform=QGuiApplication.platformName(),
                    qt=qVersion(),
                    locked=display.locked,
                    interval_ms=statistics.fmean(intervals),
                    jitter_ms=statistics.pstdev(intervals),
                    frames=len(blank.stamps),
                    late=blank.late,
                )
    finally:
        application.shutdown()
