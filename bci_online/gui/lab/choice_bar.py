"""Of whom the session is, and with which configuration."""

from pathlib import Path

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.style import plain_tip
from bci_online.gui.lab.texts import Texts
from bci_online.lab.lab_state import LABEL, LabState

__all__ = ["ChoiceBar"]

SUBJECT_LETTERS = 20


class ChoiceBar(QWidget):
    """The subject and the configuration of what comes next.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.lab.choice.Choice : What is chosen.
    """

    changed = Signal()
    """Another subject or configuration was chosen."""
    settings = Signal()
    """The configuration is to be edited."""
    refused = Signal(str)
    """Why a letter is not taken; empty once others are."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._wanted: Path | None = None
        self.subject = QComboBox()
        self.subject.setEditable(True)
        self.subject.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.subject.setMinimumContentsLength(SUBJECT_LETTERS)
        rule = QRegularExpression(f"({LABEL.pattern})?")
        self.subject.setValidator(QRegularExpressionValidator(rule, self))
        self.subject.editTextChanged.connect(self.changed)
        if (line := self.subject.lineEdit()) is not None:
            line.setPlaceholderText(texts("choice.subject_hint"))
            line.setToolTip(plain_tip(texts("choice.subject_rule")))
            line.inputRejected.connect(lambda: self.refused.emit(texts("choice.subject_rule")))
            line.editingFinished.connect(lambda: self.refused.emit(""))
        self.configuration = QComboBox()
        self.configuration.activated.connect(self.changed)
        self.configuration.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.settings_button = PushButton(texts("choice.settings"))
        self.settings_button.clicked.connect(self.settings)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for key, field in (
            ("choice.subject", self.subject),
            ("choice.configuration", self.configuration),
        ):
            label = QLabel(texts(key))
            label.setBuddy(field)
            field.setAccessibleName(texts(key).replace("&", ""))
            row.addWidget(label)
            row.addWidget(field)
        row.addWidget(self.settings_button)
        row.addStretch(1)

    @property
    def chosen_subject(self) -> str:
        """The pseudonym; it may be new."""
        return self.subject.currentText().strip()

    @property
    def chosen_configuration(self) -> Path | None:
        """The file; None while the lab has none."""
        chosen: Path | None = self.configuration.currentData()
        return chosen

    def choose_subject(self, subject: str) -> None:
        """Choose a subject, who may be new."""
        self.subject.setEditText(subject)

    def choose_configuration(self, path: Path | None) -> None:
        """Choose a configuration of the lab, once it is known."""
        self._wanted = path
        place = self.configuration.findData(path)
        if place >= 0:
            self.configuration.setCurrentIndex(place)

    def show_state(self, state: LabState) -> None:
        """Offer what the lab has; what was chosen stays chosen."""
        subjects = list(state.lab.subjects)
        if subjects != [self.subject.itemText(n) for n in range(self.subject.count())]:
            text = self.subject.currentText()
            self.subject.blockSignals(True)
            self.subject.clear()
            self.subject.addItems(subjects)
            self.subject.setEditText(text)
            self.subject.blockSignals(False)
        paths = [one.path for one in state.lab.configurations]
        if paths != [self.configuration.itemData(n) for n in range(self.configuration.count())]:
            chosen = self.chosen_configuration or self._wanted
            self.configuration.clear()
            for path in paths:
                name = path.relative_to(state.lab.folder).with_suffix("")
                self.configuration.addItem(str(name), path)
            if chosen in paths:
                self.configuration.setCurrentIndex(paths.index(chosen))
            self.changed.emit()
