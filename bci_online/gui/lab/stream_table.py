"""The streams of the network, one of which is the amplifier."""

from contextlib import suppress

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.texts import Texts
from bci_online.lab.job_record import Job

__all__ = ["StreamTable"]

COLUMNS = "name", "type", "channels", "nominal", "measured", "offset", "findings"
MOST_ROWS = 6


class StreamTable(QWidget):
    """Shows the streams that a search has found, and lets one be chosen.

    Parameters
    ----------
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.acquisition.lsl.listing.StreamListing : What a row is made from.
    """

    chosen = Signal(str)
    """The source_id, or else the name, of the stream."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._rows: tuple[_Stream, ...] = ()
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels([texts(f"amplifier.{name}") for name in COLUMNS])
        self.table.setAccessibleName(texts("amplifier.table"))
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setStretchLastSection(True)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.itemActivated.connect(lambda _: self._choose())
        self.table.itemSelectionChanged.connect(self._allow)
        self.button = PushButton(texts("amplifier.use"))
        self.button.setObjectName("primary")
        self.button.clicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    @property
    def has_rows(self) -> bool:
        """Whether a stream can be chosen."""
        return bool(self._rows)

    def show_job(self, job: Job | None) -> None:
        """Show what the last search has found; an EEG is selected."""
        rows = () if job is None or job.is_running else _streams(job)
        self.setVisible(bool(rows))
        if rows == self._rows:
            return
        self._rows = rows
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate(self._cells(row)):
                self.table.setItem(place, column, QTableWidgetItem(text))
        lines = min(len(rows), MOST_ROWS) * self.table.verticalHeader().defaultSectionSize()
        frame = 2 * self.table.frameWidth()
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + lines + frame)
        eeg = next((n for n, row in enumerate(rows) if row.type == "EEG"), None)
        if eeg is not None:
            self.table.selectRow(eeg)
        self._allow()

    def _cells(self, row: "_Stream") -> tuple[str, ...]:
        return (
            row.name,
            row.type,
            str(row.n_channels),
            f"{row.sfreq:g}",
            "–" if row.measured_sfreq is None else f"{row.measured_sfreq:.2f}",
            "–" if row.offset is None else f"{1000 * row.offset:.1f} ms",
            "; ".join(row.findings) or self._texts("amplifier.fine"),
        )

    def _allow(self) -> None:
        self.button.setEnabled(bool(self.table.selectedItems()))

    def _choose(self) -> None:
        place = self.table.currentRow()
        if 0 <= place < len(self._rows):
            row = self._rows[place]
            self.chosen.emit(row.source_id or row.name)


class _Stream(msgspec.Struct, frozen=True):
    """A line of the search, as far as it is shown."""

    name: str
    type: str = ""
    source_id: str = ""
    n_channels: int = 0
    sfreq: float = 0.0
    measured_sfreq: float | None = None
    offset: float | None = None
    findings: tuple[str, ...] = ()


def _streams(job: Job) -> tuple[_Stream, ...]:
    """Return the streams that a search has found; another line is none."""
    found = []
    for row in job.news.rows:
        with suppress(msgspec.ValidationError):
            found.append(msgspec.convert(row, _Stream))
    return tuple(found)
