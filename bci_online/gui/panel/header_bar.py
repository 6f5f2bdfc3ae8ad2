"""The top line of the panel: the state of the session, and its buttons."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from bci_online.gui.fonts import Typeface
from bci_online.gui.panel.figure_wording import activity, duration
from bci_online.gui.themes import Theme
from bci_online.messages import CommandName
from bci_online.session_state import SessionState

__all__ = ["BUTTONS", "HeaderBar"]

STATE_PX, TEXT_PX, HEIGHT_PX = 20, 13, 44
BUTTONS: dict[CommandName, str] = {
    "start": "Start",
    "pause": "Pause",
    "undo": "Undo",
    "go_back": "Trained decoder",
    "correct": "",
    "finish": "Finish",
    "abort": "Abort now",
}
"""Commands, and what their buttons are called."""

MODES = {
    "calibration": "calibration",
    "copy": "copy spelling",
    "free": "free spelling",
    "feedback": "imagery with feedback",
}
# Elsewhere the screen has nothing to take back.
UNDOING = {"copy", "free"}
# A panel that is there in time receives the start within a moment.
LATE_S = 1.0


class _State(QWidget):
    """The state in one word, and what happens, in a few."""

    def __init__(self, theme: Theme, typeface: Typeface) -> None:
        super().__init__()
        self._theme, self._typeface = theme, typeface
        self.words = ("", "", "")
        self.alert = False

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        painter.fillRect(self.rect(), QColor(theme.ground))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        state, what, rest = self.words
        painter.setFont(self._typeface.font(STATE_PX))
        painter.setPen(QColor(theme.cue if self.alert else theme.text))
        width = painter.fontMetrics().horizontalAdvance(state)
        painter.drawText(QRectF(0, 0, width + 8, self.height()), middle, state)
        painter.setFont(self._typeface.font(TEXT_PX))
        painter.setPen(QColor(theme.text))
        room = QRectF(width + 18, 0, self.width() - width - 18, self.height())
        metrics = painter.fontMetrics()
        text = metrics.elidedText(what, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, middle, text)
        left = metrics.horizontalAdvance(text) + 16
        room.setLeft(room.left() + left)
        painter.setPen(QColor(theme.quiet))
        rest = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, max(0, int(room.width())))
        painter.drawText(room, middle, rest)
        painter.end()


class HeaderBar(QWidget):
    """State on the left, buttons on the right.

    Parameters
    ----------
    theme : Theme
        Colours.
    typeface : Typeface
        Font.
    session : str
        The session's name.
    ask : callable
        Called with the command of a button.

    See Also
    --------
    bci_online.gui.panel.window.OperatorPanel : The whole window.
    """

    def __init__(
        self, theme: Theme, typeface: Typeface, session: str, ask: Callable[[CommandName], None]
    ) -> None:
        super().__init__()
        self._session = session
        self._state = _State(theme, typeface)
        self.buttons: dict[CommandName, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._state, 1)
        for command, text in BUTTONS.items():
            button = QPushButton(text)
            button.setObjectName(command)
            button.setEnabled(False)
            button.clicked.connect(lambda _=False, command=command: ask(self._meant(command)))
            self.buttons[command] = button
            row.addWidget(button)
        for command in ("go_back", "correct"):
            self.buttons[command].hide()
        self._paused = False

    def _meant(self, command: CommandName) -> CommandName:
        return "resume" if command == "pause" and self._paused else command

    def show_session(self, state: SessionState, now: float, *, can_command: bool) -> None:
        """Show the session's state; the buttons work only while a session receives commands."""
        alert = state.phase == "lost" or bool(state.alarms.open)
        mode = MODES.get(state.mode, state.mode.replace("_", " "))
        elapsed = state.elapsed(now)
        time = "" if elapsed is None else duration(elapsed)
        what = " · ".join(part for part in (mode, activity(state) or state.reason) if part)
        listens = "" if can_command or state.phase == "ended" else "no session receives commands"
        late = _counted_from(state)
        parts = (time, f"session {self._session}", late, listens)
        rest = "   ".join(part for part in parts if part)
        words = (state.phase, what, rest)
        if (words, alert) != (self._state.words, self._state.alert):
            self._state.words, self._state.alert = words, alert
            self._state.update()
        self._paused = state.is_paused
        self.buttons["pause"].setText("Resume" if self._paused else BUTTONS["pause"])
        running = can_command and state.phase in {"running", "paused", "lost"}
        waits = state.status is not None and state.status.waits
        allowed = dict.fromkeys(BUTTONS, running)
        allowed["start"] = can_command and state.phase == "ready" and waits
        allowed["undo"] = running and state.mode in UNDOING
        allowed["go_back"] = running and state.is_followed
        self.buttons["go_back"].setVisible(state.is_followed)
        offer = state.decisions.offer if running else ""
        allowed["correct"] = bool(offer)
        self.buttons["correct"].setText(f"{offer} (C)")
        self.buttons["correct"].setVisible(bool(offer))
        allowed["abort"] = can_command and state.phase != "ended"
        for command, button in self.buttons.items():
            button.setEnabled(allowed[command])


def _counted_from(state: SessionState) -> str:
    """Return from when on a panel that was opened late has counted."""
    if state.began is None or state.since is None or state.since < state.began + LATE_S:
        return ""
    return f"counted from {duration(state.since - state.began)} on"
