"""The operator's panel: one window on a running session, which it never delays."""

import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from bci_online.gui.fonts import Typeface
from bci_online.gui.panel.alarm_list import AlarmList
from bci_online.gui.panel.evidence_bars import EvidenceBars
from bci_online.gui.panel.figure_grid import FigureGrid
from bci_online.gui.panel.figure_wording import TITLES, groups_of
from bci_online.gui.panel.header_bar import HeaderBar
from bci_online.gui.panel.protocols import Session, Signal
from bci_online.gui.panel.sample_times import CommonTime, SampleTimes
from bci_online.gui.panel.scalp_map import ScalpMap
from bci_online.gui.panel.scroller import Scroller
from bci_online.gui.panel.shades import shade
from bci_online.gui.panel.signal_figures import SignalFigures
from bci_online.gui.panel.signal_reader import SignalNews
from bci_online.gui.panel.spectrum import Spectrum
from bci_online.gui.panel.watchdog import FrameFigures, Watchdog
from bci_online.gui.themes import THEMES, Theme
from bci_online.markers import Flash, Layout, SessionStarted, parse_marker
from bci_online.messages import EEG, CommandName, Marker, Reading, Status, StreamSpec, unit_name
from bci_online.notes import AnyNote, LateFrame, OperatorNote, ScreenWaits
from bci_online.preprocessing.quality import JUDGED_S, faults
from bci_online.session_state import SessionState
from bci_online.session_state.alarms import AlarmsSeen

__all__ = ["FRAMES", "FRAME_MS", "OperatorPanel"]

FRAME_MS = 33
WORDS_EVERY_S = 0.2
# A session that has ended still says how its recording was closed, then it says no more.
LAST_WORDS_S, IDLE_MS = 10.0, 500
FRAMES = "bci-online-frames"
"""The stream of the screen's frame intervals, read as markers."""

STYLE = """
QWidget {{ background: {0.ground}; color: {0.text}; font-size: 13px; }}
QLabel {{ color: {0.quiet}; }}
QPushButton {{ border: 1px solid {0.dim}; border-radius: 3px; padding: 5px 12px; }}
QPushButton:hover {{ border-color: {0.lit}; }}
QPushButton:pressed {{ background: {0.dim}; }}
QPushButton:disabled {{ color: {0.dim}; border-color: {1}; }}
QPushButton#abort:enabled {{ border-color: {0.cue}; color: {0.cue}; }}
QPushButton#start:enabled {{ border-color: {0.decision}; color: {0.decision}; }}
QLineEdit {{ border: 1px solid {0.dim}; border-radius: 3px; padding: 4px 6px; }}
QLineEdit:disabled {{ color: {0.dim}; border-color: {1}; }}
"""


class OperatorPanel(QWidget):
    """Receives and shows a session; sends a command only when a button is pressed.

    Parameters
    ----------
    session : Session
        Its messages, read whole.
    signal : Signal
        The EEG; where the window is late, samples may be skipped.
    clock : callable
        The clock of common times, in seconds.
    mains_hz : float
        The mains frequency that is marked in the spectrum, in Hz.
    theme : Theme
        Its colours.
    state : SessionState, optional
        The state that follows the session; None: one of the panel's own.

    See Also
    --------
    bci_online.session_state.state.SessionState : What it shows.
    """

    def __init__(
        self,
        session: Session,
        signal: Signal,
        clock: Callable[[], float] = time.monotonic,
        *,
        mains_hz: float = 50.0,
        theme: Theme = THEMES["dark"],
        state: SessionState | None = None,
    ) -> None:
        super().__init__()
        self._session, self._signal, self._clock = session, signal, clock
        self.state = SessionState() if state is None else state
        self.frames = FrameFigures()
        self._watchdog = Watchdog(self.state)
        self._common, self._times = CommonTime(), SampleTimes(1.0)
        self._spec: StreamSpec | None = None
        self._judged: SignalFigures | None = None
        self._newest: float | None = None
        self._words_at, self._said_at, self._is_over = 0.0, 0.0, False
        typeface = Typeface()
        self.setWindowTitle("BCI online: operator's panel")
        self.setStyleSheet(STYLE.format(theme, shade(theme, 0.15).name()))
        self.header = HeaderBar(theme, typeface, session.session, self.ask)
        self.scroller = Scroller(theme, typeface)
        self.spectrum = Spectrum(theme, typeface, mains_hz)
        self.evidence = EvidenceBars(theme, typeface)
        self.scalp = ScalpMap(theme, typeface)
        self.grid = FigureGrid(theme, typeface, TITLES)
        self.alarms = AlarmList(theme, typeface, self.acknowledge, self.note)
        self._captions = {name: QLabel() for name in ("eeg", "evidence")}
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Follow the session from now on, 30 times a second."""
        self._timer.start(FRAME_MS)

    def _lay_out(self) -> None:
        def titled(title: str | QLabel, widget: QWidget) -> QWidget:
            whole = QWidget()
            column = QVBoxLayout(whole)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            column.addWidget(QLabel(title) if isinstance(title, str) else title)
            column.addWidget(widget, 1)
            return whole

        right = self._right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(titled(self._captions["evidence"], self.evidence))
        column.addWidget(titled(f"quality of the last {JUDGED_S:g} s", self.scalp), 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 8, 14, 12)
        grid.setSpacing(12)
        grid.addWidget(self.header, 0, 0, 1, 3)
        grid.addWidget(titled(self._captions["eeg"], self.scroller), 1, 0, 1, 2)
        grid.addWidget(right, 1, 2)
        spectrum = titled("spectrum: median, 10–90 % of channels", self.spectrum)
        spectrum.setFixedWidth(262)
        grid.addWidget(spectrum, 2, 0)
        grid.addWidget(self.grid, 2, 1)
        alarms = titled("alarms", self.alarms)
        grid.addWidget(alarms, 2, 2)
        for part in (spectrum, self.grid, alarms):
            part.setFixedHeight(196)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(1, 1)

    def ask(self, command: CommandName) -> None:
        """Send a command to the session; a correction says of which trial."""
        offered = self.state.decisions.offered if command == "correct" else None
        self._session.send(command, "" if offered is None else str(offered.trial))

    def note(self, text: str) -> None:
        """Send a note for the recording."""
        self._session.send("note", text)

    def acknowledge(self) -> None:
        """Take all alarms as seen."""
        self.state.observe(AlarmsSeen(), self._clock())
        self._words_at = 0.0

    def tick(self) -> None:
        """Take everything that came, and show it."""
        now = self._clock()
        if not self._is_over:
            self._follow(now)
        if now >= self._words_at:
            self._words_at = now + WORDS_EVERY_S
            self._watchdog.check(now, self._session.missing, self._sample_age(now))
            self._show_words(now)

    def _follow(self, now: float) -> None:
        said, news = list(self._session.read()), self._signal.news()
        for message in said:
            self._said_at = now
            self.state.observe(message, now)
        for one in news:
            self._take(one, now)
        if news:
            self.scroller.refresh()
        if self.state.phase == "ended":
            # The last picture stays. The streams end now; that is not a fault to show.
            self._signal.stop()
            if now > self._said_at + LAST_WORDS_S:
                self._is_over = True
                self._session.close()
                self._timer.setInterval(IDLE_MS)

    def _take(self, news: SignalNews, now: float) -> None:
        match news:
            case StreamSpec():
                self._spec, self._times = news, SampleTimes(news.sfreq)
                self.scroller.open(news)
            case SignalFigures():
                self._judge(news)
            case Reading():
                self._read(news, now)
            case Status():
                self.state.observe(news, now)

    def _read(self, reading: Reading, now: float) -> None:
        for offset in reading.offsets:
            self._common.learn(offset)
        for chunk in reading.chunks:
            times, hole = self._times.of(self._common.of_chunk(EEG, chunk))
            self._newest = float(times[-1])
            self.scroller.push(chunk.data, times, hole=hole)
        for marker in reading.markers:
            self._mark(marker)
        for status in reading.statuses:
            if status.level != "info" and self.state.phase != "ended":
                self.state.observe(Status("warning", f"this panel: {status.text}"), now)

    def _mark(self, marker: Marker) -> None:
        if marker.stream == FRAMES:
            with suppress(ValueError):
                self.frames.push(float(marker.text))
            return
        event = parse_marker(marker.text)
        if event is None or isinstance(event, Layout | SessionStarted | ScreenWaits | LateFrame):
            return
        text = marker.text.rstrip("/")
        if isinstance(event, AnyNote):
            text = event.remark if isinstance(event, OperatorNote) else event.words
        time = self._common.of(marker.stream, marker.time)
        self.scroller.mark(time, text, is_word=not isinstance(event, Flash))

    def _judge(self, figures: SignalFigures) -> None:
        self._judged = figures
        stated = "unknown" if self._spec is None else self._spec.unit
        unit = "" if self._spec is None else unit_name(stated)
        judged = [one for one in figures.qualities if one.name in self._taking_part]
        wrong = faults(judged, stated)
        self.spectrum.judge(figures, unit)
        self.scalp.judge(judged, wrong, unit)
        rms = np.array([quality.rms for quality in figures.qualities])
        self.scroller.judge(rms, [quality.name in wrong for quality in figures.qualities])

    @property
    def _taking_part(self) -> frozenset[str]:
        """The channels that the engine judges; the EEG until the engine has named them."""
        if self.state.electrodes is not None:
            return frozenset(one.name for one in self.state.electrodes.channels)
        return frozenset(() if self._spec is None else self._spec.eeg_names)

    def _sample_age(self, now: float) -> float | None:
        return None if self._newest is None else now - self._newest

    def _show_words(self, now: float) -> None:
        state = self.state
        can_command = self._session.has_consumers
        self.header.show_session(state, now, can_command=can_command)
        sfreq = None if self._spec is None else self._spec.sfreq
        age = None if state.phase == "ended" else self._sample_age(now)
        self.grid.show_figures(groups_of(state, self.frames, self._judged, sfreq, age, now))
        self.alarms.show_alarms(state.alarms.open, state.began)
        self.alarms.allow_notes(can_command and state.phase != "ended")
        evidence = state.evidence
        self.evidence.show_evidence(evidence, state.decision)
        promised = state.letters.promised
        progress = None if promised is None else promised.progress
        self.evidence.show_instead(state.no_evidence, progress)
        stimuli = "windows" if state.is_imagery else "flashes"
        of = "" if evidence is None else f": trial {evidence.trial}, {evidence.flashes} {stimuli}"
        self._captions["evidence"].setText(f"evidence{of}")
        self._captions["eeg"].setText(self.scroller.caption())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the right column its share, and evidence and head theirs of it."""
        self.evidence.take_rows(self.height() // 130)
        self._right.setFixedWidth(min(max(380, round(0.27 * self.width())), 560))
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom, stretch, turn the page, acknowledge, correct what is offered."""
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Up: lambda: self.scroller.zoom(1),
            Qt.Key.Key_Down: lambda: self.scroller.zoom(-1),
            Qt.Key.Key_Left: lambda: self.scroller.stretch(1),
            Qt.Key.Key_Right: lambda: self.scroller.stretch(-1),
            Qt.Key.Key_PageDown: lambda: self.scroller.turn(1),
            Qt.Key.Key_PageUp: lambda: self.scroller.turn(-1),
            Qt.Key.Key_A: self.acknowledge,
            Qt.Key.Key_C: self.header.buttons["correct"].click,
        }
        action = keys.get(event.key())
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop following."""
        self._timer.stop()
        super().closeEvent(event)
