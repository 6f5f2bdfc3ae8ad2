"""What an action runs: the command line, to be read and copied."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.style import plain_tip
from bci_online.gui.lab.texts import Texts

__all__ = ["CommandLine"]


class CommandLine(QWidget):
    """Shows a command, and copies it.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.lab.actions.Action : Has the command.
    """

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        label = QLabel(texts("card.runs"))
        label.setObjectName("quiet")
        self.line = QLineEdit()
        self.line.setObjectName("command")
        self.line.setReadOnly(True)
        self.line.setAccessibleName(texts("card.runs"))
        label.setBuddy(self.line)
        self.copy = PushButton(texts("card.copy"))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.line.text()))
        for part in (label, self.line, self.copy):
            row.addWidget(part)

    def show_command(self, text: str) -> None:
        """Show a command line; nothing is shown where there is none."""
        self.setVisible(bool(text))
        if text != self.line.text():
            self.line.setText(text)
            self.line.setToolTip(plain_tip(text))
            self.line.setCursorPosition(0)
