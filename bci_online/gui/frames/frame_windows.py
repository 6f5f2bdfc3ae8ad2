"""The two windows that show frames: one waits for the display, one keeps its own time."""

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
    QOpenGLContext,
    QPainter,
    QPaintEvent,
    QRasterWindow,
    QRegion,
    QSurfaceFormat,
)
from PySide6.QtOpenGL import QOpenGLWindow

from bci_online.gui.frames.frame_clock import FrameLoop

__all__ = ["FrameWindow", "SwapWindow", "TimerWindow", "can_swap"]

GL_COLOR_BUFFER_BIT = 0x4000


def can_swap() -> bool:
    """Return whether OpenGL works; call this before any OpenGL window exists.

    Without OpenGL such a window crashes the process, for instance on the platform ``offscreen``.

    Returns
    -------
    works : bool
        Whether a `SwapWindow` may be made.

    See Also
    --------
    SwapWindow, TimerWindow : The two kinds of windows.
    """
    if QGuiApplication.platformName() in {"offscreen", "minimal"}:
        return False
    return QOpenGLContext().create()


class SwapWindow(QOpenGLWindow):
    """Show a frame with every buffer swap; swaps wait for the display if the driver allows it.

    Each frame is painted right after the swap before it, and then waits for the next swap. A hidden
    window swaps without waiting, or never; then a timer keeps the time.

    Parameters
    ----------
    loop : FrameLoop
        Clock and frames.

    See Also
    --------
    TimerWindow : Where there is no OpenGL.
    """

    def __init__(self, loop: FrameLoop) -> None:
        super().__init__(QOpenGLWindow.UpdateBehavior.NoPartialUpdate)
        wanted = QSurfaceFormat()
        wanted.setSwapInterval(1)
        wanted.setSwapBehavior(QSurfaceFormat.SwapBehavior.DoubleBuffer)
        self.setFormat(wanted)
        self._loop = loop
        self._is_asked = False
        self.frameSwapped.connect(self._swapped)
        self._unseen = _timer(self, self._pass)

    def start(self) -> None:
        """Begin with the first frame."""
        self._next()

    def _next(self) -> None:
        exposed = self.isExposed()
        self._loop.begin(self.size(), self.devicePixelRatio(), exposed)
        if self._loop.ended:
            return
        if not exposed:
            self._unseen.start(_ms_until_due(self._loop))
        elif not self._is_asked:
            self._is_asked = True
            # update() would make xcb wait for 5 ms first.
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.UpdateRequest))

    def _pass(self) -> None:
        self._loop.swapped()
        self._next()

    def paintGL(self) -> None:
        """Paint the frame."""
        self._is_asked = False
        painter = QPainter(self)
        self._loop.paint(painter, QRegion(0, 0, self.width(), self.height()))
        painter.end()

    def _swapped(self) -> None:
        # The frame may have been painted because the window became visible again.
        self._unseen.stop()
        # A driver may queue the swap and return at once. Drawing into the next frame has to wait
        # until the swap is done, so the stamp below is taken after it.
        self.makeCurrent()
        gl = self.context().functions()
        gl.glClear(GL_COLOR_BUFFER_BIT)
        gl.glFinish()
        self._loop.swapped()
        self._next()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass a key on."""
        _press(self._loop, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End in order, not at once."""
        _close(self._loop, event)


class TimerWindow(QRasterWindow):
    """Show frames on its own schedule: it cannot know when the display refreshes.

    Parameters
    ----------
    loop : FrameLoop
        Clock and frames.

    See Also
    --------
    SwapWindow : Waits for the display.
    """

    def __init__(self, loop: FrameLoop) -> None:
        super().__init__()
        self._loop = loop
        self._changed = QRegion()
        # Due whenever Qt has processed what came: to set a timer for each frame, and to be woken by
        # it before the rest is slept, would cost as much as all that a frame does.
        self._timer = _timer(self, self._flip)
        self._timer.setSingleShot(False)

    def start(self) -> None:
        """Begin with the first frame."""
        self._changed = QRegion(0, 0, self.width(), self.height())
        self._timer.start(0)
        self._next()

    def _next(self) -> None:
        loop = self._loop
        self._changed += loop.begin(self.size(), self.devicePixelRatio(), self.isExposed())
        if loop.ended:
            self._timer.stop()

    def _flip(self) -> None:
        time.sleep(max(0.0, self._loop.due - self._loop.time()))
        if not self._changed.isEmpty():
            self.update(self._changed)
            # Sent, not posted: it paints and flushes now, so the stamp is that of the flush.
            QCoreApplication.sendEvent(self, QEvent(QEvent.Type.UpdateRequest))
            self._changed = QRegion()
        self._loop.swapped()
        self._next()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what changed."""
        painter = QPainter(self)
        painter.setClipRegion(event.region())
        self._loop.paint(painter, event.region())
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass a key on."""
        _press(self._loop, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End in order, not at once."""
        _close(self._loop, event)


FrameWindow = SwapWindow | TimerWindow


def _timer(window: QObject, then: Callable[[], None]) -> QTimer:
    timer = QTimer(window)
    timer.setSingleShot(True)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(then)
    return timer


def _ms_until_due(loop: FrameLoop) -> int:
    return max(0, int(1000 * (loop.due - loop.time())))


def _press(loop: FrameLoop, event: QKeyEvent) -> None:
    # A key that is held down counts once.
    if not event.isAutoRepeat():
        loop.press(event.key())


def _close(loop: FrameLoop, event: QCloseEvent) -> None:
    if not loop.ended:
        event.ignore()
        loop.leave()
