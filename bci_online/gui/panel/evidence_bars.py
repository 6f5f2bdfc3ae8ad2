"""The evidence of the open trial: the likeliest symbols, and the threshold of a decision.

In a calibration that ends once it promises enough: how far it is.
"""

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from bci_online.gui.fonts import Typeface
from bci_online.gui.panel.shades import shade
from bci_online.gui.themes import Theme
from bci_online.messages import DecisionLine, TrialEvidence

__all__ = ["EvidenceBars"]

TEXT_PX, SMALL_PX, ROW_PX, AXIS_PX = 13, 11, 24, 34
VALUE_PX, GAP_PX = 54, 8
MOST_ROWS = 8
LOWEST = 0.01
TICKS = (0.01, 0.1, 0.5, 0.9, *(1 - 0.1**nines for nines in range(2, 16)))
TICK_PX = 44


class EvidenceBars(QWidget):
    """One bar per symbol, on an axis of log-odds: error rates may be 5 % or one in a million.

    Parameters
    ----------
    theme : Theme
        Colours.
    typeface : Typeface
        Font.

    See Also
    --------
    bci_online.messages.decisions.TrialEvidence : What it shows.
    """

    def __init__(self, theme: Theme, typeface: Typeface) -> None:
        super().__init__()
        self._theme, self._typeface = theme, typeface
        self._evidence: TrialEvidence | None = None
        self._decision: DecisionLine | None = None
        self._instead: tuple[str, float | None] = "", None

    def show_evidence(self, evidence: TrialEvidence | None, decision: DecisionLine | None) -> None:
        """Show evidence and decision of the open trial."""
        if (evidence, decision) != (self._evidence, self._decision):
            self._evidence, self._decision = evidence, decision
            self.update()

    def show_instead(self, words: str, progress: float | None) -> None:
        """Show a text where there is no evidence, and above it how far something is (0 to 1)."""
        if (words, progress) != self._instead:
            self._instead = words, progress
            self.update()

    def take_rows(self, n_rows: int) -> None:
        """Set the height to that of so many bars, at most 8."""
        self.setFixedHeight(min(n_rows, MOST_ROWS) * ROW_PX + AXIS_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all of it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.ground))
        painter.setFont(self._typeface.font(TEXT_PX))
        if self._evidence is None:
            self._paint_instead(painter, *self._instead)
        else:
            self._paint_bars(painter, self._evidence)
        painter.end()

    def _paint_instead(self, painter: QPainter, words: str, progress: float | None) -> None:
        room = QRectF(self.rect())
        if progress is not None:
            colour = self._theme.decision if progress >= 1 else self._theme.quiet
            bar = QRectF(0, room.center().y() - ROW_PX, room.width(), ROW_PX - 10)
            painter.fillRect(bar, shade(self._theme, 0.07))
            painter.fillRect(
                QRectF(0, bar.top(), progress * bar.width(), bar.height()), QColor(colour)
            )
            room.setTop(bar.bottom())
        painter.setPen(QColor(self._theme.quiet))
        wrapped = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        painter.drawText(room, wrapped, words)

    def _paint_bars(self, painter: QPainter, evidence: TrialEvidence) -> None:
        n_rows = max(1, min(MOST_ROWS, (self.height() - AXIS_PX) // ROW_PX))
        shown = list(evidence.posterior.items())[:n_rows]
        metrics = painter.fontMetrics()
        name_px = max([24, *(metrics.horizontalAdvance(symbol) for symbol, _ in shown)]) + GAP_PX
        left, width = name_px, self.width() - name_px - VALUE_PX - 2 * GAP_PX
        decided = None if self._decision is None else self._decision.value
        for place, (symbol, probability) in enumerate(shown):
            top = place * ROW_PX
            painter.setPen(QColor(self._theme.text))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, name_px, ROW_PX), int(middle), symbol)
            share = _place(probability, evidence.threshold)
            bar = QRectF(left, top + 5, width * share, ROW_PX - 10)
            reached = probability >= evidence.threshold or symbol == decided
            painter.fillRect(QRectF(left, top + 5, width, ROW_PX - 10), shade(self._theme, 0.07))
            painter.fillRect(bar, QColor(self._theme.decision if reached else self._theme.quiet))
            value = QRectF(left + width + GAP_PX, top, VALUE_PX, ROW_PX)
            painter.drawText(value, int(middle), _text(probability))
        area = QRectF(left, 0, width, len(shown) * ROW_PX)
        self._paint_axis(painter, area, evidence.threshold)

    def _paint_axis(self, painter: QPainter, area: QRectF, threshold: float) -> None:
        """Draw the threshold through the bars, and the axis beneath them."""
        x = area.left() + area.width() * _place(threshold, threshold)
        painter.setPen(QPen(QColor(self._theme.cue), 2))
        painter.drawLine(int(x), int(area.top()), int(x), int(area.bottom()))
        painter.setFont(self._typeface.font(SMALL_PX))
        painter.setPen(QColor(self._theme.quiet))
        free = -math.inf
        for tick in TICKS:
            share = _place(tick, threshold)
            x = area.left() + area.width() * share
            if x < free or share >= 1:
                continue
            free = x + TICK_PX
            painter.drawLine(int(x), int(area.bottom()), int(x), int(area.bottom()) + 4)
            room = QRectF(x - TICK_PX, area.bottom() + 4, 2 * TICK_PX, 14)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, _text(tick))
        words = QRectF(area.left(), area.bottom() + 17, area.width(), 15)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, "posterior")
        painter.setPen(QColor(self._theme.cue))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, f"decides at {_text(threshold)}")


def _place(probability: float, threshold: float) -> float:
    """Return where a probability is on the axis, from 0 to 1; the threshold is well inside."""
    lowest, highest = _log_odds(LOWEST), _log_odds(max(0.999, 1 - 0.1 * (1 - threshold)))
    return min(max((_log_odds(probability) - lowest) / (highest - lowest), 0.0), 1.0)


def _log_odds(probability: float) -> float:
    inside = min(max(probability, 1e-15), 1 - 1e-15)
    return math.log(inside / (1 - inside))


def _text(probability: float) -> str:
    """Return a probability in three digits, or what it lacks to 1 where that is less."""
    lacking = 1 - probability
    if 1e-3 <= probability <= 1 - 0.9e-3 or lacking > 0.5:
        return f"{probability:.3g}" if probability >= 1e-3 else "0"
    return f"1−{lacking:.0e}".replace("e-0", "e−").replace("e-", "e−") if lacking > 0 else "1"
