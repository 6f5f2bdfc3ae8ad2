"""Notes about the last session, kept as they are typed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from bci_online.gui.lab.texts import Texts
from bci_online.lab.run_notes import read_notes, write_notes

__all__ = ["NotesInput"]

KEPT_AFTER_MS = 800
LINES = 3


class NotesInput(QWidget):
    """A few lines of text; they are read and written in another thread.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.
    do : callable
        Has something done in that thread.

    See Also
    --------
    bci_online.lab.run_notes.write_notes : Keeps them.
    """

    _read = Signal(object, str)

    def __init__(self, texts: Texts, do: Callable[[Callable[[], object]], None]) -> None:
        super().__init__()
        self._do = do
        self._folder: Path | None = None
        self._is_typed = False
        self.edit = QPlainTextEdit()
        self.edit.setPlaceholderText(texts("afterwards.notes"))
        self.edit.setAccessibleName(texts("afterwards.notes"))
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(round((LINES + 0.8) * self.fontMetrics().lineSpacing()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.edit)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEPT_AFTER_MS)
        self._timer.timeout.connect(self.keep)
        self.edit.textChanged.connect(self._type)
        self._read.connect(self._show)
        self.hide()

    def show_notes(self, folder: Path | None) -> None:
        """Show the notes about a session; those that were typed before are kept first."""
        self.setVisible(folder is not None)
        if folder == self._folder:
            return
        self.keep()
        self._folder = folder
        if folder is not None:
            self._do(lambda: self._read.emit(folder, read_notes(folder)))

    def _type(self) -> None:
        self._is_typed = True
        self._timer.start()

    def _show(self, folder: Path, text: str) -> None:
        if folder == self._folder:
            self.edit.blockSignals(True)
            self.edit.setPlainText(text)
            self.edit.blockSignals(False)

    def keep(self) -> None:
        """Have what was typed written, if anything was."""
        self._timer.stop()
        if self._is_typed and self._folder is not None:
            self._is_typed = False
            self._do(partial(write_notes, self._folder, self.edit.toPlainText()))
