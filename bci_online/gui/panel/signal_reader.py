"""The EEG of a session, read in a separate thread: reading continues while a window hangs."""

import threading
import time
from collections import deque
from collections.abc import Callable

from bci_online.acquisition.source import Source
from bci_online.errors import BciError
from bci_online.gui.panel.signal_figures import SignalFigures, SignalMeter
from bci_online.messages import Reading, Status, StreamSpec

__all__ = ["SignalNews", "SignalReader"]

SignalNews = StreamSpec | Reading | SignalFigures | Status

READ_S = 0.1
JUDGE_EVERY_S = 1.0
AGAIN_S = 1.0
# Half a minute of readings: older signal is of no use to an operator.
MOST_WAITING = 1024
PATIENCE_S = 2.0


class SignalReader:
    """Reads a source until it is closed; samples that are not taken in time are skipped.

    Parameters
    ----------
    make_source : callable
        Returns a source, not yet open, or None while there is none; called again when the source
        was lost.

    Attributes
    ----------
    n_skipped : int
        Readings that were judged but not shown, because too many waited.

    See Also
    --------
    bci_online.gui.panel.protocols.Signal : What it is.
    """

    def __init__(self, make_source: Callable[[], Source | None]) -> None:
        self._make_source = make_source
        self._news: deque[SignalNews] = deque()
        self.n_skipped = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="panel's EEG", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def news(self) -> list[SignalNews]:
        """Return what came since the last time, the stream's description before its samples."""
        taken = []
        while self._news:
            taken.append(self._news.popleft())
        return taken

    def stop(self) -> None:
        """Read no more; twice is harmless."""
        self._stop.set()

    def close(self) -> None:
        """End the thread; while it still searches for its stream it may outlast this call."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            source = self._make_source()
            if source is None:
                self._stop.wait(READ_S)
                continue
            try:
                source.open()
                self._news.append(source.spec)
                self._read(source, SignalMeter(source.spec))
            except BciError as error:
                self._news.append(Status("warning", f"this panel: {error}"))
                self._stop.wait(AGAIN_S)
            finally:
                source.close()

    def _read(self, source: Source, meter: SignalMeter) -> None:
        judge_at = time.monotonic() + JUDGE_EVERY_S
        while not self._stop.is_set():
            reading = source.read(READ_S)
            if reading is None:
                self._stop.wait(AGAIN_S)
                return
            for chunk in reading.chunks:
                meter.push(chunk)
            if reading.markers or reading.offsets or reading.statuses:
                self._news.append(reading)
            elif reading.chunks:
                self._offer(reading)
            if time.monotonic() >= judge_at and reading.chunks:
                judge_at = time.monotonic() + JUDGE_EVERY_S
                figures = meter.figures()
                if figures is not None:
                    self._news.append(figures)

    def _offer(self, reading: Reading) -> None:
        if len(self._news) < MOST_WAITING:
            self._news.append(reading)
        else:
            self.n_skipped += 1
