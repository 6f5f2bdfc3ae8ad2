"""Whether anybody receives what is sent: liblsl drops what has no consumer."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

__all__ = ["Outlet", "wait_for_consumers", "wait_until_left"]

POLL = 0.01


class Outlet(Protocol):
    """The common part of both kinds of outlets.

    See Also
    --------
    wait_for_consumers : Waits for outlets.
    """

    def has_consumers(self) -> bool:
        """Return whether a program receives the stream."""
        ...


def wait_for_consumers(outlets: Sequence[Outlet], timeout: float) -> bool:
    """Wait until every outlet has a consumer; return whether that happened within `timeout` s.

    liblsl drops everything that is sent before.

    Parameters
    ----------
    outlets : sequence of Outlet
        All that must be received.
    timeout : float
        In seconds.

    Returns
    -------
    received : bool
        Whether all are.

    See Also
    --------
    wait_until_left : The end of a session.
    """
    return _wait_for(lambda: all(outlet.has_consumers() for outlet in outlets), timeout)


def wait_until_left(outlets: Sequence[Outlet], timeout: float) -> bool:
    """Wait until no outlet has a consumer; return whether that happened within `timeout` s.

    When an outlet closes, a consumer loses everything that it has not read yet.

    Parameters
    ----------
    outlets : sequence of Outlet
        All that must be left.
    timeout : float
        In seconds.

    Returns
    -------
    left : bool
        Whether all are.

    See Also
    --------
    wait_for_consumers : The beginning of a session.
    """
    return _wait_for(lambda: not any(outlet.has_consumers() for outlet in outlets), timeout)


def _wait_for(condition: Callable[[], bool], timeout: float) -> bool:
    # Not liblsl's own wait: it blocks Ctrl-C.
    until = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= until:
            return False
        time.sleep(POLL)
    return True
