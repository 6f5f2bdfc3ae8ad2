"""The electrodes as they are now: on the head, as traces, and what to do about each bad one."""

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bci_online.gui.fonts import Typeface
from bci_online.gui.lab.style import raised
from bci_online.gui.lab.texts import Texts, scalp_word
from bci_online.gui.themes import Theme
from bci_online.lab.lab_state import Electrodes

if TYPE_CHECKING:
    from bci_online.gui.panel.signal_figures import SignalFigures
    from bci_online.gui.panel.signal_reader import SignalReader
    from bci_online.gui.panel.traces import Traces
    from bci_online.messages import StreamSpec

__all__ = ["ElectrodesView"]

FRAME_MS = 66
MOST_ADVICE = 6


class ElectrodesView(QWidget):
    """Reads an amplifier while it is shown, and judges its channels.

    Parameters
    ----------
    theme : Theme
        Colours.
    texts : Texts
        In the language of who uses it.
    make_reader : callable
        Returns a reader of a stream, given its name; called in a thread, because it loads for a
        second.

    See Also
    --------
    bci_online.gui.panel.scalp_map.ScalpMap : The head.
    bci_online.gui.panel.signal_reader.SignalReader : Reads.
    """

    judged = Signal(object)
    """How the electrodes are."""
    _loaded = Signal()

    def __init__(
        self, theme: Theme, texts: Texts, make_reader: "Callable[[str], SignalReader]"
    ) -> None:
        super().__init__()
        self._theme = raised(theme)
        self._texts, self._make_reader = texts, make_reader
        self._stream = ""
        self._reader: SignalReader | None = None
        self._spec: StreamSpec | None = None
        self._traces: Traces | None = None
        self.advice = QLabel(texts("electrodes.waits"))
        self.advice.setWordWrap(True)
        self.advice.setTextFormat(Qt.TextFormat.PlainText)
        self._row = QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._row)
        column.addWidget(self.advice)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._loaded.connect(self._build)

    def use_theme(self, theme: Theme) -> None:
        """Show the same in other colours; the traces begin again."""
        self._theme = raised(theme)
        if self._traces is None:
            return
        for part in (self.scalp, self._traces):
            self._row.removeWidget(part)
            part.deleteLater()
        self._make_parts()
        if self._spec is not None:
            self._traces.open(self._spec)

    def follow(self, stream: str) -> None:
        """Read a stream from now on; an empty name ends it."""
        if stream == self._stream:
            return
        self.close_reader()
        self._stream = stream
        if stream:
            threading.Thread(target=self._load, args=(stream,), daemon=True).start()

    def _load(self, stream: str) -> None:
        """Load what reads and draws, in a thread: the window goes on."""
        import bci_online.gui.panel.scalp_map
        import bci_online.gui.panel.traces  # noqa: F401 - both are loaded here and used later

        reader = self._make_reader(stream)
        # A card that is closed and opened again meanwhile has another thread for the same stream.
        if stream == self._stream and self._reader is None:
            self._reader = reader
            reader.start()
            self._loaded.emit()

    def _build(self) -> None:
        if self._traces is None:
            self._make_parts()
        self._timer.start(FRAME_MS)

    def _make_parts(self) -> None:
        from bci_online.gui.panel.scalp_map import ScalpMap
        from bci_online.gui.panel.traces import Traces

        typeface = Typeface()
        self.scalp = ScalpMap(self._theme, typeface, partial(scalp_word, self._texts))
        self._traces = Traces(self._theme, typeface, self._texts("scalp.no_signal"))
        height = 13 * self.fontMetrics().height()
        for part, share in ((self.scalp, 4), (self._traces, 5)):
            part.setFixedHeight(height)
            self._row.addWidget(part, share)

    def _tick(self) -> None:
        from bci_online.gui.panel.signal_figures import SignalFigures
        from bci_online.messages import Reading, Status, StreamSpec

        if self._reader is None or self._traces is None:
            return
        for news in self._reader.news():
            match news:
                case StreamSpec():
                    self._spec = news
                    self._traces.open(news)
                case SignalFigures():
                    self._judge(news)
                case Reading():
                    self._traces.read(news)
                case Status():
                    self.advice.setText(news.text.removeprefix("this panel: "))
                    self.judged.emit(Electrodes())
        self._traces.refresh()

    def _judge(self, figures: "SignalFigures") -> None:
        from bci_online.messages import unit_name
        from bci_online.preprocessing.quality import faults_found

        if self._spec is None:
            return
        taking_part = set(self._spec.eeg_names)
        judged = [one for one in figures.qualities if one.name in taking_part]
        found = faults_found(judged, self._spec.unit)
        wrong = {
            name: self._texts(f"fault.{fault.kind}", value=f"{fault.value:.0f}")
            for name, fault in found.items()
        }
        self.scalp.judge(judged, wrong, unit_name(self._spec.unit))
        if self._traces is not None:
            self._traces.judge(figures, wrong)
        lines = [
            f"{name}: {wrong[name]} – {self._texts(f'advice.{fault.kind}')}"
            for name, fault in list(found.items())[:MOST_ADVICE]
        ]
        if len(wrong) > MOST_ADVICE:
            lines.append(self._texts("electrodes.more", n=len(wrong) - MOST_ADVICE))
        lines = lines or [self._texts("electrodes.all_good")]
        known = [one.impedance_kohm for one in judged if one.impedance_kohm is not None]
        if known:
            low, high = f"{min(known):g}", f"{max(known):g}"
            lines.append(self._texts("electrodes.impedances", low=low, high=high))
        self.advice.setText("\n".join(lines))
        self.judged.emit(Electrodes(len(judged), wrong))

    def close_reader(self) -> None:
        """Read no more; how the electrodes were is still known."""
        self._timer.stop()
        reader, self._reader, self._stream = self._reader, None, ""
        if reader is not None:
            reader.stop()
