"""The scroller with the times of its samples: a reading goes in, a trace comes out."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bci_online.gui.fonts import Typeface
from bci_online.gui.panel.sample_times import CommonTime, SampleTimes
from bci_online.gui.panel.scroller import Scroller
from bci_online.gui.panel.signal_figures import SignalFigures
from bci_online.gui.themes import Theme
from bci_online.messages import EEG, Reading, StreamSpec

__all__ = ["Traces"]


class Traces(QWidget):
    """Traces of a stream without a session.

    Parameters
    ----------
    theme : Theme
        Colours.
    typeface : Typeface
        Font.
    waits : str
        What stands there before a signal came.

    See Also
    --------
    bci_online.gui.panel.scroller.Scroller : Draws them.
    """

    def __init__(self, theme: Theme, typeface: Typeface, waits: str = "no signal yet") -> None:
        super().__init__()
        self.scroller = Scroller(theme, typeface, waits)
        self._common, self._times = CommonTime(), SampleTimes(1.0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.scroller)

    def open(self, spec: StreamSpec) -> None:
        """Begin with a stream."""
        self._times = SampleTimes(spec.sfreq)
        self.scroller.open(spec)

    def read(self, reading: Reading) -> None:
        """Take what came of it."""
        for offset in reading.offsets:
            self._common.learn(offset)
        for chunk in reading.chunks:
            times, hole = self._times.of(self._common.of_chunk(EEG, chunk))
            self.scroller.push(chunk.data, times, hole=hole)

    def judge(self, figures: SignalFigures, wrong: Mapping[str, str]) -> None:
        """Show which channels are not good."""
        rms = np.array([quality.rms for quality in figures.qualities])
        self.scroller.judge(rms, [quality.name in wrong for quality in figures.qualities])

    def refresh(self) -> None:
        """Draw what came."""
        self.scroller.refresh()
