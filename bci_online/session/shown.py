"""What a session shows, to a terminal that may go away."""

from collections.abc import Callable

from bci_online.session_lines import SessionMessage

__all__ = ["Observe", "Shown"]

Observe = Callable[[SessionMessage], None]
"""Receives every message of a session, in the conductor's thread."""


class Shown:
    """Shows messages; a terminal that is gone, or a pipe that nobody reads, ends no session.

    Parameters
    ----------
    observe : callable
        Shows a message.

    Attributes
    ----------
    alarms : tuple of str
        That nothing was shown any more, and why.

    See Also
    --------
    bci_online.session.running_session.RunningSession : Has one.

    Examples
    --------
    >>> from bci_online.messages import Status
    >>> def gone(message: SessionMessage) -> None:
    ...     raise BrokenPipeError(32, "Broken pipe")
    >>> shown = Shown(gone)
    >>> shown(Status("info", "recording"))
    >>> shown.alarms
    ('the output was closed (Broken pipe): nothing more was shown',)
    """

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self.alarms: tuple[str, ...] = ()

    def __call__(self, message: SessionMessage) -> None:
        """Show it."""
        if self.alarms:
            return
        try:
            self._observe(message)
        except OSError as error:
            why = error.strerror or error
            self.alarms = (f"the output was closed ({why}): nothing more was shown",)
