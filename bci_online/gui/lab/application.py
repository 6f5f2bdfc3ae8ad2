"""The lab's window as an application, until it is closed."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QLocale, QTimer
from PySide6.QtWidgets import QApplication

from bci_online.gui.lab.style import theme_now
from bci_online.gui.lab.texts import Texts
from bci_online.gui.lab.window import LabWindow

if TYPE_CHECKING:
    from bci_online.gui.panel.signal_reader import SignalReader

__all__ = ["run_lab"]

# Python handles a signal only while it runs, so it has to run regularly.
CHECK_MS = 500
SIZE = (1280, 720)


def reader_of(stream: str) -> "SignalReader":
    """Return a reader of an amplifier's stream; it goes on searching until it is closed."""
    # Only now: LSL and scipy take long to load.
    from bci_online.acquisition.lsl import LslSource
    from bci_online.config import EegStream
    from bci_online.gui.panel.signal_reader import SignalReader

    return SignalReader(lambda: LslSource(EegStream(name=stream), lost_after=float("inf")))


def run_lab(folder: Path, language: str = "") -> None:
    """Show a lab's window until it is closed; what it has started goes on.

    Parameters
    ----------
    folder : Path
        The lab.
    language : str
        Such as ``de``; empty: the system's.

    See Also
    --------
    bci_online.gui.lab.window.LabWindow : The window.
    """
    application = QApplication(sys.argv[:1])
    application.setDesktopFileName("bci-online-lab")
    texts = Texts(language or QLocale.system().name())
    window = LabWindow(folder, texts, theme_now(), reader_of)
    application.styleHints().colorSchemeChanged.connect(lambda _: window.use_theme(theme_now()))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close_at_once())
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    try:
        area = application.primaryScreen().availableGeometry()
        window.resize(min(SIZE[0], area.width()), min(SIZE[1], area.height()))
        window.show()
        window.start()
        timer.start(CHECK_MS)
        application.exec()
    finally:
        timer.stop()
        window.close_at_once()
        # Widgets that outlive the application crash.
        shiboken6.delete(window)
        application.shutdown()
