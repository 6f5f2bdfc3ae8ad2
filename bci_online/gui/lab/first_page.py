"""What an empty lab offers: a try without an amplifier, or the first configuration."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.texts import Texts

__all__ = ["FirstPage"]


class FirstPage(QWidget):
    """Two ways to begin.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.lab.new_configuration.add_configuration : What each writes.
    """

    chosen = Signal(str)
    """``simulated``, ``p300`` or ``motor_imagery``."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        title, body = QLabel(texts("first.title")), QLabel(texts("first.body"))
        font = title.font()
        font.setPointSizeF(1.8 * font.pointSizeF())
        title.setFont(font)
        body.setObjectName("quiet")
        body.setWordWrap(True)
        self.buttons = {
            kind: PushButton(texts(f"first.{kind}"))
            for kind in ("simulated", "p300", "motor_imagery")
        }
        self.buttons["simulated"].setObjectName("primary")
        for kind, button in self.buttons.items():
            button.clicked.connect(lambda _=False, kind=kind: self.chosen.emit(kind))
            button.setAccessibleDescription(texts("first.body"))
        row = QHBoxLayout()
        row.addStretch(1)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        unit = self.fontMetrics().height()
        column = QVBoxLayout(self)
        column.setSpacing(round(1.2 * unit))
        column.addStretch(2)
        column.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        body.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(body, 2)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addLayout(row)
        column.addStretch(3)
