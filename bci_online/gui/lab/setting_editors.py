"""What a value is typed or chosen in: every kind of value has one of these, and all give a text."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from bci_online.config.keys import ConfigKey

__all__ = ["SettingEditor"]

LINES = 3
TRUTH = ("false", "true")


class _Choices(QComboBox):
    """A list that stays as it is when a page is scrolled over it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SettingEditor(QWidget):
    """A field for the values of one key, as texts.

    Parameters
    ----------
    key : ConfigKey
        Which value.

    See Also
    --------
    bci_online.config.key_texts.value_of : What a text means.
    """

    typed = Signal(str)
    """A person changed the text."""

    def __init__(self, key: ConfigKey) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.field = self._made(key)
        column.addWidget(self.field)
        self.setFocusProxy(self.field)

    def _made(self, key: ConfigKey) -> QWidget:
        is_open = key.default is None
        if key.kind == "flag" and not is_open:
            return self._check_box()
        if key.kind in ("table", "rules"):
            return self._lines()
        if key.choices or is_open:
            words = ("", *TRUTH) if is_open else key.choices
            return self._choices(words, is_editable=key.kind != "choice" and not is_open)
        field = QLineEdit()
        field.textEdited.connect(self.typed)
        return field

    def _check_box(self) -> QWidget:
        field = QCheckBox(TRUTH[0])
        field.toggled.connect(lambda is_on: field.setText(TRUTH[is_on]))
        field.clicked.connect(lambda is_on: self.typed.emit(TRUTH[is_on]))
        return field

    def _choices(self, words: tuple[str, ...], *, is_editable: bool) -> QWidget:
        field = _Choices()
        field.addItems(words)
        field.setEditable(is_editable)
        field.textActivated.connect(self.typed)
        line = field.lineEdit()
        if line is not None:
            line.textEdited.connect(self.typed)
        return field

    def _lines(self) -> QWidget:
        field = QPlainTextEdit()
        field.setTabChangesFocus(True)
        field.setFixedHeight(round((LINES + 1) * field.fontMetrics().lineSpacing()))
        field.textChanged.connect(lambda: self.typed.emit(field.toPlainText()))
        return field

    def show_text(self, text: str) -> None:
        """Show a value that nobody typed here; one that cannot be chosen is shown too."""
        field = self.field
        if isinstance(field, QCheckBox):
            field.setChecked(text == TRUTH[1])
            field.setText(text)
        elif isinstance(field, QComboBox):
            if not field.isEditable() and field.findText(text) < 0:
                field.addItem(text)
            field.setCurrentText(text)
        elif isinstance(field, QPlainTextEdit):
            if text != field.toPlainText():
                field.blockSignals(True)
                field.setPlainText(text)
                field.blockSignals(False)
        elif isinstance(field, QLineEdit) and text != field.text():
            field.setText(text)
            field.setCursorPosition(0)

    def text(self) -> str:
        """Return what stands in the field."""
        field = self.field
        if isinstance(field, QComboBox):
            return field.currentText()
        if isinstance(field, QPlainTextEdit):
            return field.toPlainText()
        assert isinstance(field, QCheckBox | QLineEdit)
        return field.text()
