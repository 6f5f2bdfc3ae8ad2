"""The operator's panel as an application, until it is closed."""

import sys
from collections.abc import Callable
from typing import Protocol

import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from bci_online.gui.panel.protocols import Session, Signal
from bci_online.gui.panel.window import OperatorPanel
from bci_online.session_state import SessionState

__all__ = ["Running", "run_panel"]

# Python handles a signal only while it runs, so it has to run regularly.
CHECK_MS = 100
SIZE = (1280, 720)


class Running(Signal, Protocol):
    """A signal that has to be started.

    See Also
    --------
    run_panel : Starts it.
    """

    def start(self) -> None:
        """Start to read."""
        ...


def run_panel(
    session: Session,
    signal: Running,
    clock: Callable[[], float],
    is_over: Callable[[], bool],
    *,
    mains_hz: float = 50.0,
    state: SessionState | None = None,
) -> None:
    """Show the panel until its window is closed or `is_over` says so.

    Parameters
    ----------
    session : Session
        As `OperatorPanel` has it.
    signal : Running
        Started here.
    clock : callable
        Seconds.
    is_over : callable
        Asked ten times a second.
    mains_hz : float
        The mains frequency that is marked, in Hz.
    state : SessionState, optional
        As `OperatorPanel` has it.

    See Also
    --------
    bci_online.gui.panel.window.OperatorPanel : The window.
    """
    application = QApplication(sys.argv[:1])
    panel = OperatorPanel(session, signal, clock, mains_hz=mains_hz, state=state)
    timer = QTimer()
    timer.timeout.connect(lambda: panel.close() if is_over() else None)
    try:
        area = application.primaryScreen().availableGeometry()
        panel.resize(min(SIZE[0], area.width()), min(SIZE[1], area.height()))
        panel.show()
        signal.start()
        panel.start()
        timer.start(CHECK_MS)
        application.exec()
    finally:
        timer.stop()
        panel.close()
        # Widgets that outlive the application crash.
        shiboken6.delete(panel)
        application.shutdown()
