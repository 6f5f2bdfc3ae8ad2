"""A screen on the streams of its session, whose frames a test shows."""

import time
from collections.abc import Callable

from bci_online.acquisition.lsl import local_clock
from bci_online.gui.bridge import ScreenLink

PATIENCE_S = 30.0


def frames_until(link: ScreenLink, true: Callable[[], bool], send: Callable[[], object]) -> None:
    """Show frames until something holds, and send again and again meanwhile."""
    until, again = time.monotonic() + PATIENCE_S, 0.0
    while True:
        assert time.monotonic() < until
        link.step(local_clock())
        link.shown(local_clock())
        if true():
            return
        if time.monotonic() > again:
            send()
            again = time.monotonic() + 0.2
        time.sleep(1 / 60)
