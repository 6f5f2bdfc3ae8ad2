"""A monitor and a window on it, and the test whether the window's frames wait for the monitor."""

import logging
import os
import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

import PySide6
import shiboken6
from PySide6.QtCore import QEventLoop, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QRegion, QScreen
from PySide6.QtWidgets import QApplication

from bci_online.config import ScreenSpec
from bci_online.errors import BciError, ConfigError
from bci_online.gui.frames.frame_clock import FrameClock, FrameLoop, Frames, swaps_hold
from bci_online.gui.frames.frame_windows import FrameWindow, SwapWindow, TimerWindow, can_swap
from bci_online.gui.themes import theme_of

__all__ = ["Display"]

logger = logging.getLogger(__name__)

PROBED_FRAMES = 90
PROBE_S = 2.0
APPEAR_S = 1.0
# Python handles a signal only while it runs code; if no frames come, a timer runs some.
WAKE_UP_MS = 100
CALLS = 100
ENDING = (signal.SIGINT, signal.SIGTERM)


class _Blank:
    """An empty screen for some frames."""

    def __init__(self, colour: str, n: int) -> None:
        self._colour = colour
        self._left = n
        self.is_broken_off = False

    @property
    def done(self) -> bool:
        return self._left <= 0 or self.is_broken_off

    def prepare(self, due: float, size: QSize, ratio: float) -> QRegion:
        return QRegion(0, 0, size.width(), size.height())

    def paint(self, painter: QPainter, region: QRegion) -> None:
        painter.fillRect(region.boundingRect(), self._colour)

    def shown(self, stamp: float, *, late: bool) -> None:
        self._left -= 1

    def hide(self, hidden: bool) -> None:
        return

    def press(self, key: int) -> None:
        return

    def leave(self) -> None:
        self.is_broken_off = True


class Display:
    """Open the application and the monitor; within the context, `show` shows frames.

    Parameters
    ----------
    screen : ScreenSpec
        Monitor, full screen or window.
    refresh_hz : float
        Refresh rate of the schedule if the display's own cannot be measured.
    time : callable
        The clock of all stamps, in seconds.
    size : tuple of int, optional
        Size of a window in logical pixels; by default two thirds of the monitor.

    Attributes
    ----------
    locked : bool
        Whether buffer swaps wait for the display; tested with empty frames.
    refresh_hz : float
        Measured if locked, else as given. Count frames at this rate.
    monitor : str
        Name of the monitor.

    Raises
    ------
    BciError
        If the installed version of Qt's bindings would crash.
    ConfigError
        If there is no monitor of that name.

    See Also
    --------
    bci_online.gui.frames.frame_clock.FrameClock : When frames are due.

    Notes
    -----
    A swap that waits for the display is not light: drivers queue frames, and compositors add some.
    Only a photodiode measures the delay from the stamp to the light.
    """

    def __init__(
        self,
        screen: ScreenSpec,
        refresh_hz: float,
        time: Callable[[], float],
        size: tuple[int, int] | None = None,
    ) -> None:
        self._spec, self._time, self._size = screen, time, size
        self.refresh_hz = refresh_hz
        self.locked = False
        self.monitor = ""
        self._application: QApplication | None = None

    def __enter__(self) -> Self:
        if QApplication.instance() is None:
            _without_display()
            self._application = QApplication(sys.argv[:1])
        try:
            _check_bindings()
            self.monitor = self._chosen().name()
            if can_swap():
                self._probe()
        except BaseException:
            self._shut_down()
            raise
        logger.info(
            "monitor %r: %.2f Hz, frame times %s",
            self.monitor,
            self.refresh_hz,
            "locked" if self.locked else "not locked",
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._shut_down()

    def _shut_down(self) -> None:
        # Python deletes objects in any order at exit; Qt crashes if a window outlives it.
        if self._application is not None:
            self._application.shutdown()
            self._application = None

    def show(self, frames: Frames) -> FrameClock:
        """Show `frames` until they are done; return the clock with its counts.

        Ctrl-C, SIGTERM or closing the window asks the frames to end. An error in them is raised
        here, after the window is gone.
        """
        clock = FrameClock(1 / self.refresh_hz, locked=self.locked)
        self._run(SwapWindow if self.locked else TimerWindow, clock, frames)
        return clock

    def _probe(self) -> None:
        """Test whether swaps wait for the display."""
        clock = FrameClock(1 / self.refresh_hz, locked=True)
        blank = _Blank(theme_of(self._spec).ground, PROBED_FRAMES)
        self._run(SwapWindow, clock, blank, PROBE_S)
        if blank.is_broken_off:
            raise KeyboardInterrupt
        # The first frames come while the window system still maps the window.
        intervals = list(clock.intervals)[PROBED_FRAMES // 3 :]
        self.locked = swaps_hold(intervals, self._chosen().refreshRate())
        if self.locked:
            self.refresh_hz = round(1 / statistics.median(intervals), 2)

    def _run(
        self,
        kind: type[FrameWindow],
        clock: FrameClock,
        frames: Frames,
        most_s: float | None = None,
    ) -> None:
        events, errors = QEventLoop(), list[BaseException]()

        def finished(error: BaseException | None) -> None:
            errors.extend([] if error is None else [error])
            events.quit()

        loop = FrameLoop(clock, self._time, frames, finished)
        window = self._opened(kind, loop)
        wake_up = QTimer()
        wake_up.timeout.connect(lambda: None)
        wake_up.start(WAKE_UP_MS)
        if most_s is not None:
            QTimer.singleShot(int(1000 * most_s), events.quit)
        before = _end_on_signals(loop)
        try:
            _wait_until_visible(window)
            window.start()
            if not loop.ended:
                events.exec()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            loop.ended = True
            wake_up.stop()
            window.close()
            shiboken6.delete(window)
        if errors:
            raise errors[0]

    def _opened(self, kind: type[FrameWindow], loop: FrameLoop) -> FrameWindow:
        window, screen = kind(loop), self._chosen()
        window.setTitle("BCI online")
        window.setScreen(screen)
        if self._spec.fullscreen and self._size is None:
            window.setGeometry(screen.geometry())
            window.setCursor(Qt.CursorShape.BlankCursor)
            window.showFullScreen()
        else:
            area = screen.availableGeometry()
            size = QSize(*self._size) if self._size else area.size() * (2 / 3)
            window.resize(size)
            window.setPosition(area.center() - window.geometry().center() + window.position())
            window.show()
        window.requestActivate()
        return window

    def _chosen(self) -> QScreen:
        if not self._spec.monitor:
            return QGuiApplication.primaryScreen()
        screens = {screen.name(): screen for screen in QGuiApplication.screens()}
        if self._spec.monitor not in screens:
            names = ", ".join(repr(name) for name in screens)
            raise ConfigError(
                f"screen.monitor: no monitor {self._spec.monitor!r} is connected; there is {names}"
            )
        return screens[self._spec.monitor]


def _wait_until_visible(window: FrameWindow) -> None:
    """Wait until the window system shows a window; before that its frames count as hidden."""
    until = time.monotonic() + APPEAR_S
    while not window.isExposed() and time.monotonic() < until:
        QGuiApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, WAKE_UP_MS)


def _without_display() -> None:
    """Draw into memory if there is no display: otherwise Qt would end the process."""
    shows = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in shows):
        logger.warning("no display is set: the screen is drawn in memory only")
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def _check_bindings() -> None:
    """Refuse bindings that would end the process during a session."""
    timer = QTimer()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        timer.stop()
    # PySide6 6.12.0 below Python 3.12 ends with "deallocating None" after some thousand calls.
    if before - sys.getrefcount(None) > CALLS // 2:
        raise BciError(
            f"PySide6 {PySide6.__version__} crashes on Python {sys.version_info.major}."
            f"{sys.version_info.minor}: pip install 'PySide6-Essentials<6.12', or use Python 3.12"
        )


def _end_on_signals(loop: FrameLoop) -> dict[signal.Signals, Any]:
    """Let signals ask `loop` to end; return the handlers before that."""
    if threading.current_thread() is not threading.main_thread():
        return {}

    def leave(number: int, frame: FrameType | None) -> None:
        loop.leave()

    return {number: signal.signal(number, leave) for number in ENDING}
