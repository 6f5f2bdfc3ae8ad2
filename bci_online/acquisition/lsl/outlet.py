"""What all outlets share: a stream that is announced until it is closed."""

import time
import weakref
from typing import Any

from bci_online.acquisition.lsl.liblsl import liblsl

__all__ = ["SETTLES_S", "Outlet"]

SETTLES_S = 1.0
"""Age of a stream from which on it can be taken away: whoever looked for it has connected."""


class Outlet:
    """A stream that is announced until it is closed.

    Parameters
    ----------
    info : pylsl.StreamInfo
        How it is announced.
    **options : int
        As `pylsl.StreamOutlet` takes them.

    See Also
    --------
    bci_online.acquisition.lsl.outlets.SampleOutlet : Sends numbers.
    bci_online.acquisition.lsl.outlets.TextOutlet : Sends text.

    Notes
    -----
    Why a stream lasts a second at least. liblsl 1.18 crashes the process when an outlet is
    destroyed in the two or three milliseconds in which a reader opens its connection (1 of 40 such
    tries). Readers come in the first second: those that look for the stream.
    """

    def __init__(self, info: Any, **options: int) -> None:
        self._outlet: Any = liblsl().StreamOutlet(info, **options)
        # Without `close`, too: after an error, and when the program ends.
        self._settle = weakref.finalize(self, _settle, self._outlet, time.monotonic())

    def has_consumers(self) -> bool:
        """Return whether a program receives the stream."""
        return self._outlet is not None and bool(self._outlet.have_consumers())

    def close(self) -> None:
        """End the stream once it is a second old; a second call does nothing."""
        self._outlet = None
        self._settle()

    def _open_outlet(self) -> Any:
        if self._outlet is None:
            raise RuntimeError("this outlet was closed")
        return self._outlet


def _settle(_outlet: Any, since: float) -> None:
    """Keep an outlet, which the caller hands over, until it is old enough."""
    time.sleep(max(0.0, since + SETTLES_S - time.monotonic()))
