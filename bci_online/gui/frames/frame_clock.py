"""The clock of frames: when they are due, and when they were shown."""

import math
import statistics
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QRegion

from bci_online.messages import CommandName
from bci_online.paradigms.picture import ImageryPicture, SpellerPicture

__all__ = ["FrameClock", "FrameLoop", "Frames", "Stage", "swaps_hold"]

Picture = TypeVar("Picture", SpellerPicture, ImageryPicture, covariant=True)

# Intervals of a display differ by microseconds, and stamps of a program by far less than this share
# of an interval.
TOLERANCE = 0.15
KEPT_INTERVALS = 600


class Stage(Protocol[Picture]):
    """A presentation on its session's streams: what a screen shows frame by frame.

    See Also
    --------
    bci_online.gui.bridge.ScreenLink : One on LSL streams.
    """

    @property
    def finished(self) -> bool:
        """Whether the last picture was made."""
        ...

    def step(self, now: float) -> Picture:
        """Return the picture of the frame that will be shown at `now`."""
        ...

    def shown(self, stamp: float, *, late: bool = False) -> None:
        """Take the time of that frame, right after the swap."""
        ...

    def command(self, name: CommandName) -> None:
        """Send a command, as a key does."""
        ...


class Frames(Protocol):
    """What a window calls, frame by frame.

    See Also
    --------
    FrameLoop : Calls it.
    """

    @property
    def done(self) -> bool:
        """Whether no frame follows."""
        ...

    def prepare(self, due: float, size: QSize, ratio: float) -> QRegion:
        """Make the frame that is due then; return what differs from the frame before."""
        ...

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint `region` of the prepared frame."""
        ...

    def shown(self, stamp: float, *, late: bool) -> None:
        """Take the time at which the frame was shown."""
        ...

    def hide(self, hidden: bool) -> None:
        """Note whether the window is hidden or visible again."""
        ...

    def press(self, key: int) -> None:
        """Process a key."""
        ...

    def leave(self) -> None:
        """End soon: the window was closed, or the process should end."""
        ...


def swaps_hold(intervals: Sequence[float], refresh_hz: float) -> bool:
    """Return whether buffer swaps wait for the display.

    Parameters
    ----------
    intervals : sequence of float
        Seconds between swaps.
    refresh_hz : float
        Refresh rate that the monitor reports; 0 if it reports none.

    Returns
    -------
    bool
        Whether nine of ten intervals are near whole refreshes, the median is a single refresh, and
        that refresh is the one that the monitor reports. Swaps that do not wait may be just as
        even, but at another rate.

    See Also
    --------
    bci_online.gui.frames.monitors.Monitor : Reports it as ``locked``.
    """
    if len(intervals) < 10:
        return False
    period = statistics.median(intervals)
    if refresh_hz and abs(period * refresh_hz - 1) > TOLERANCE:
        return False
    whole = [interval / period for interval in intervals]
    near = [abs(n - round(n)) < TOLERANCE and round(n) >= 1 for n in whole]
    return sum(near) >= 0.9 * len(near)


class FrameClock:
    """Compute when the next frame is due, and whether a frame was late.

    Parameters
    ----------
    period : float
        Seconds between two refreshes.
    locked : bool
        True: swaps wait for the display, and a frame is due whole refreshes after the last swap.
        False: frames are due on a fixed grid, so a late frame does not delay the frames after it.

    Attributes
    ----------
    n_frames, n_late : int
        Number of frames, and of those shown more than half a refresh after they were due.
    intervals : deque of float
        Seconds between the last 600 frames.

    See Also
    --------
    FrameLoop : Asks it.
    """

    def __init__(self, period: float, *, locked: bool) -> None:
        self.period = period
        self.locked = locked
        self.n_frames = self.n_late = 0
        self.intervals: deque[float] = deque(maxlen=KEPT_INTERVALS)
        self._anchor: float | None = None
        self._last: float | None = None
        self._due = 0.0

    def due(self, now: float) -> float:
        """Return the time of the next frame that can still be made."""
        if self._anchor is None:
            self._anchor = now
        n = max(1, math.ceil((now - self._anchor) / self.period))
        self._due = self._anchor + n * self.period
        return self._due

    def shown(self, stamp: float) -> bool:
        """Take the time of a frame; return whether it was late."""
        late = stamp - self._due > 0.5 * self.period
        if self._last is not None:
            self.intervals.append(stamp - self._last)
        self._last = stamp
        self._anchor = stamp if self.locked else self._due
        self.n_frames += 1
        self.n_late += late
        return late


class FrameLoop:
    """Join a window, a frame clock and the frames to show.

    Parameters
    ----------
    clock : FrameClock
        Says when frames are due.
    time : callable
        The clock of all stamps, in seconds.
    frames : Frames
        What is shown.
    finished : callable
        Called once after the last frame, with the error if one ended the frames.

    See Also
    --------
    bci_online.gui.frames.frame_windows.SwapWindow : A window of such a loop.

    Notes
    -----
    Windows call this from Qt's event loop. Qt would print an exception and continue, so an
    exception is kept here and ends the loop.
    """

    def __init__(
        self,
        clock: FrameClock,
        time: Callable[[], float],
        frames: Frames,
        finished: Callable[[BaseException | None], None],
    ) -> None:
        self.clock = clock
        self.time = time
        self._frames = frames
        self._finished = finished
        self.due = 0.0
        self.ended = self._is_hidden = False

    def begin(self, size: QSize, ratio: float, exposed: bool = True) -> QRegion:
        """Make the next frame; return the part that must be painted.

        `exposed` tells whether the window is visible, as far as the window system knows.
        """
        region = QRegion()
        if not self.ended:
            try:
                if exposed is self._is_hidden:
                    self._is_hidden = not exposed
                    self._frames.hide(self._is_hidden)
                self.due = self.clock.due(self.time())
                region = self._frames.prepare(self.due, size, ratio)
            except BaseException as error:
                self._end(error)
        return region

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint the frame."""
        if not self.ended:
            try:
                self._frames.paint(painter, region)
            except BaseException as error:
                self._end(error)

    def swapped(self) -> None:
        """Note that the frame has just been shown."""
        stamp = self.time()
        if self.ended:
            return
        try:
            self._frames.shown(stamp, late=self.clock.shown(stamp))
        except BaseException as error:
            self._end(error)
        if not self.ended and self._frames.done:
            self._end(None)

    def press(self, key: int) -> None:
        """Pass a key on."""
        if not self.ended:
            self._frames.press(key)

    def leave(self) -> None:
        """Ask the frames to end."""
        if not self.ended:
            self._frames.leave()

    def _end(self, error: BaseException | None) -> None:
        if not self.ended:
            self.ended = True
            self._finished(error)
