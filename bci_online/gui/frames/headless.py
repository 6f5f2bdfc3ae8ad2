"""A screen without a window: the same frames at the same times."""

import time
from collections.abc import Callable

from bci_online.gui.bridge import ScreenLink

__all__ = ["run_headless"]


def run_headless(
    link: ScreenLink, refresh_hz: float, clock: Callable[[], float], start: float | None = None
) -> None:
    """Step frames without showing them, until the session ends.

    Parameters
    ----------
    link : ScreenLink
        The session.
    refresh_hz : float
        Refresh rate of the missing display.
    clock : callable
        The LSL clock, in seconds.
    start : float, optional
        Time of the first frame; by default now.

    See Also
    --------
    bci_online.gui.frames.display.Display : Shows them.
    """
    begun = clock() if start is None else start
    frame = 0
    while not link.finished:
        # The schedule is absolute: a late frame does not delay the frames after it.
        time.sleep(max(0.0, begun + frame / refresh_hz - clock()))
        link.step(clock())
        link.shown(clock())
        frame = max(frame + 1, int((clock() - begun) * refresh_hz))
