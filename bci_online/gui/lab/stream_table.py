"""The streams of the network, one of which is the amplifier."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bci_online.gui.lab.texts import Texts
from bci_online.lab.jobs import Job

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
        self._rows: tuple[dict[str, Any], ...] = ()
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
        self.button = QPushButton(texts("amplifier.use"))
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
        rows = () if job is None or job.is_running else job.news.rows
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
        eeg = next((n for n, row in enumerate(rows) if row.get("type") == "EEG"), None)
        if eeg is not None:
            self.table.selectRow(eeg)
        self._allow()

    def _cells(self, row: dict[str, Any]) -> tuple[str, ...]:
        measured, offset = row.get("measured_sfreq"), row.get("offset")
        return (
            str(row.get("name", "")),
            str(row.get("type", "")),
            str(row.get("n_channels", "")),
            f"{row.get('sfreq') or 0:g}",
            "–" if measured is None else f"{measured:.2f}",
            "–" if offset is None else f"{1000 * offset:.1f} ms",
            "; ".join(map(str, row.get("findings", ()))) or self._texts("amplifier.fine"),
        )

    def _allow(self) -> None:
        self.button.setEnabled(bool(self.table.selectedItems()))

    def _choose(self) -> None:
        place = self.table.currentRow()
        if 0 <= place < len(self._rows):
            row = self._rows[place]
            self.chosen.emit(str(row.get("source_id") or row.get("name", "")))
