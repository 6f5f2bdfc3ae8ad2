"""A part's line to the process that started it: the part ends with it, and beats while it works."""

import os
import socket
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache

__all__ = ["beat", "end_with_parent"]


def end_with_parent(end: Callable[[], object]) -> None:
    """Call `end`, in a thread, once the process that started this one is gone.

    The parent holds the other end of standard input, which closes whenever it ends.

    Parameters
    ----------
    end : callable
        Called once.

    See Also
    --------
    bci_online.session.processes.Processes : The parent's side.
    """

    def wait() -> None:
        # A parent that is killed with beats unread resets the line instead of closing it.
        with suppress(ConnectionResetError):
            while os.read(0, 1024):
                pass
        end()

    threading.Thread(target=wait, name="parent", daemon=True).start()


def beat() -> None:
    """Tell the process that started this one that this one does its work.

    Call it where the work is done, not in a separate thread, which would go on while the work
    hangs. Without such a parent nothing happens.

    See Also
    --------
    bci_online.session.processes.Processes : The process that reads it.
    """
    line = _line_to_parent()
    # The parent may be gone, or so far behind that its buffer is full.
    with suppress(OSError):
        if line is not None:
            line.send(b".", socket.MSG_DONTWAIT)


@cache
def _line_to_parent() -> socket.socket | None:
    """Return standard input where it is the socket that `Processes` gives, else None."""
    with suppress(OSError):
        if stat.S_ISSOCK(os.fstat(0).st_mode):
            return socket.socket(fileno=0)
    return None
