"""What is typed and chosen within a card: a line, an end, what is spelled and with what."""

from collections.abc import Callable
from functools import partial

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.texts import Texts
from bci_online.lab.choice import Choice
from bci_online.lab.decoder_cards import figure_of
from bci_online.lab.job_record import Job
from bci_online.lab.lab_state import LabState

__all__ = ["CalibrationInputs", "LineInput", "UseInputs", "asks_consent", "asks_reason"]

LONGEST = 200
SIMULATED_WORD = "BCI"


class LineInput(QWidget):
    """One line of text: why electrodes that are not good are used, or what a subject agreed to.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.
    key : str
        Of its name in the texts; that of its hint ends in ``_hint``.
    shows : callable
        Whether it is of use in a state.

    See Also
    --------
    bci_online.lab.choice.Choice : Holds it.
    """

    changed = Signal()
    """Something was typed."""

    def __init__(self, texts: Texts, key: str, shows: Callable[[LabState], bool]) -> None:
        super().__init__()
        self._shows = shows
        self.line = QLineEdit()
        self.line.setMaxLength(LONGEST)
        self.line.setPlaceholderText(texts(f"{key}_hint"))
        self.line.textChanged.connect(self.changed)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(texts(key), self.line)

    def show_state(self, state: LabState) -> None:
        """Show it where it is of use."""
        self.setVisible(self._shows(state))


def asks_reason(state: LabState) -> bool:
    """Return whether somebody's electrodes are looked at.

    Parameters
    ----------
    state : LabState
        Of the lab.

    Returns
    -------
    asks : bool
        Whether a reason can be of use.

    See Also
    --------
    bci_online.lab.choice.Choice : Holds the reason.
    """
    configuration = state.choice.configuration_in(state.lab)
    has_stream = configuration is not None and bool(configuration.stream)
    simulates = configuration is not None and configuration.simulates
    return has_stream and not simulates and state.session is None


def asks_consent(state: LabState) -> bool:
    """Return whether the lab has a library that a session could be added to.

    Parameters
    ----------
    state : LabState
        Of the lab.

    Returns
    -------
    asks : bool
        Whether a consent can be of use.

    See Also
    --------
    bci_online.lab.actions.add_to_library : Needs the consent.
    """
    return state.lab.library is not None and state.session is None


class CalibrationInputs(QWidget):
    """When a calibration ends.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.lab.session_actions.calibrate : Takes it.
    """

    changed = Signal()
    """Something was chosen."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self.until = QCheckBox(texts("calibrate.until"))
        self.until.toggled.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.until)

    def show_state(self, state: LabState) -> None:
        """Show what can be chosen now."""
        configuration = state.choice.configuration_in(state.lab)
        offers = configuration is not None and state.session is None
        is_imagery = configuration is not None and configuration.is_imagery
        self.setVisible(offers and not is_imagery)


class UseInputs(QWidget):
    """What is spelled with which decoder, and the buttons of a session that runs.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.lab.session_actions.spell : Takes it.
    """

    changed = Signal()
    """Something was typed or chosen."""
    steered = Signal(str, str)
    """A command to the session that runs, and the text of a note."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._was_typed, self._asked = False, ""
        self.copy = QLineEdit()
        self.copy.setPlaceholderText(texts("use.copy_hint"))
        self.copy.textEdited.connect(self._type)
        self.decoder = QComboBox()
        self.decoder.activated.connect(self.changed)
        self.panel = QCheckBox(texts("use.panel"))
        self.panel.setChecked(True)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.addRow(texts("use.copy"), self.copy)
        self._form.addRow(texts("use.which"), self.decoder)
        self._form.addRow(self.panel)
        self.buttons: dict[str, QPushButton] = {}
        self._steering = QWidget()
        row = QHBoxLayout(self._steering)
        row.setContentsMargins(0, 0, 0, 0)
        for name in ("pause", "resume", "undo", "finish"):
            button = PushButton(texts(f"steer.{name}"))
            button.clicked.connect(partial(self._steer, name))
            button.setToolTip(texts(f"steer.{name}_hint"))
            self.buttons[name] = button
            row.addWidget(button)
        self.note = QLineEdit()
        self.note.setMaxLength(LONGEST)
        self.note.setPlaceholderText(texts("steer.note"))
        self.note.setAccessibleName(texts("steer.note"))
        self.note.returnPressed.connect(self._send_note)
        row.addWidget(self.note, 1)
        self._form.addRow(self._steering)

    def _type(self) -> None:
        self._was_typed = True
        self.changed.emit()

    def _steer(self, name: str, *_: object) -> None:
        if name in {"pause", "resume"}:
            # It takes until the end of the letter: the button says that it was pressed.
            self._asked = name
            self.buttons[name].setEnabled(False)
        self.steered.emit(name, "")

    def _send_note(self) -> None:
        if text := self.note.text().strip():
            self.steered.emit("note", text)
            self.note.clear()

    def show_state(self, state: LabState) -> None:
        """Show what can be chosen now, or the buttons of the session that runs."""
        configuration = state.choice.configuration_in(state.lab)
        spells = configuration is None or not configuration.is_imagery
        session = state.session
        steers = session is not None and session.record.action != "calibrate"
        for row in (self.decoder, self.panel):
            self._form.setRowVisible(row, not steers)
        self._form.setRowVisible(self.copy, spells and not steers)
        self._form.setRowVisible(self._steering, steers)
        if session is not None and steers:
            self._show_session(session, spells=spells)
        if not self._was_typed:
            simulates = configuration is not None and configuration.simulates
            self._propose(SIMULATED_WORD if simulates else "")
        self._show_decoders(state)

    def _propose(self, word: str) -> None:
        if self.copy.text() != word:
            self.copy.setText(word)
            self.changed.emit()

    def _show_session(self, session: Job, *, spells: bool) -> None:
        news = session.news
        for button in self.buttons.values():
            button.setEnabled(news.has_begun)
        if self._asked == ("resume" if news.is_paused else "pause"):
            self.buttons[self._asked].setEnabled(False)
        else:
            self._asked = ""
        self.buttons["pause"].setVisible(not news.is_paused)
        self.buttons["resume"].setVisible(news.is_paused)
        self.buttons["undo"].setVisible(spells)
        self.buttons["finish"].setVisible(spells)

    def _show_decoders(self, state: LabState) -> None:
        known = state.choice.decoders_in(state.lab)
        paths = [one.path for one in known]
        if paths == [self.decoder.itemData(n) for n in range(self.decoder.count())]:
            return
        self.decoder.clear()
        for one in known:
            key = f"use.choice_{one.kind}"
            figures = {"name": one.path.stem, "method": one.method, "figure": figure_of(one)}
            self.decoder.addItem(self._texts(key, **figures), one.path)
        self.decoder.setEnabled(bool(known))
        current = state.choice.decoder_in(state.lab)
        if current is not None:
            self.decoder.setCurrentIndex(paths.index(current.path))

    def taken_by(self, choice: Choice) -> Choice:
        """Return `choice` with what is typed and chosen here."""
        return msgspec.structs.replace(
            choice, copy=self.copy.text().strip().upper(), decoder=self.decoder.currentData()
        )
