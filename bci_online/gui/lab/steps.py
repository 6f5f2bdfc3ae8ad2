"""The six cards, one of them open: that of what comes next, or the one that was chosen."""

from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QScrollArea, QVBoxLayout, QWidget

from bci_online.gui.lab.card_view import CardView
from bci_online.gui.lab.electrodes_view import ElectrodesView
from bci_online.gui.lab.inputs import (
    CalibrationInputs,
    LineInput,
    UseInputs,
    asks_consent,
    asks_reason,
)
from bci_online.gui.lab.notes_input import NotesInput
from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.stream_table import StreamTable
from bci_online.gui.lab.texts import Texts
from bci_online.gui.themes import Theme
from bci_online.lab.actions import report_page
from bci_online.lab.choice import Choice
from bci_online.lab.lab_state import STEPS, Card, LabState, StepName

__all__ = ["Steps"]

UNTIL = "9/10"
STAYS = "stays"


class Steps(QScrollArea):
    """Shows the cards.

    Parameters
    ----------
    theme : Theme
        Colours.
    texts : Texts
        In the language of who uses it.
    electrodes : ElectrodesView
        Inside the card of the electrodes.
    notes : NotesInput
        Inside the last card.

    See Also
    --------
    bci_online.lab.cards.cards_of : Makes them.
    """

    changed = Signal()
    """Something was typed or chosen in a card."""
    started = Signal(object)
    """The action that is to start."""
    stopped = Signal(object)
    """The job that is to end."""
    looked_at = Signal(object)
    """The file that is to be opened."""

    def __init__(
        self, theme: Theme, texts: Texts, electrodes: ElectrodesView, notes: NotesInput
    ) -> None:
        super().__init__()
        self.streams, self.electrodes, self.notes = StreamTable(theme, texts), electrodes, notes
        self.calibration, self.use = CalibrationInputs(texts), UseInputs(texts)
        self.reason = LineInput(texts, "electrodes.reason", asks_reason)
        self.consent = LineInput(texts, "afterwards.consent", asks_consent)
        self.report = PushButton(texts("decoder.report"))
        self.report.clicked.connect(lambda: self.looked_at.emit(self._page))
        self._page: Path | None = None
        self._agreed_on: Path | None = None
        inside: dict[StepName, QWidget] = {
            "amplifier": self.streams,
            "electrodes": _stacked(electrodes, self.reason),
            "calibrate": self.calibration,
            "decoder": self.report,
            "use": self.use,
            "afterwards": _stacked(notes, self.consent),
        }
        self.views = {step: CardView(theme, texts, step, inside.get(step)) for step in STEPS}
        self._chosen: tuple[StepName, str] | None = None
        self._cards: tuple[Card, ...] = ()
        # The card of what was started last, where that has failed: a person is to see why.
        self._failed: list[StepName] = []
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setSpacing(round(0.4 * self.fontMetrics().height()))
        layout.setContentsMargins(0, 0, 8, 0)
        for view in self.views.values():
            layout.addWidget(view)
            view.opened.connect(self.choose)
            view.started.connect(self.started)
            view.job.stopped.connect(self.stopped)
        layout.addStretch(1)
        self.setWidget(column)
        self.setWidgetResizable(True)
        # The cards in it are reached; the area itself needs no stop.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for part in (self.reason, self.consent, self.calibration, self.use):
            part.changed.connect(self.changed)

    def taken_by(self, choice: Choice) -> Choice:
        """Return `choice` with what is typed and chosen in the cards."""
        choice = msgspec.structs.replace(
            choice,
            until=UNTIL if self.calibration.until.isChecked() else "",
            reason=self.reason.line.text().strip(),
            consent=self.consent.line.text().strip(),
        )
        return self.use.taken_by(choice)

    def choose(self, step: StepName) -> None:
        """Open a card, or close the one that is open by choice; the way back is by itself."""
        card = self._card(step)
        is_open = self.views[step].is_open
        self._chosen = None if card is None or is_open else (step, _stands(card))
        self._open()
        self.views[step].head.setFocus()

    def show_step(self, step: StepName) -> None:
        """Open a card until it stands otherwise; the keyboard stays where it is."""
        card = self._card(step)
        self._chosen = None if card is None else (step, _stands(card))
        self._open()

    def start(self) -> None:
        """Start the usual action of the open card."""
        for view in self.views.values():
            if view.is_open:
                view.start()

    def take_focus(self) -> None:
        """Give the keyboard to what is next."""
        for view in self.views.values():
            if view.is_open:
                (view.buttons[0] if view.buttons else view.head).setFocus()

    def show_cards(self, cards: tuple[Card, ...], state: LabState) -> None:
        """Show how the steps stand."""
        self._cards = cards
        newest = next(iter(state.jobs), None)
        has_failed = newest is not None and newest.has_failed
        self._failed = [card.step for card in cards if has_failed and card.job == newest]
        self.streams.show_job(cards[0].job)
        self.views["amplifier"].emphasises = not self.streams.has_rows
        for card in cards:
            self.views[card.step].show_card(card)
        self.notes.show_notes(cards[-1].folder)
        self.reason.show_state(state)
        self.consent.show_state(state)
        if cards[-1].folder != self._agreed_on:
            # What one subject agreed to is not what another one did.
            self._agreed_on = cards[-1].folder
            self.consent.line.clear()
        self.calibration.show_state(state)
        self.use.show_state(state)
        decoder = state.choice.decoder_in(state.lab)
        self._page = None if decoder is None else report_page(decoder)
        self.report.setVisible(decoder is not None)
        self._open()

    def _card(self, step: StepName) -> Card | None:
        return next((card for card in self._cards if card.step == step), None)

    def _open(self) -> None:
        """Open the chosen card until it stands otherwise; else what runs, failed or is next."""
        runs = [card.step for card in self._cards if card.job is not None and card.job.is_running]
        if self._chosen is not None:
            card = self._card(self._chosen[0])
            stands = STAYS if self._chosen[1] == STAYS and not runs else _stands(card)
            if stands != self._chosen[1]:
                self._chosen = None
        after = [card.step for card in self._cards if card.state == "next"]
        by_itself: StepName = next(iter((*runs, *self._failed, *after)), "afterwards")
        step: StepName = by_itself if self._chosen is None else self._chosen[0]
        if step == "electrodes" and self._chosen is None and self._cards:
            # Good electrodes may become bad: a person looks as long as they like.
            self._chosen = ("electrodes", STAYS)
        if step != self.open_step:
            self._change_to(step)
        self.electrodes.setVisible(bool(self.views["electrodes"].is_open))

    def _change_to(self, step: StepName) -> None:
        """Open this card alone; the keyboard goes with it, unless somebody types elsewhere."""
        focus = self.window().focusWidget()
        was_here = isinstance(focus, QAbstractButton) and self.isAncestorOf(focus)
        for name, view in self.views.items():
            if view.is_open != (name == step):
                view.open(name == step)
        if was_here:
            self.take_focus()

    def use_theme(self, theme: Theme) -> None:
        """Show the same in other colours."""
        for view in self.views.values():
            view.head.use_theme(theme)
        self.streams.use_theme(theme)
        self.electrodes.use_theme(theme)

    @property
    def open_step(self) -> StepName | None:
        """The card that is open."""
        return next((name for name, view in self.views.items() if view.is_open), None)


def _stands(card: Card | None) -> str:
    if card is None:
        return ""
    runs = card.job is not None and card.job.is_running
    return f"{card.state} {runs}"


def _stacked(*parts: QWidget) -> QWidget:
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        column.addWidget(part)
    return both
