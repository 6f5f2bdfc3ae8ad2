"""The streams of the network, one of which is the amplifier."""

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bci_online.gui.fonts import Typeface
from bci_online.gui.lab.push_button import PushButton
from bci_online.gui.lab.style import plain_tip, raised
from bci_online.gui.lab.texts import Texts, scalp_word
from bci_online.gui.themes import Theme
from bci_online.lab.job_record import Job

if TYPE_CHECKING:
    from bci_online.gui.panel.scalp_map import ScalpMap

__all__ = ["StreamTable"]

COLUMNS = (
    "name", "type", "channels", "nominal", "measured", "lost", "offset", "impedances", "findings",
)  # fmt: skip
MOST_ROWS = 5
HEAD_LINES = 12
UNKNOWN = "–"
NO_BREAK = "\N{NO-BREAK SPACE}"


class StreamTable(QWidget):
    """Shows the streams that a search has found, and lets one be chosen.

    Below them are the channels of the selected one on a head, and all that is wrong with it.

    Parameters
    ----------
    theme : Theme
        Colours.
    texts : Texts
        In the language of who uses it.

    See Also
    --------
    bci_online.acquisition.lsl.listing.StreamListing : What a row is made from.
    """

    chosen = Signal(str)
    """The source_id, or else the name, of the stream."""

    def __init__(self, theme: Theme, texts: Texts) -> None:
        super().__init__()
        self._theme, self._texts = theme, texts
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
        self.table.itemSelectionChanged.connect(self._show_selected)
        self.button = PushButton(texts("amplifier.use"))
        self.button.setObjectName("primary")
        self.button.clicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.details = QLabel()
        self.details.setObjectName("fact")
        self.details.setTextFormat(Qt.TextFormat.PlainText)
        self.details.setWordWrap(True)
        self.head: ScalpMap | None = None
        self._row = QHBoxLayout()
        self._row.addWidget(self.details, 1)
        column.addLayout(self._row)
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
        # Until all is new, the selected row would be one of the old ones.
        self._rows = ()
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate(self._cells(row)):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.table.setItem(place, column, item)
        self._rows = rows
        lines = min(len(rows), MOST_ROWS) * self.table.verticalHeader().defaultSectionSize()
        frame = 2 * self.table.frameWidth()
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + lines + frame)
        eeg = next((n for n, row in enumerate(rows) if row.type == "EEG"), None)
        if eeg is not None:
            self.table.selectRow(eeg)
        self._show_selected()

    def _cells(self, row: "_Stream") -> tuple[str, ...]:
        return (
            row.name,
            row.type,
            str(row.n_channels),
            f"{row.sfreq:g}",
            UNKNOWN if row.measured_sfreq is None else f"{row.measured_sfreq:.2f}",
            UNKNOWN if row.n_lost is None else str(row.n_lost),
            UNKNOWN if row.offset is None else f"{1000 * row.offset:.1f} ms",
            self._impedances(row) if row.ch_names else UNKNOWN,
            "; ".join(row.findings) or self._texts("amplifier.fine"),
        )

    def _impedances(self, row: "_Stream") -> str:
        known = [one for one in row.impedances if one is not None]
        if not known:
            return self._texts("amplifier.not_given")
        return self._texts("amplifier.kohm", low=f"{min(known):g}", high=f"{max(known):g}")

    def _show_selected(self) -> None:
        """Show the channels of the selected stream, and what is wrong with it."""
        place = self.table.currentRow()
        is_chosen = bool(self.table.selectedItems()) and 0 <= place < len(self._rows)
        self.button.setEnabled(is_chosen)
        names = self._rows[place].ch_names if is_chosen else ()
        self.details.setVisible(is_chosen)
        if is_chosen:
            self.details.setText(self._details(self._rows[place]))
        if self.head is None and names:
            self._make_head()
        if self.head is not None:
            self.head.setVisible(bool(names))
            self.head.place(names)

    def _details(self, row: "_Stream") -> str:
        lines = [f"{row.name}: {finding}" for finding in row.findings]
        if row.ch_names:
            kohm = dict(zip(row.ch_names, row.impedances, strict=False))
            names = "  ".join(
                name if kohm.get(name) is None else f"{name}{NO_BREAK}{kohm[name]:g}{NO_BREAK}kΩ"
                for name in row.ch_names
            )
            lines.append(self._texts("amplifier.channel_names", names=names))
            if not any(one is not None for one in row.impedances):
                lines.append(self._texts("amplifier.no_impedances"))
        return "\n".join(lines)

    def _make_head(self) -> None:
        # Only now: a window that searches for no amplifier needs no head.
        from bci_online.gui.panel.scalp_map import ScalpMap

        self.head = ScalpMap(raised(self._theme), Typeface(), partial(scalp_word, self._texts))
        self.head.setFixedHeight(HEAD_LINES * self.fontMetrics().height())
        self._row.insertWidget(0, self.head, 1)

    def use_theme(self, theme: Theme) -> None:
        """Show the same in other colours."""
        self._theme = theme
        if self.head is not None:
            self._row.removeWidget(self.head)
            self.head.deleteLater()
            self.head = None
            self._show_selected()

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
    n_lost: int | None = None
    ch_names: tuple[str, ...] = ()
    impedances: tuple[float | None, ...] = ()
    findings: tuple[str, ...] = ()


def _streams(job: Job) -> tuple[_Stream, ...]:
    """Return the streams that a search has found; another line is none."""
    found = []
    for row in job.news.rows:
        with suppress(msgspec.ValidationError):
            found.append(msgspec.convert(row, _Stream))
    return tuple(found)
