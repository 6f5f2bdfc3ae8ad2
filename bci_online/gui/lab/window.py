"""The lab's window: history at the left, the steps of a session at the right."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from bci_online.errors import BciError
from bci_online.gui.lab.choice_bar import ChoiceBar
from bci_online.gui.lab.closing_question import ask_about_settings
from bci_online.gui.lab.electrodes_view import ElectrodesView
from bci_online.gui.lab.first_page import FirstPage
from bci_online.gui.lab.history_tree import HistoryTree
from bci_online.gui.lab.notes_input import NotesInput
from bci_online.gui.lab.settings_place import SettingsPlace, load_form
from bci_online.gui.lab.starter import Starter
from bci_online.gui.lab.steps import Steps
from bci_online.gui.lab.style import palette_of, style_sheet
from bci_online.gui.lab.texts import Texts
from bci_online.gui.lab.watch import LabWatch
from bci_online.gui.themes import Theme
from bci_online.lab.actions import Action
from bci_online.lab.cards import cards_of
from bci_online.lab.choice import Choice
from bci_online.lab.contents import NOBODY, LabContents
from bci_online.lab.job_record import Job
from bci_online.lab.lab_state import SESSIONS, STEPS, Electrodes, LabState, while_recorded

if TYPE_CHECKING:
    from bci_online.gui.panel.signal_reader import SignalReader

__all__ = ["LabWindow"]

HISTORY_SHARE = 0.27
FIRST_SUBJECT = "01"


class LabWindow(QWidget):
    """Shows a lab's folder, and starts what the command line starts.

    Parameters
    ----------
    folder : Path
        The lab.
    texts : Texts
        In the language of who uses it.
    theme : Theme
        Colours.
    make_reader : callable
        Returns a reader of a stream, given its name.

    See Also
    --------
    bci_online.gui.lab.application.run_lab : Shows it.
    """

    def __init__(
        self,
        folder: Path,
        texts: Texts,
        theme: Theme,
        make_reader: "Callable[[str], SignalReader]",
    ) -> None:
        super().__init__()
        self.state = LabState(lab=LabContents(folder=folder), now=time.time())
        self._has_looked = False
        self._looked_at = ("", "")
        self._run: Path | None = None
        self.setWindowTitle(texts("window.title", folder=folder.name))
        self._texts, self._may_lose = texts, False
        self.setPalette(palette_of(theme))
        self.setStyleSheet(style_sheet(theme))
        self.watch = LabWatch(folder)
        self.starter = Starter(folder, self.watch)
        self.history = HistoryTree(theme, texts)
        self.bar = ChoiceBar(texts)
        self.electrodes = ElectrodesView(theme, texts, make_reader)
        self.notes = NotesInput(texts, self.watch.do)
        self.steps = Steps(theme, texts, self.electrodes, self.notes)
        self.first, self.settings = FirstPage(texts), SettingsPlace(texts)
        self.alarm = QLabel()
        self.alarm.setObjectName("alarm")
        self.alarm.setTextFormat(Qt.TextFormat.PlainText)
        self.alarm.setWordWrap(True)
        self.alarm.hide()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        unit = self.fontMetrics().height()
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(unit, 0, 0, 0)
        column.setSpacing(round(0.7 * unit))
        column.addWidget(self.bar)
        column.addWidget(self.steps, 1)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.addWidget(self.history)
        both.addWidget(right)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(1)
        both.setSizes([round(1000 * HISTORY_SHARE), round(1000 * (1 - HISTORY_SHARE))])
        both.setStretchFactor(1, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(both)
        self.pages.addWidget(self.first)
        self.pages.addWidget(self.settings)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(unit, round(0.7 * unit), unit, round(0.7 * unit))
        whole.addWidget(self.pages, 1)
        # Below all pages: an empty lab can have something to say too.
        whole.addWidget(self.alarm)

    def _connect(self) -> None:
        self.watch.seen.connect(self._see)
        self.watch.failed.connect(self.say)
        self.history.chosen.connect(self.bar.choose_subject)
        self.history.activated_place.connect(self.starter.open_place)
        self.bar.changed.connect(self.refresh)
        self.history.run_chosen.connect(self._look_at)
        self.bar.refused.connect(self.say)
        self.bar.settings.connect(self.open_settings)
        self.settings.closed.connect(self._leave_settings)
        self.settings.saved.connect(lambda: self.watch.do(lambda: None))
        self.electrodes.judged.connect(self._judge)
        self.first.chosen.connect(self._begin_with)
        self.steps.changed.connect(self.refresh)
        self.steps.started.connect(self.begin)
        self.steps.stopped.connect(self.watch.end)
        self.steps.looked_at.connect(self.starter.open_place)
        self.steps.streams.chosen.connect(
            lambda stream: self.starter.choose_stream(self.bar.chosen_configuration, stream)
        )
        self.steps.use.steered.connect(
            lambda command, text: self.starter.steer(self.state, command, text)
        )
        keys: dict[str, Callable[[], object]] = {
            f"Ctrl+{n}": partial(self.steps.choose, step) for n, step in enumerate(STEPS, start=1)
        }
        keys |= {
            "Ctrl+Return": self.steps.start,
            "Ctrl+N": self.bar.subject.setFocus,
            "Ctrl+,": self.open_settings,
            "F5": partial(self.watch.do, lambda: None),
        }
        self._shortcuts = [QShortcut(QKeySequence(key), self) for key in keys]
        for shortcut, act in zip(self._shortcuts, keys.values(), strict=True):
            shortcut.activated.connect(act)

    def start(self) -> None:
        """Look at the folder from now on."""
        self.watch.start()
        # In the thread that waits: the form opens at once when it is asked for.
        self.watch.do(load_form)

    def _see(self, lab: LabContents, jobs: list[Job]) -> None:
        lab = while_recorded(lab, jobs)
        monitors = tuple(screen.name() for screen in QGuiApplication.screens())
        self.state = self._with(lab=lab, jobs=tuple(jobs), now=time.time(), monitors=monitors)
        if not self._has_looked:
            self._has_looked = True
            self._choose_first(lab)
            self.refresh()
            if self.bar.chosen_subject:
                self.steps.take_focus()
            else:
                self.bar.subject.setFocus()
        else:
            self.refresh()
        self.starter.open_panel(self.state, is_wanted=self.steps.use.panel.isChecked())

    def _choose_first(self, lab: LabContents) -> None:
        """Go on with the subject of the last run, or of what runs, if none is chosen yet."""
        if self.bar.chosen_subject:
            return
        running = self.state.session
        known = [run for run in lab.runs if run.subject != NOBODY]
        newest = max(known, key=lambda run: run.began, default=None)
        if running is not None:
            self.bar.choose_subject(running.record.subject)
        elif newest is not None:
            self.bar.choose_subject(newest.subject)

    def refresh(self) -> None:
        """Show how everything stands."""
        choice = Choice(
            subject=self.bar.chosen_subject,
            configuration=self.bar.chosen_configuration,
            run=self._run,
        )
        self.state = state = self._with(choice=self.steps.taken_by(choice))
        was_first = self.pages.currentWidget() is self.first
        is_empty = not (state.lab.runs or state.lab.configurations or state.jobs)
        if self.pages.currentWidget() is not self.settings:
            self.pages.setCurrentIndex(int(is_empty and self._has_looked))
        self.history.show_lab(state.lab, choice.subject)
        self.bar.show_state(state)
        configuration = state.choice.configuration_in(state.lab)
        stream = "" if configuration is None else configuration.stream
        if (choice.subject, stream) != self._looked_at:
            # How the electrodes of another head were says nothing of this one, nor does a reason.
            self._looked_at = choice.subject, stream
            self.steps.reason.line.clear()
            choice = self.steps.taken_by(choice)
            self.state = state = self._with(choice=choice, electrodes=Electrodes())
        self.steps.show_cards(cards_of(state), state)
        looks = self.steps.open_step == "electrodes" and state.session is None
        self.electrodes.follow(stream if looks else "")
        if was_first and not is_empty:
            self.steps.take_focus()

    def _look_at(self, run: Path | None) -> None:
        """Show what came of a session that was chosen in the history, unless another one runs."""
        self._run = run
        self.refresh()
        if run is not None and self.state.session is None:
            self.steps.show_step("afterwards")

    def _with(self, **changed: Any) -> LabState:
        return msgspec.structs.replace(self.state, **changed)

    def open_settings(self) -> None:
        """Show the chosen configuration as a form, in the place of everything else."""
        path = self.bar.chosen_configuration
        if path is None:
            return
        try:
            self.settings.open(path)
        except BciError as error:
            self.say(str(error))
            return
        self.pages.setCurrentWidget(self.settings)
        self._let_keys_act(False)

    def _leave_settings(self) -> None:
        self.pages.setCurrentIndex(0)
        self._let_keys_act(True)
        self.refresh()
        self.bar.settings_button.setFocus()

    def _let_keys_act(self, acts: bool) -> None:
        """Let the keys of the steps act while the steps are there, and only then."""
        for shortcut in self._shortcuts:
            shortcut.setEnabled(acts)

    def say(self, text: str) -> None:
        """Show why something is not done; an empty text takes it away."""
        self.alarm.setText(text)
        self.alarm.setVisible(bool(text))

    def begin(self, action: Action) -> None:
        """Start an action's command."""
        self.say("")
        if action.name in SESSIONS:
            # What comes of it is of interest then.
            self._run = None
        self.watch.begin(action)

    def _begin_with(self, kind: str) -> None:
        if not self.bar.chosen_subject:
            self.bar.choose_subject(FIRST_SUBJECT)
        self.say("")
        self.starter.begin_with(kind, self.bar.chosen_subject)

    def _judge(self, electrodes: Electrodes) -> None:
        before, self.state = self.state, self._with(electrodes=electrodes)
        if electrodes != before.electrodes and electrodes.n_channels:
            self.refresh()

    def use_theme(self, theme: Theme) -> None:
        """Show the same in other colours; what is typed stays."""
        self.setPalette(palette_of(theme))
        self.setStyleSheet(style_sheet(theme))
        self.history.use_theme(theme)
        self.steps.use_theme(theme)

    def close_at_once(self) -> None:
        """Close without a question."""
        self._may_lose = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Look no more; what was started goes on."""
        if self.settings.is_edited and not self._may_lose:
            event.ignore()
            ask_about_settings(self, self._texts, self.settings.save, self.close_at_once)
            return
        self.hide()
        self.electrodes.close_reader()
        self.notes.keep()
        self.watch.close()
        super().closeEvent(event)
