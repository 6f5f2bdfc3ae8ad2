"""One card: its head, and when it is open what is known, what can be done, and what that runs."""

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from bci_online.gui.lab.card_head import CardHead
from bci_online.gui.lab.command_line import CommandLine
from bci_online.gui.lab.job_view import JobView
from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.style import plain_tip
from bci_online.gui.lab.texts import Texts
from bci_online.gui.themes import Theme
from bci_online.lab.actions import Action, typed
from bci_online.lab.lab_state import STEPS, Card, StepName

__all__ = ["CardView"]


class CardView(QFrame):
    """Shows a card, and asks for its actions.

    Parameters
    ----------
    theme : Theme
        Colours.
    texts : Texts
        In the language of who uses it.
    step : StepName
        Which card.
    inside : QWidget, optional
        What belongs to this step alone, shown when the card is open.

    See Also
    --------
    bci_online.lab.lab_state.Card : What it shows.
    """

    opened = Signal(str)
    """The step whose head was pressed."""
    started = Signal(object)
    """The action whose button was pressed."""

    def __init__(
        self, theme: Theme, texts: Texts, step: StepName, inside: QWidget | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        self._texts, self.step, self.inside = texts, step, inside
        self.card: Card | None = None
        self.emphasises = True
        self.head = CardHead(theme, STEPS.index(step) + 1, texts(f"step.{step}"))
        self.head.clicked.connect(lambda: self.opened.emit(step))
        self.facts, self.job = QLabel(), JobView(texts)
        self.facts.setObjectName("fact")
        self.facts.setWordWrap(True)
        self.line = QLabel()
        self.line.setWordWrap(True)
        for label in (self.facts, self.line):
            # Names of files and streams are no markup.
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.command = CommandLine(texts)
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout()
        self._row.addStretch(1)
        self.body = QWidget()
        column = QVBoxLayout(self.body)
        unit = self.fontMetrics().height()
        column.setContentsMargins(round(2.5 * unit), round(0.3 * unit), unit, round(0.7 * unit))
        column.setSpacing(round(0.6 * unit))
        parts = (self.line, self.facts, inside, self.job)
        for part in filter(None, parts):
            column.addWidget(part)
            if isinstance(part, QPushButton):
                column.setAlignment(part, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._row)
        column.addWidget(self.command)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.head)
        whole.addWidget(self.body)
        self.open(False)

    @property
    def is_open(self) -> bool:
        """Whether more than the head is shown."""
        return bool(self.property("open"))

    def open(self, is_open: bool) -> None:
        """Show all of the card, or its head alone."""
        self.body.setVisible(is_open)
        self.head.show_line(not is_open)
        if self.property("open") is not is_open:
            self.setProperty("open", is_open)
            self.style().polish(self)
            for part in self.findChildren(QWidget):
                self.style().polish(part)

    def show_card(self, card: Card) -> None:
        """Show how the step stands."""
        if card == self.card:
            return
        before, self.card = self.card, card
        line = self._texts.say(card.line)
        self.head.show_title(self._texts(f"step.{card.title or card.step}"))
        runs = card.job is not None and card.job.is_running
        word = self._texts("state.runs" if runs else f"state.{card.state}")
        self.head.show_state(card.state, word, line)
        self.line.setText(line)
        self.facts.setText("\n".join(self._texts.say(fact) for fact in card.facts))
        self.facts.setVisible(bool(card.facts))
        self.job.show_job(card.job)
        if before is None or before.actions != card.actions:
            self._show_actions(card.actions)
        if self.buttons:
            self._emphasise(self.buttons[0], is_next=card.state == "next" and self.emphasises)
        job = card.job
        if job is not None and job.is_running:
            self.command.show_command(typed(job.record.command))
        else:
            self.command.show_command(card.actions[0].text if card.actions else "")

    def _show_actions(self, actions: tuple[Action, ...]) -> None:
        """Put a button for each action; one that was there keeps its place and the focus."""
        while len(self.buttons) > len(actions):
            button = self.buttons.pop()
            if button is self.window().focusWidget():
                # Else the keyboard would go on anywhere, or nowhere.
                self.head.setFocus()
            button.deleteLater()
        while len(self.buttons) < len(actions):
            button = PushButton()
            button.clicked.connect(partial(self._press, button))
            button.installEventFilter(self)
            self._row.insertWidget(len(self.buttons), button)
            self.buttons.append(button)
        for button, action in zip(self.buttons, actions, strict=True):
            button.setText(self._texts(f"action.{action.label or action.name}"))
            button.setToolTip(plain_tip(action.text))
            button.setAccessibleDescription(action.text)

    def _emphasise(self, button: QPushButton, *, is_next: bool) -> None:
        """Fill the button of what is to be done; a step that is done is left in peace."""
        name = "primary" if is_next else ""
        if button.objectName() != name:
            button.setObjectName(name)
            self.style().polish(button)

    def _press(self, button: QPushButton) -> None:
        self.start(self.buttons.index(button))

    def start(self, number: int = 0) -> None:
        """Ask for an action; the first one is the usual one."""
        if self.card is not None and number < len(self.card.actions):
            self.started.emit(self.card.actions[number])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show what a button runs while it has the pointer or the focus."""
        if event.type() in {QEvent.Type.Enter, QEvent.Type.FocusIn} and self.card is not None:
            number = next((n for n, one in enumerate(self.buttons) if one is watched), None)
            if number is not None and number < len(self.card.actions):
                self.command.show_command(self.card.actions[number].text)
        return super().eventFilter(watched, event)
